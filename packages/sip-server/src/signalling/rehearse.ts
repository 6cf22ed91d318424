import { createSocket } from "node:dgram";
import { openSignalling, type SignallingOptions } from "./edge.ts";

/**
 * A node of a pair opens its doors once before anybody needs them, on a loopback address and ports
 * of nobody, and answers a few requests of its own. What is wrong with its certificates shows at
 * its start and not at a takeover, and code that has run is faster than code that has not.
 */
export async function rehearse(options: SignallingOptions): Promise<void> {
  const ports = Object.fromEntries(Object.keys(options.ports ?? {}).map((each) => [each, 0]));
  const edge = await openSignalling({
    ...options,
    host,
    host6: null,
    port: 0,
    ports,
    isServing: () => true,
    submit: () => undefined,
  });
  try {
    const at = edge.transports.boundPort();
    if (at !== null) await converse(at);
  } finally {
    await edge.close();
  }
}

const host = "127.0.0.1";
const requests = 200;
const patienceMs = 500;

/** Requests of a stranger, until all are answered; an answer that stays away is no matter. */
async function converse(port: number): Promise<void> {
  const socket = createSocket("udp4");
  let answers = 0;
  await new Promise<void>((resolve) => {
    const patience = setTimeout(resolve, patienceMs);
    const sendNext = (): void => {
      if (answers < requests) return socket.send(requestOf(answers), port, host);
      clearTimeout(patience);
      resolve();
    };
    socket.on("message", () => {
      answers += 1;
      sendNext();
    });
    socket.on("error", () => undefined); // then nothing is answered
    socket.bind(0, host, sendNext);
  });
  socket.close();
}

function requestOf(number: number): string {
  return [
    `REGISTER sip:${host} SIP/2.0`,
    `Via: SIP/2.0/UDP ${host};rport;branch=z9hG4bKrehearsal${number}`,
    "Max-Forwards: 70",
    `From: <sip:rehearsal@${host}>;tag=${number}`,
    `To: <sip:rehearsal@${host}>`,
    `Call-ID: rehearsal-${number}`,
    "CSeq: 1 REGISTER",
    `Contact: <sip:rehearsal@${host}>`,
    "Content-Length: 0",
    "",
    "",
  ].join("\r\n");
}
