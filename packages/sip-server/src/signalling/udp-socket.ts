import { createSocket, type Socket } from "node:dgram";
import type { FlowTarget, Flow } from "@tandem/switch";
import { isIpv6, plainHost } from "./address.ts";

/**
 * The UDP socket of the signalling edge. Bytes are latin1 both ways, so that every message
 * round-trips. Never `reuseAddr`: two owners would bind, and the last would take all.
 */
export interface UdpSocket {
  readonly send: (target: FlowTarget, text: string) => void;
  /** As bound: another than asked for, where that was 0. */
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** A datagram cannot carry more. */
const datagramBytesMax = 65_507;
const socketBufferBytes = 4_194_304;

export async function openUdp(
  host: string,
  port: number,
  receive: (text: string, flow: Flow) => void,
): Promise<UdpSocket> {
  const socket: Socket = createSocket({
    type: isIpv6(host) ? "udp6" : "udp4",
    ...(isIpv6(host) ? { ipv6Only: true } : {}),
    reuseAddr: false,
    lookup: literalAddress,
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.removeListener("error", reject);
      resolve();
    });
  });
  // Errors of single datagrams (an unreachable phone) are no reason to stop.
  socket.on("error", ignoreDatagramError);
  setBuffers(socket);
  socket.on("message", (bytes, remote) => {
    if (isKeepAlive(bytes)) return;
    receive(bytes.toString("latin1"), {
      transport: "UDP",
      name: "",
      localHost: host,
      localPort: port,
      remoteHost: plainHost(remote.address),
      remotePort: remote.port,
    });
  });
  return {
    send(target, text) {
      const bytes = Buffer.from(text, "latin1");
      if (bytes.length > datagramBytesMax || target.port === 0) return;
      socket.send(bytes, target.port, target.host); // a callback would cost a tick
    },
    port: socket.address().port,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

/** What phones send to keep a NAT's door open: line ends, or zeros. */
function isKeepAlive(bytes: Uint8Array): boolean {
  return bytes.length <= keepAliveBytesMax && bytes.every((byte) => byte <= 13);
}

const keepAliveBytesMax = 4;

function setBuffers(socket: Socket): void {
  try {
    socket.setRecvBufferSize(socketBufferBytes);
    socket.setSendBufferSize(socketBufferBytes);
  } catch {
    // The system's limit is smaller: the default stays.
  }
}

/** UDP promises nothing: transactions send again, and give up by their own timers. */
function ignoreDatagramError(): void {}

/** Targets are addresses; no name is ever looked up for a datagram. */
function literalAddress(
  hostname: string,
  _options: unknown,
  done: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void {
  done(null, hostname, hostname.includes(":") ? 6 : 4);
}
