import type { Metrics } from "@tandem/service";
import type { SipServer } from "./server.ts";
import type { SignallingEdge } from "./signalling/edge.ts";
import type { Transports } from "./signalling/transports.ts";

/** What `/metrics` shows of a SIP Server: read at each scrape, so that nothing is counted twice. */
export function registerMetrics(metrics: Metrics, server: SipServer): void {
  const { state, signalling, cti, names } = server;
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
  registerSignallingMetrics(gauge, signalling);
  gauge("names_asked", "Names that the name service was asked for.", () => names.counts.asked);
  gauge("names_empty", "Of them those that it does not know.", () => names.counts.empty);
}

type Gauge = (name: string, help: string, read: () => number) => void;

function registerSignallingMetrics(gauge: Gauge, signalling: SignallingEdge): void {
  const { counts, sources, transports } = signalling;
  gauge("sip_received", "SIP messages received.", () => counts.received);
  gauge("sip_sent", "SIP messages sent.", () => counts.sent);
  gauge("sip_malformed", "Messages dropped because they cannot be SIP.", () => counts.malformed);
  gauge("sip_challenged", "Requests challenged for credentials.", () => counts.challenged);
  gauge(
    "sip_limited",
    "Messages dropped because their source sends too many.",
    () => counts.limited,
  );
  gauge(
    "sip_ignored",
    "Messages dropped because their source is ignored for a while.",
    () => counts.ignored,
  );
  gauge("sip_ignored_sources", "Sources that are ignored now.", () =>
    sources.ignoredPlaces(performance.now()),
  );
  gauge("sip_proven_sources", "Sources that have shown who they are.", () =>
    sources.provenPlaces(),
  );
  gauge(
    "sip_overload",
    "Messages of strangers dropped because all of them together send too many.",
    () => counts.overload,
  );
  gauge("sip_digest_failures", "Wrong passwords.", () => counts.digestFailures);
  gauge("sip_replays", "Credentials that came again.", () => counts.replays);
  registerConnectionMetrics(gauge, transports);
}

function registerConnectionMetrics(gauge: Gauge, transports: Transports): void {
  const { connections, visitors, handshakes, counts } = transports;
  for (const transport of ["TCP", "TLS", "WS", "WSS"] as const) {
    const name = `sip_connections_${transport.toLowerCase()}`;
    gauge(name, `Open SIP connections over ${transport}.`, () => connections.count(transport));
  }
  const { counts: visits } = visitors;
  gauge("sip_connections_unproven", "Connections of strangers.", () => visitors.unproven());
  gauge("sip_connections_evicted", "Strangers closed for newer ones.", () => visits.evicted);
  gauge("sip_connections_idle", "Strangers closed because they said nothing.", () => visits.idle);
  gauge("sip_connections_refused", "Connections not accepted.", () => visits.refused);
  gauge("sip_slow_senders", "Closed in the middle of a message.", () => counts.slowSenders);
  gauge("sip_slow_readers", "Closed because they read nothing.", () => {
    return connections.counts.slowReaders;
  });
  gauge("tls_handshakes_waiting", "TLS handshakes that wait.", () => handshakes.waiting());
  gauge("tls_handshakes_delayed", "TLS handshakes that had to wait.", () => handshakes.delayed());
  gauge("tls_handshakes_refused", "TLS handshakes turned away.", () => handshakes.refused());
  gauge("tls_handshakes_failed", "TLS handshakes that failed.", () => counts.handshakesFailed);
  gauge("tls_untrusted", "Servers that did not prove who they are.", () => counts.untrusted);
  gauge("ws_upgrades_refused", "WebSockets refused.", () => counts.upgradesRefused);
  gauge("ws_foreign_frames", "Frames that were not one message.", () => counts.foreignFrames);
  gauge("sip_large_over_tcp", "Large requests sent over TCP.", () => counts.largeOverTcp);
  gauge("sip_large_refused", "Large requests that went as datagrams.", () => counts.largeRefused);
}
