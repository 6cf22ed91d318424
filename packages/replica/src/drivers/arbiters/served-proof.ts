import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Socket } from "node:net";

/**
 * What both ends of a served arbiter's connection share: lines of JSON with a limit, and the proof
 * that the other end knows the secret, an HMAC over both ends' nonces.
 *
 *     server  ─ { nonce } ─▶                       ◀─ { pair, nonce, proof } ─  client
 *             ─ { proof } ─▶                       ◀─ { id, ask } ─
 *             ─ { id, answer } or { id, error } ─▶
 */
export const lineBytesMax = 16_384;
/** Until the secret is proved. */
export const strangerLineBytesMax = 1_024;
export const pairNameMax = 64;

export function freshNonce(): string {
  return randomBytes(16).toString("hex");
}

export interface Nonces {
  readonly server: string;
  readonly client: string;
}

export function proofOf(
  secret: string,
  by: "server" | "client",
  pair: string,
  nonces: Nonces,
): string {
  return createHmac("sha256", secret)
    .update(`tandem-arbiter|${by}|${pair}|${nonces.server}|${nonces.client}`)
    .digest("hex");
}

export function isProof(given: unknown, expected: string): boolean {
  if (typeof given !== "string" || given.length !== expected.length) return false;
  return timingSafeEqual(Buffer.from(given, "latin1"), Buffer.from(expected, "latin1"));
}

export function isNonce(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{32}$/.test(value);
}

export interface Lines {
  /** Whole lines that these bytes complete; null when one is longer than the limit. */
  readonly read: (bytes: Buffer) => readonly string[] | null;
}

export function createLines(bytesMax: () => number): Lines {
  let rest: Buffer = Buffer.alloc(0);
  return {
    read(bytes) {
      rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      const lines: string[] = [];
      for (;;) {
        const end = rest.indexOf(0x0a);
        if ((end === -1 ? rest.length : end) > bytesMax()) return null;
        if (end === -1) return lines;
        lines.push(rest.toString("utf8", 0, end));
        rest = rest.subarray(end + 1);
      }
    },
  };
}

export function writeLine(socket: Socket, value: object): void {
  if (socket.writable) socket.write(`${JSON.stringify(value)}\n`);
}
