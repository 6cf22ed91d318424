import { dialogFromResponse, type SipRequest, type SipResponse } from "@tandem/sip";
import type { AutoAnswer } from "../config.ts";
import type { Turn } from "../turn.ts";
import { dnOf, type Call, type Leg } from "./call.ts";
import { enterDialog } from "./leg.ts";
import { sendNotifyTalk } from "./notify-talk.ts";

/**
 * A phone that its own desktop makes ring (MakeCall, a consultation) takes the call by itself, in
 * the way that its DN's `auto-answer` says; without the option by whichever header it understands.
 */
export function autoAnswerHeaders(turn: Turn, leg: Leg): (readonly [string, string])[] {
  const { host } = turn.config;
  const how = howOf(turn, leg);
  const callInfo = ["Call-Info", `<sip:${host}>;answer-after=0`] as const;
  const alertInfo = ["Alert-Info", `<http://${host}>;info=alert-autoanswer;delay=0`] as const;
  if (how === null) return [callInfo, alertInfo];
  if (how === "call-info") return [callInfo];
  return how === "alert-info" ? [alertInfo] : [];
}

/** `notify-talk`: it rings, and is told to answer in the early dialog. */
export function onOwnPhoneRings(
  turn: Turn,
  call: Call,
  leg: Leg,
  invite: SipRequest,
  response: SipResponse,
): void {
  if (howOf(turn, leg) !== "notify-talk" || leg.dialog !== null) return;
  const early = dialogFromResponse(invite, response);
  if (early === undefined) return;
  enterDialog(turn, call, leg, early);
  sendNotifyTalk(turn, call, leg);
}

function howOf(turn: Turn, leg: Leg): AutoAnswer | null {
  return turn.state.configured.dns.get(dnOf(leg) ?? "")?.autoAnswer ?? null;
}
