/**
 * A flood from a thread of its own: so many requests a second from so many sockets, for so long.
 * Plain text with nothing repeated, as floods come.
 */
import { createSocket } from "node:dgram";
import { parentPort, workerData } from "node:worker_threads";

export interface FloodOrder {
  readonly method: string;
  readonly server: { readonly host: string; readonly port: number };
  /** One socket each. */
  readonly sources: readonly string[];
  readonly perSecond: number;
  readonly seconds: number;
}

const order = workerData as FloodOrder; // made by `flood`
const tickMs = 10;
let sent = 0;

const sockets = await Promise.all(
  order.sources.map(async (source) => {
    const socket = createSocket("udp4");
    socket.on("error", () => undefined); // a full buffer is as good as sent
    await new Promise<void>((resolve) => socket.bind(0, source, () => resolve()));
    return socket;
  }),
);
const began = performance.now();
const timer = setInterval(() => {
  const elapsed = performance.now() - began;
  const due = Math.floor((Math.min(elapsed, order.seconds * 1_000) * order.perSecond) / 1_000);
  for (; sent < due; sent += 1) sendOne();
  if (elapsed < order.seconds * 1_000) return;
  clearInterval(timer);
  for (const socket of sockets) socket.close();
  parentPort?.postMessage(sent);
}, tickMs);

function sendOne(): void {
  const socket = sockets[sent % sockets.length];
  const { host, port } = order.server;
  const user = 1_000 + (sent % 5_000);
  const text = [
    `${order.method} sip:${order.method === "REGISTER" ? "" : `${user}@`}${host} SIP/2.0`,
    `Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKflood${sent}`,
    "Max-Forwards: 70",
    `From: <sip:${user}@${host}>;tag=f${sent}`,
    `To: <sip:${user}@${host}>`,
    `Call-ID: flood-${sent}`,
    `CSeq: 1 ${order.method}`,
    "Contact: <sip:x@192.0.2.9>",
    "Content-Length: 0",
  ].join("\r\n");
  socket?.send(Buffer.from(`${text}\r\n\r\n`, "latin1"), port, host);
}
