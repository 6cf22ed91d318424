import type { Socket } from "node:net";

/** Netstrings of JSON, `<length>:<text>,`, as baresip's control connection speaks them. */
export interface ControlMessage {
  readonly event?: boolean;
  readonly response?: boolean;
  readonly ok?: boolean;
  readonly data?: string;
  readonly token?: string;
  readonly type?: string;
  readonly accountaor?: string;
  readonly peeruri?: string;
  readonly id?: string;
  readonly param?: string;
}

export function netstring(value: object): string {
  const text = JSON.stringify(value);
  return `${Buffer.byteLength(text)}:${text},`;
}

export function readNetstrings(socket: Socket, receive: (message: ControlMessage) => void): void {
  let pending = "";
  socket.on("data", (bytes: Buffer) => {
    pending += bytes.toString("latin1");
    for (let next = takeOne(pending); next !== null; next = takeOne(pending)) {
      pending = next.rest;
      const value: unknown = JSON.parse(next.text);
      if (typeof value === "object" && value !== null) receive(value);
    }
  });
}

function takeOne(pending: string): { readonly text: string; readonly rest: string } | null {
  const colon = pending.indexOf(":");
  if (colon < 0) return null;
  const length = Number(pending.slice(0, colon));
  const end = colon + 1 + length;
  if (!Number.isInteger(length) || pending.length <= end) return null;
  return { text: pending.slice(colon + 1, end), rest: pending.slice(end + 1) };
}
