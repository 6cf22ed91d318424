import type { ContinuityContext, RestoreOrder } from "./events.ts";
import type { AgentState, Continuity } from "./state.ts";
import { attachmentOf, changeAgent, loginDn, type Turn } from "./turn.ts";

/**
 * R17: what the agent is to be after a login: the former state as the policy says. An agent who had
 * a call at a site that was lost is Not Ready until the call is over, whatever the policy: nobody
 * gets a second call while talking.
 */
export function restoreOrder(state: Continuity, context: ContinuityContext): RestoreOrder | null {
  if (state.agent.isHeldByCall) {
    return { state: "NotReady", reasons: { ReasonCode: "call-in-progress" } };
  }
  return formerOrder(state, context);
}

function formerOrder(state: Continuity, context: ContinuityContext): RestoreOrder | null {
  const { former } = state.agent;
  const policy = state.plan?.options.restoreState ?? "always";
  if (former === null || policy === "never") return null;
  if (policy === "not-ready" && former.state !== "NotReady") return { state: "NotReady" };
  return orderOf(former, context);
}

function orderOf(former: AgentState, context: ContinuityContext): RestoreOrder {
  const { state, workMode, reasons, afterCallWorkUntil } = former;
  const told = {
    ...(workMode === undefined ? {} : { workMode }),
    ...(reasons === undefined ? {} : { reasons }),
  };
  if (state !== "AfterCallWork") return { state, ...told };
  if (afterCallWorkUntil === undefined) return { state, ...told };
  const afterCallWorkMs = afterCallWorkUntil - context.wallMs;
  // Its time has passed: it would have ended in Ready by itself.
  return afterCallWorkMs > 0 ? { state, ...told, afterCallWorkMs } : { state: "Ready" };
}

/** SDK command `callOver`: the call at the lost site has ended; the former state comes back. */
export function onCallOver(turn: Turn): void {
  const { agent, phase } = turn.state;
  if (!agent.isHeldByCall) return;
  changeAgent(turn, { isHeldByCall: false });
  const attachment = attachmentOf(phase);
  if (attachment === null || agent.login.kind !== "in") return; // the next login puts it back
  const dn = loginDn(turn.state, attachment.site);
  const restore = formerOrder(turn.state, turn.context);
  if (dn === undefined || restore === null) return;
  turn.effects.push({ kind: "restoreState", number: attachment.number, dn, restore });
}
