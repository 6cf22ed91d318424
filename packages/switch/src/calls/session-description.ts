import { nextUint32 } from "@tandem/kernel";
import { ownText } from "@tandem/sip";
import type { FlowTarget } from "../input.ts";
import type { Turn } from "../turn.ts";
import type { Leg, SessionDescription } from "./call.ts";

/**
 * Session descriptions pass from leg to leg as they are, but for their origin line: towards one far
 * end it always names one session of ours, and its version rises exactly when the rest differs from
 * what that end saw last (RFC 3264 §8). So an offer of ours can follow one of the other party, and
 * another node can go on with the dialog.
 */
export function createSession(turn: Turn): SessionDescription {
  return { originId: String(nextUint32(turn.random)), version: 0, sent: "", received: "" };
}

/** The text to send to the leg's far end. What is no session description passes unchanged. */
export function describeTo(leg: Leg, text: string): string {
  const start = text.startsWith("o=") ? 0 : text.indexOf("\no=") + 1;
  if (start === 0 && !text.startsWith("o=")) return text;
  const found = text.indexOf("\n", start);
  const end = found < 0 ? text.length : found;
  const lineEnd = text.charCodeAt(end - 1) === carriageReturn ? end - 1 : end;
  const origin = text.slice(start, lineEnd).split(" ");
  if (origin.length !== originFields) return text;
  const address = `${origin[3]} ${origin[4]} ${origin[5]}`;
  const rest = `${text.slice(0, start)}${address}${text.slice(lineEnd)}`;
  const { session } = leg;
  if (rest !== session.sent) {
    session.version += 1;
    session.sent = ownText(rest);
  }
  const line = `o=- ${session.originId} ${session.version} ${address}`;
  return `${text.slice(0, start)}${line}${text.slice(lineEnd)}`;
}

/** The last description sent to the far end, word for word; empty before the first. */
export function lastSent(leg: Leg): string {
  const { sent, originId, version } = leg.session;
  // What is kept lacks the first three fields of the origin line, which stood at its place.
  return sent.replace(originRest, `o=- ${originId} ${version} $1`);
}

export function keepReceived(leg: Leg, text: string): void {
  if (text !== "" && text !== leg.session.received) leg.session.received = ownText(text);
}

/**
 * A first offer without media of anyone (RFC 3725 §4.4 with one silent stream, because phones
 * refuse an offer without any): it only makes the phone ring and answer.
 */
export function silentOffer(host: string): string {
  return [
    "v=0",
    `o=- 0 0 IN IP4 ${host}`,
    "s=-",
    "c=IN IP4 0.0.0.0",
    "t=0 0",
    "m=audio 9 RTP/AVP 0 8 101",
    "a=rtpmap:0 PCMU/8000",
    "a=rtpmap:8 PCMA/8000",
    "a=rtpmap:101 telephone-event/8000",
    "a=inactive",
    "",
  ].join("\r\n");
}

/** Whether the phone there makes the first offer: a browser refuses one without ICE. */
export function makesFirstOffer({ transport }: FlowTarget): boolean {
  return transport === "WS" || transport === "WSS";
}

/** The same description with every stream inactive. */
export function inactive(text: string): string {
  return withDirection(text, "inactive");
}

/** The same description with every stream in one direction. */
export function withDirection(text: string, direction: "inactive" | "recvonly"): string {
  const lines = text.split(/\r?\n/).filter((line) => !directionLine.test(line));
  const result: string[] = [];
  let isInMedia = false;
  for (const line of lines) {
    if (line.startsWith("m=")) {
      if (isInMedia) result.push(`a=${direction}`);
      isInMedia = true;
    }
    if (line === "") continue;
    result.push(line);
  }
  if (isInMedia) result.push(`a=${direction}`);
  return `${result.join("\r\n")}\r\n`;
}

/** An answer that takes no stream: to end an exchange in which nobody else answers. */
export function refuseMedia(text: string): string {
  return text.replace(/^m=(\S+) \d+/gm, "m=$1 0");
}

/** Whether an offer puts its receiver on hold (RFC 3264 §8.4, and the old `c=0.0.0.0`). */
export function isHoldOffer(text: string): boolean {
  return /^a=(?:sendonly|inactive)\s*$/m.test(text) || /^c=IN IP4 0\.0\.0\.0\s*$/m.test(text);
}

const originRest = /^(IN IP[46] \S+)/m;
const carriageReturn = 13;
const originFields = 6;
const directionLine = /^a=(?:sendrecv|sendonly|recvonly|inactive)\s*$/;
