import type { TlibRequest } from "../tlib/messages.ts";
import {
  answersOf,
  logOut,
  publish,
  refuseRequest,
  type FakeModel,
  type FakeSession,
} from "./fake-model.ts";

/** What a fake SIP Server does with requests about a DN itself. It has no supervisors. */
export type FakeDnRequest = Extract<
  TlibRequest,
  {
    request:
      | "RequestCallForwardSet"
      | "RequestCallForwardCancel"
      | "RequestSetDNDOn"
      | "RequestSetDNDOff"
      | "RequestMonitorNextCall"
      | "RequestCancelMonitoring"
      | "RequestAgentForceLogout";
  }
>;

export function executeDn(model: FakeModel, session: FakeSession, request: FakeDnRequest): void {
  const { thisDN } = request;
  const answers = answersOf(session, request);
  const forwards = model.forwards.get(thisDN) ?? [];
  switch (request.request) {
    case "RequestSetDNDOn":
      model.doNotDisturb.add(thisDN);
      return publish(model, thisDN, { event: "EventDNDOn", thisDN }, answers);
    case "RequestSetDNDOff":
      model.doNotDisturb.delete(thisDN);
      return publish(model, thisDN, { event: "EventDNDOff", thisDN }, answers);
    case "RequestCallForwardSet": {
      const { forwardMode, otherDN } = request;
      const others = forwards.filter((forward) => forward.forwardMode !== forwardMode);
      model.forwards.set(thisDN, [...others, { forwardMode, otherDN }]);
      return publish(
        model,
        thisDN,
        { event: "EventForwardSet", thisDN, otherDN, forwardMode },
        answers,
      );
    }
    case "RequestCallForwardCancel": {
      const { forwardMode } = request;
      const kept = forwards.filter((forward) => forward.forwardMode !== forwardMode);
      if (forwards.length === 0) return refuseRequest(model, session, request, "forward-not-set");
      model.forwards.set(thisDN, forwardMode === undefined ? [] : kept);
      const mode = forwardMode === undefined ? {} : { forwardMode };
      return publish(model, thisDN, { event: "EventForwardCancel", thisDN, ...mode }, answers);
    }
    case "RequestMonitorNextCall":
      return refuseRequest(model, session, request, "monitor-not-possible");
    case "RequestCancelMonitoring":
      return refuseRequest(model, session, request, "monitor-not-set");
    case "RequestAgentForceLogout": {
      const { targetDN } = request;
      if (!model.agents.has(targetDN)) {
        return refuseRequest(model, session, request, "not-logged-in");
      }
      return logOut(model, targetDN, "forced-logout", answers);
    }
  }
}
