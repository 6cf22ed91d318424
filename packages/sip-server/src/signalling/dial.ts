import { connect as connectTcp, isIP, type Socket, type TcpSocketConnectOpts } from "node:net";
import { connect as connectTls } from "node:tls";
import type { FlowTarget } from "@tandem/switch";
import { isIpv6 } from "./address.ts";
import { localHostFor, type Connection, type Ends, type FailureReason } from "./connections.ts";
import { identityFault, tlsVersionMin, type TlsMaterial } from "./tls-identity.ts";

/**
 * Connections of our own: TCP, and TLS to a server that proves to be the one we mean (RFC 5922).
 * Nobody can be dialled over a WebSocket: those who use them come to us (RFC 7118 §5).
 */
export interface DialOptions {
  readonly hosts: { readonly host: string; readonly host6: string | null; readonly port: number };
  readonly tls: TlsMaterial | null;
  /** The names by which the configuration means this address: what a certificate must speak for. */
  readonly namesOf: (host: string) => readonly string[];
  readonly adopt: (ends: Ends) => Connection;
  readonly carry: (socket: Socket, connection: Connection) => void;
  readonly onUntrusted: (host: string, why: string) => void;
}

const connectTimeoutMs = 2_000;

export function dial(options: DialOptions, target: FlowTarget): Connection | null {
  const localHost = localHostFor(options.hosts, target.host);
  const isDialled = target.transport === "TCP" || target.transport === "TLS";
  if (!isDialled || localHost === undefined || target.port === 0) return null;
  if (isIP(target.host) === 0) return null; // names are the resolver's
  const socket =
    target.transport === "TCP"
      ? connectTcp(placeFor(target, localHost))
      : openTls(options, target, localHost);
  const connection = options.adopt({
    transport: target.transport,
    localHost,
    localPort: options.hosts.port,
    remoteHost: target.host,
    remotePort: target.port,
  });
  let reason: FailureReason = "reset";
  const patience = setTimeout(() => {
    reason = "timeout";
    socket.destroy();
  }, connectTimeoutMs);
  socket.once(target.transport === "TCP" ? "connect" : "secureConnect", () => {
    clearTimeout(patience);
    connection.isCertified = target.transport === "TLS";
    options.carry(socket, connection);
  });
  socket.once("error", (error: NodeJS.ErrnoException) => {
    const isTrust = target.transport === "TLS" && error.syscall === undefined;
    if (isTrust) options.onUntrusted(target.host, error.message);
    if (error.code === "ECONNREFUSED" || isTrust) reason = "refused";
  });
  socket.on("error", () => socket.destroy());
  socket.once("close", () => {
    clearTimeout(patience);
    connection.closed(reason);
  });
  return connection;
}

function placeFor({ host, port }: FlowTarget, localAddress: string): TcpSocketConnectOpts {
  return { host, port, localAddress, family: isIpv6(host) ? 6 : 4 };
}

function openTls(options: DialOptions, target: FlowTarget, localAddress: string): Socket {
  const known = options.namesOf(target.host);
  const names = [...known, target.host];
  const servername = known.find((name) => isIP(name) === 0);
  const { tls } = options;
  return connectTls({
    ...placeFor(target, localAddress),
    minVersion: tlsVersionMin,
    ...(tls === null ? {} : { key: tls.key, cert: tls.certificate }),
    ...(tls === null || tls.authorities.length === 0 ? {} : { ca: [...tls.authorities] }),
    ...(servername === undefined ? {} : { servername }),
    rejectUnauthorized: true,
    checkServerIdentity: (_host, certificate) => identityFault(certificate, names),
  });
}
