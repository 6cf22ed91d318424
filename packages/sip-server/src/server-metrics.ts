import type { Metrics } from "@tandem/service";
import type { SipServer } from "./server.ts";
import type { SignallingEdge } from "./signalling/edge.ts";
import type { Transports } from "./signalling/transports.ts";

/** What `/metrics` shows of a SIP Server: read at each scrape, so that nothing is counted twice. */
export function registerMetrics(metrics: Metrics, server: SipServer): void {
  const { cti, names } = server;
  const gauge = (name: string, help: string, read: () => number): void => {
    metrics.gauge(`tandem_${name}`, help, read);
  };
  gauge("calls", "Calls in the machine.", () => server.state.calls.size);
  gauge("transactions", "SIP transactions in the machine.", () => server.state.transactions.size);
  gauge("dialogs", "SIP dialogs in the machine.", () => server.state.dialogs.size);
  gauge("timers", "Timers armed in the machine.", () => server.state.timers.armed.size);
  gauge("agents", "Agents logged in here.", () => server.state.agents.size);
  gauge("sessions", "T-Library sessions.", () => server.state.sessions.size);
  gauge("dns_in_service", "DNs whose phone is registered and answers.", () => {
    let count = 0;
    for (const dn of server.state.dns.values()) if (dn.inService) count += 1;
    return count;
  });
  gauge("peer_in_service", "1 while the peer answers.", () => (server.state.peer.isAlive ? 1 : 0));
  gauge("epoch", "The epoch of the view.", () => server.state.epoch);
  const serves = (isIt: boolean): number => (isIt ? 1 : 0);
  gauge("serving", "1 while this node serves.", () => serves(server.isServing()));
  gauge("pair_ready", "1 while it is safe to switch over.", () => serves(server.isReady()));
  gauge("link_bytes_sent", "Bytes sent to the other node.", () => server.linkBytesSent());
  gauge("sip_connections", "Open SIP connections.", () => server.edge()?.connections() ?? 0);
  gauge("cti_connections", "Open T-Library connections.", () => cti.count());
  registerSignallingMetrics(gauge, server);
  gauge("names_asked", "Names that the name service was asked for.", () => names.counts.asked);
  gauge("names_empty", "Of them those that it does not know.", () => names.counts.empty);
}

type Gauge = (name: string, help: string, read: () => number) => void;

/** Of the edge while there is one: a node that does not serve counts nothing. */
function registerSignallingMetrics(plain: Gauge, server: SipServer): void {
  type Read = (edge: SignallingEdge) => number;
  const gauge = (name: string, help: string, read: Read): void =>
    plain(name, help, () => {
      const edge = server.edge();
      return edge === null ? 0 : read(edge);
    });
  gauge("sip_received", "SIP messages received.", ({ counts }) => counts.received);
  gauge("sip_sent", "SIP messages sent.", ({ counts }) => counts.sent);
  gauge(
    "sip_malformed",
    "Messages dropped because they cannot be SIP.",
    ({ counts }) => counts.malformed,
  );
  gauge(
    "sip_challenged",
    "Requests challenged for credentials.",
    ({ counts }) => counts.challenged,
  );
  gauge(
    "sip_limited",
    "Messages dropped because their source sends too many.",
    ({ counts }) => counts.limited,
  );
  gauge(
    "sip_ignored",
    "Messages dropped because their source is ignored for a while.",
    ({ counts }) => counts.ignored,
  );
  gauge("sip_ignored_sources", "Sources that are ignored now.", ({ sources }) =>
    sources.ignoredPlaces(performance.now()),
  );
  gauge("sip_proven_sources", "Sources that have shown who they are.", ({ sources }) =>
    sources.provenPlaces(),
  );
  gauge(
    "sip_overload",
    "Messages of strangers dropped because all of them together send too many.",
    ({ counts }) => counts.overload,
  );
  gauge("sip_digest_failures", "Wrong passwords.", ({ counts }) => counts.digestFailures);
  gauge("sip_replays", "Credentials that came again.", ({ counts }) => counts.replays);
  registerConnectionMetrics(gauge);
}

type EdgeGauge = (name: string, help: string, read: (edge: SignallingEdge) => number) => void;

function registerConnectionMetrics(edge: EdgeGauge): void {
  const gauge = (name: string, help: string, read: (transports: Transports) => number): void =>
    edge(name, help, ({ transports }) => read(transports));
  for (const transport of ["TCP", "TLS", "WS", "WSS"] as const) {
    const name = `sip_connections_${transport.toLowerCase()}`;
    gauge(name, `Open SIP connections over ${transport}.`, ({ connections }) =>
      connections.count(transport),
    );
  }
  gauge("sip_connections_unproven", "Connections of strangers.", ({ visitors }) =>
    visitors.unproven(),
  );
  gauge(
    "sip_connections_evicted",
    "Strangers closed for newer ones.",
    ({ visitors }) => visitors.counts.evicted,
  );
  gauge(
    "sip_connections_idle",
    "Strangers closed because they said nothing.",
    ({ visitors }) => visitors.counts.idle,
  );
  gauge(
    "sip_connections_refused",
    "Connections not accepted.",
    ({ visitors }) => visitors.counts.refused,
  );
  gauge(
    "sip_slow_senders",
    "Closed in the middle of a message.",
    ({ counts }) => counts.slowSenders,
  );
  gauge(
    "sip_slow_readers",
    "Closed because they read nothing.",
    ({ connections }) => connections.counts.slowReaders,
  );
  gauge("tls_handshakes_waiting", "TLS handshakes that wait.", ({ handshakes }) =>
    handshakes.waiting(),
  );
  gauge("tls_handshakes_delayed", "TLS handshakes that had to wait.", ({ handshakes }) =>
    handshakes.delayed(),
  );
  gauge("tls_handshakes_refused", "TLS handshakes turned away.", ({ handshakes }) =>
    handshakes.refused(),
  );
  gauge(
    "tls_handshakes_failed",
    "TLS handshakes that failed.",
    ({ counts }) => counts.handshakesFailed,
  );
  gauge(
    "tls_untrusted",
    "Servers that did not prove who they are.",
    ({ counts }) => counts.untrusted,
  );
  gauge("ws_upgrades_refused", "WebSockets refused.", ({ counts }) => counts.upgradesRefused);
  gauge(
    "ws_foreign_frames",
    "Frames that were not one message.",
    ({ counts }) => counts.foreignFrames,
  );
  gauge("sip_large_over_tcp", "Large requests sent over TCP.", ({ counts }) => counts.largeOverTcp);
  gauge(
    "sip_large_refused",
    "Large requests that went as datagrams.",
    ({ counts }) => counts.largeRefused,
  );
}
