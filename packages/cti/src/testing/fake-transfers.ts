import type { TlibRequest } from "../tlib/messages.ts";
import type { CallInfo } from "../tlib/values.ts";
import { changeCall, endCall, newCall } from "./fake-calls.ts";
import {
  answersOf,
  refuseRequest,
  type FakeCall,
  type FakeModel,
  type FakeSession,
} from "./fake-model.ts";

/** Requests about two calls, or that give a call away: only what the asking desktop sees. */
export type FakeTransferRequest = Extract<
  TlibRequest,
  {
    request:
      | "RequestAlternateCall"
      | "RequestReconnectCall"
      | "RequestInitiateTransfer"
      | "RequestMuteTransfer"
      | "RequestCompleteTransfer"
      | "RequestSingleStepTransfer"
      | "RequestRedirectCall";
  }
>;

export function executeTransfer(
  model: FakeModel,
  session: FakeSession,
  call: FakeCall,
  request: FakeTransferRequest,
): void {
  const answers = answersOf(session, request);
  const { info } = call;
  switch (request.request) {
    case "RequestAlternateCall":
    case "RequestReconnectCall": {
      const held = heldCall(model, request.heldConnID);
      if (held === null) return refuseRequest(model, session, request, "call-not-held");
      if (request.request === "RequestReconnectCall") endCall(model, call, "EventReleased", null);
      else changeCall(model, { ...info, partyState: "Held" }, "EventHeld", null);
      return changeCall(model, { ...held, partyState: "Established" }, "EventRetrieved", answers);
    }
    case "RequestInitiateTransfer": {
      changeCall(model, { ...info, partyState: "Held" }, "EventHeld", null);
      const consult = newCall(model, call.dn, "Origination", request.otherDN, "Dialing");
      const told = {
        ...consult,
        callType: "Consult",
        previousConnID: info.connID,
        userData: { ...info.userData, ...request.userData },
      } as const;
      return changeCall(model, told, "EventDialing", answers);
    }
    case "RequestCompleteTransfer": {
      const consult = model.calls.get(request.transferConnID);
      if (consult?.info.previousConnID !== info.connID) {
        return refuseRequest(model, session, request, "no-consult-call");
      }
      endCall(model, consult, "EventReleased", null, "Transferred");
      return endCall(model, call, "EventReleased", answers, "Transferred");
    }
    case "RequestMuteTransfer":
    case "RequestSingleStepTransfer":
      return endCall(model, call, "EventReleased", answers, "Transferred");
    case "RequestRedirectCall":
      if (info.partyState !== "Ringing") {
        return refuseRequest(model, session, request, "redirect-not-possible");
      }
      return endCall(model, call, "EventReleased", answers, "Redirected");
  }
}

function heldCall(model: FakeModel, connID: string): CallInfo | null {
  const held = model.calls.get(connID);
  return held?.info.partyState === "Held" ? held.info : null;
}
