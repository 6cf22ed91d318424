import type { FlowTarget, Transport } from "./input.ts";
import type { Turn } from "./turn.ts";

/**
 * Where this server says it is: in Via (RFC 3261 §18.1.1) and Contact (§8.1.1.8) of what it sends
 * to a target, by the target's transport and kind of address.
 */
export function sentBy(turn: Turn, target: FlowTarget): string {
  const { host, host6, port, ports } = turn.config;
  const isSix = host6 !== null && target.host.includes(":");
  return `${isSix ? `[${host6}]` : host}:${ports[target.transport] ?? port}`;
}

export function viaTo(turn: Turn, target: FlowTarget, branch: string): string {
  return `SIP/2.0/${target.transport} ${sentBy(turn, target)};branch=${branch};rport`;
}

/** `sip:host:port;transport=tcp`. WebSocket is `ws` in a URI, secure or not (RFC 7118 §5.4). */
export function ownUri(turn: Turn, target: FlowTarget, user?: string): string {
  const transport = uriTransport[target.transport];
  return `sip:${user === undefined ? "" : `${user}@`}${sentBy(turn, target)}${transport === "" ? "" : `;transport=${transport}`}`;
}

export function isReliable(transport: Transport): boolean {
  return transport !== "UDP";
}

const uriTransport: Readonly<Record<Transport, string>> = {
  UDP: "",
  TCP: "tcp",
  TLS: "tls",
  WS: "ws",
  WSS: "ws",
};
