import { headerOf, listOf, type SipRequest, type SipResponse } from "@tandem/sip";
import { logTime } from "@tandem/kernel";
import { answer } from "../transactions/server.ts";
import { transmit } from "../transactions/client.ts";
import { arm, disarm, optionsOf, type Turn } from "../turn.ts";
import { callTimer, keyOf, legById, type Call, type Leg, type Provisional } from "./call.ts";
import { allowHeader, contactOf, sendInDialog } from "./leg.ts";
import { readDescription } from "./hop.ts";
import { relayRequest } from "./relay.ts";
import { endCall } from "./release.ts";
import { describeTo, keepReceived } from "./session-description.ts";

/**
 * Reliable provisional responses (RFC 3262), from end to end: what the callee's phone sends
 * reliably reaches the caller reliably, and the callee's PRACK is the caller's. One at a time: the
 * next one waits until the last was acknowledged. Towards a caller that does not know them the
 * callee is not asked for any.
 */
export interface Reliability {
  readonly rseq: number;
  readonly cseq: number;
}

/** The RSeq of a response that wants a PRACK; null for any other. */
export function reliabilityOf(response: SipResponse): Reliability | null {
  if (!listOf(response, "require").includes("100rel")) return null;
  const rseq = headerOf(response, "rseq");
  const cseq = headerOf(response, "cseq");
  if (rseq === undefined || !/^\d{1,10}$/.test(rseq) || cseq === undefined) return null;
  return { rseq: Number(rseq), cseq: parseInt(cseq, 10) };
}

/** False for one that was heard before, or that came before its turn (§4). */
export function isNextReliable(leg: Leg, { rseq }: Reliability): boolean {
  if (leg.rseqHeard !== 0 && rseq !== leg.rseqHeard + 1) return false;
  leg.rseqHeard = rseq;
  return true;
}

/** To the caller, whose INVITE is still open. */
export function sendProvisional(turn: Turn, call: Call, caller: Leg, wanted: Provisional): void {
  if (caller.serverInvite === null) return;
  if (wanted.from !== null && caller.provisional !== null) {
    if (caller.waiting.length < waitingMax) caller.waiting.push(wanted);
    return;
  }
  const { status, description } = wanted;
  const body = description === "" ? "" : describeTo(caller, description);
  const headers: (readonly [string, string])[] = [
    ["Contact", contactOf(turn, caller)],
    allowHeader,
  ];
  if (wanted.from !== null) {
    caller.rseqSent += 1;
    headers.push(["Require", "100rel"], ["RSeq", String(caller.rseqSent)]);
  }
  const text = answer(turn, caller.serverInvite, status, {
    headers,
    ...(body === "" ? {} : { body, contentType: "application/sdp" }),
  });
  if (wanted.from === null) return;
  const { t1Ms } = optionsOf(turn);
  caller.provisional = {
    rseq: caller.rseqSent,
    text,
    intervalMs: t1Ms,
    giveUpAt: logTime(turn.now + 64 * t1Ms),
    from: wanted.from,
  };
  arm(turn, callTimer(call, `reliable-${caller.id}`), t1Ms);
}

/** `call/<key>/reliable-<leg>`: §3, repeated at T1, doubling, for 64·T1. */
export function onReliableTimer(turn: Turn, call: Call, leg: Leg): void {
  const owed = leg.provisional;
  if (owed === null || leg.serverInvite === null) return;
  if (turn.now >= owed.giveUpAt) {
    return endCall(turn, call, { by: null, status: 504, callState: "GeneralError" });
  }
  owed.intervalMs *= 2;
  transmit(turn, leg.target, owed.text);
  const restMs = owed.giveUpAt - turn.now;
  arm(turn, callTimer(call, `reliable-${leg.id}`), Math.min(owed.intervalMs, restMs));
}

/** PRACK of the caller. */
export function onPrack(
  turn: Turn,
  call: Call,
  leg: Leg,
  transaction: string,
  request: SipRequest,
): void {
  const owed = leg.provisional;
  const rseq = parseInt(headerOf(request, "rack") ?? "", 10);
  if (owed === null || owed.rseq !== rseq) return void answer(turn, transaction, 481, {});
  leg.provisional = null;
  disarm(turn, callTimer(call, `reliable-${leg.id}`));
  const description = readDescription(request);
  keepReceived(leg, description);
  const far = legById(call, owed.from.leg);
  const { exchange } = call;
  if (exchange.kind === "setup" && description !== "") {
    call.exchange = { ...exchange, isSettled: true };
  }
  const rack = ["RAck", `${owed.from.rseq} ${owed.from.cseq} INVITE`] as const;
  const isRelayed =
    far !== null &&
    far === call.destination &&
    relayRequest(turn, call, leg, transaction, request, [rack]);
  if (!isRelayed) answer(turn, transaction, 200, {});
  const next = leg.waiting.shift();
  if (next !== undefined) sendProvisional(turn, call, leg, next);
}

/** Acknowledged by this server, where the caller cannot. */
export function acknowledgeHere(turn: Turn, leg: Leg, reliability: Reliability): void {
  const rack = ["RAck", `${reliability.rseq} ${reliability.cseq} INVITE`] as const;
  const owner = { kind: "nobody" } as const;
  if (leg.dialog !== null) {
    sendInDialog(turn, leg, "PRACK", owner, { headers: [rack], body: "" });
  }
}

/** The INVITE has its final answer. */
export function forgetProvisional(turn: Turn, call: Call, leg: Leg): void {
  leg.waiting.length = 0;
  if (leg.provisional === null) return;
  leg.provisional = null;
  disarm(turn, callTimer(call, `reliable-${leg.id}`));
}

/** Which reliable response of which leg the caller's PRACK will acknowledge. */
export function sourceOf(call: Call, leg: Leg, { rseq, cseq }: Reliability): Provisional["from"] {
  return { leg: keyOf(call, leg).leg, rseq, cseq };
}

const waitingMax = 16;
