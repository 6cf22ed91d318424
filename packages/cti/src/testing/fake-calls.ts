import type { UserData } from "../schema.ts";
import type { TlibCallEvent } from "../tlib/messages.ts";
import type { CallInfo, CallState, DnRole, PartyState } from "../tlib/values.ts";
import type { Unnumbered } from "./fake-history.ts";
import { publish, type FakeAnswers, type FakeCall, type FakeModel } from "./fake-model.ts";

/** Calls of a fake SIP Server: only what a desktop sees of them. */
export function newCall(
  model: FakeModel,
  dn: string,
  thisDNRole: DnRole,
  otherDN: string,
  partyState: PartyState,
): CallInfo {
  const callID = model.nextNumber;
  model.nextNumber += 1;
  const digits = callID.toString(16);
  const isOutgoing = thisDNRole === "Origination";
  const info: CallInfo = {
    connID: digits.padStart(16, "0"),
    callUUID: digits.padStart(32, "0"),
    callID,
    callType: isOutgoing ? "Outbound" : "Inbound",
    thisDNRole,
    otherDN,
    otherDNRole: isOutgoing ? "Destination" : "Origination",
    partyState,
    ani: isOutgoing ? dn : otherDN,
    dnis: isOutgoing ? otherDN : dn,
    userData: {},
  };
  model.calls.set(info.connID, { dn, info });
  return info;
}

/** All call events but the one that has a field of its own. */
export type PlainCallEvent = Exclude<TlibCallEvent["event"], "EventDTMFSent">;

export function tellDigits(
  model: FakeModel,
  { dn, info }: FakeCall,
  dtmfDigits: string,
  answers: FakeAnswers,
): void {
  const { partyState: _, isMuted: __, ...told } = info;
  const event = { event: "EventDTMFSent", thisDN: dn, callState: "Ok", ...told, dtmfDigits };
  publish(model, dn, event as Unnumbered, answers); // its name says its shape
}

export function ring(model: FakeModel, dn: string, from: string, userData: UserData): string {
  const info = newCall(model, dn, "Destination", from, "Ringing");
  changeCall(model, { ...info, userData }, "EventRinging", null);
  return info.connID;
}

export function changeCall(
  model: FakeModel,
  info: CallInfo,
  event: PlainCallEvent,
  answers: FakeAnswers,
): void {
  const call = model.calls.get(info.connID);
  if (call === undefined) return;
  call.info = info;
  tell(model, call, event, answers);
}

export function endCall(
  model: FakeModel,
  call: FakeCall,
  event: "EventReleased" | "EventAbandoned",
  answers: FakeAnswers,
  callState: CallState = "Ok",
): void {
  model.calls.delete(call.info.connID);
  tell(model, call, event, answers, callState);
}

export function farEnd(model: FakeModel, connID: string, does: "answer" | "release"): void {
  const call = model.calls.get(connID);
  if (call === undefined) return;
  if (does === "answer") {
    changeCall(model, { ...call.info, partyState: "Established" }, "EventEstablished", null);
    return;
  }
  const isRinging = call.info.partyState === "Ringing";
  endCall(model, call, isRinging ? "EventAbandoned" : "EventReleased", null);
}

function tell(
  model: FakeModel,
  { dn, info }: FakeCall,
  event: PlainCallEvent,
  answers: FakeAnswers,
  callState: CallState = "Ok",
): void {
  const { partyState: _, isMuted: __, ...told } = info;
  publish(model, dn, { event, thisDN: dn, callState, ...told }, answers);
}
