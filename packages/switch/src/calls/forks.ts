import type { Turn } from "../turn.ts";
import type { Call, Leg } from "./call.ts";
import { onNotTaken } from "./not-taken.ts";
import { retireLeg } from "./release.ts";

/**
 * Parallel forking to the phones of one callee, as a proxy does it (RFC 3261 §16.7): the first 2xx
 * wins and the others are cancelled, the best refusal is what the caller gets when all refuse.
 * `destination` is the one that rings, or else the first; the others stand in `forks`.
 */
export const answeredElsewhere = 'SIP;cause=200;text="Call completed elsewhere"';

/** The fork that answers, or rings first, takes the callee's place. */
export function promoteFork(call: Call, leg: Leg): void {
  const index = call.forks.indexOf(leg);
  const before = call.destination;
  if (index < 0 || before === null) return;
  leg.announced = before.announced;
  leg.answerAskedBy = before.answerAskedBy;
  before.announced = "nothing";
  before.answerAskedBy = null;
  call.forks.splice(index, 1, before);
  call.destination = leg;
}

export function onForkRefused(
  turn: Turn,
  call: Call,
  leg: Leg,
  status: number,
  reason: string | undefined,
): void {
  noteRefusal(call, status, reason);
  const index = call.forks.indexOf(leg);
  if (index >= 0) call.forks.splice(index, 1);
  retireLeg(turn, call, leg);
  if (status >= 600) onNotTaken(turn, call, status, reason);
}

/** RFC 3261 §16.7 item 6: 6xx before all, else the lowest class; 503 and 408 say the least. */
export function noteRefusal(call: Call, status: number, reason: string | undefined): void {
  const before = call.refusal;
  if (before === null || rankOf(status) < rankOf(before.status)) call.refusal = { status, reason };
}

function rankOf(status: number): number {
  if (status >= 600) return 0;
  if (status === 408 || status === 503) return 9;
  if (status === 480) return 5;
  return Math.floor(status / 100);
}

/** 408 and 503, of the far end or of our own making: nobody is there. */
export function isUnreachable(status: number): boolean {
  return status === 408 || status === 503;
}

/** A DN's next phone is tried after any refusal but 6xx, a trunk after one that is not the callee's. */
export function mayTryNext(leg: Leg, status: number): boolean {
  if (status >= 600) return false;
  if (leg.party.kind === "dn") return true;
  return isUnreachable(status) || status === 500 || status === 502 || status === 504;
}
