import type { Metrics } from "@tandem/service";
import type { SipServer } from "./server.ts";

/** What `/metrics` shows of a SIP Server: read at each scrape, so that nothing is counted twice. */
export function registerMetrics(metrics: Metrics, server: SipServer): void {
  const { state, signalling, cti } = server;
  const gauge = (name: string, help: string, read: () => number): void => {
    metrics.gauge(`tandem_${name}`, help, read);
  };
  gauge("calls", "Calls in the machine.", () => state.calls.size);
  gauge("transactions", "SIP transactions in the machine.", () => state.transactions.size);
  gauge("dialogs", "SIP dialogs in the machine.", () => state.dialogs.size);
  gauge("timers", "Timers armed in the machine.", () => state.timers.armed.size);
  gauge("agents", "Agents logged in here.", () => state.agents.size);
  gauge("sessions", "T-Library sessions.", () => state.sessions.size);
  gauge("dns_in_service", "DNs whose phone is registered and answers.", () => {
    let count = 0;
    for (const dn of state.dns.values()) if (dn.inService) count += 1;
    return count;
  });
  gauge("peer_in_service", "1 while the peer answers.", () => (state.peer.isAlive ? 1 : 0));
  gauge("epoch", "The epoch of the view.", () => state.epoch);
  gauge("sip_connections", "Open SIP connections.", () => signalling.connections());
  gauge("cti_connections", "Open T-Library connections.", () => cti.count());
  const { counts } = signalling;
  gauge("sip_received", "SIP messages received.", () => counts.received);
  gauge("sip_sent", "SIP messages sent.", () => counts.sent);
  gauge("sip_malformed", "Messages dropped because they cannot be SIP.", () => counts.malformed);
  gauge("sip_challenged", "Requests challenged for credentials.", () => counts.challenged);
  gauge(
    "sip_limited",
    "Messages dropped because their source sends too many.",
    () => counts.limited,
  );
}
