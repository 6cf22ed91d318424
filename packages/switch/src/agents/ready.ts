import type { RequestAgentSetNotReady, RequestAgentSetReady } from "@tandem/cti";
import { logTime } from "@tandem/kernel";
import { refuseRequest } from "../sessions/refusal.ts";
import type { Session } from "../sessions/session.ts";
import { optionsOf, type Turn } from "../turn.ts";
import type { Agent, AgentState } from "./agent.ts";
import { announceState, enterState } from "./announce.ts";

/** Ready, Not Ready with reasons and work mode, after-call work. */
export function requestReady(turn: Turn, session: Session, request: RequestAgentSetReady): void {
  change(turn, session, request, { kind: "Ready", since: turn.now });
}

export function requestNotReady(
  turn: Turn,
  session: Session,
  request: RequestAgentSetNotReady,
): void {
  const reasons = request.reasons ?? null;
  if (request.workMode === "AfterCallWork") {
    const lasts = request.afterCallWorkMs;
    const until = lasts === undefined ? null : logTime(turn.now + lasts);
    change(turn, session, request, { kind: "AfterCallWork", since: turn.now, until, reasons });
    return;
  }
  const workMode = request.workMode ?? null;
  change(turn, session, request, { kind: "NotReady", since: turn.now, workMode, reasons });
}

function change(
  turn: Turn,
  session: Session,
  request: RequestAgentSetReady | RequestAgentSetNotReady,
  state: AgentState,
): void {
  const { thisDN, referenceID } = request;
  const agent = turn.state.agents.get(thisDN);
  if (agent === undefined) return refuseRequest(turn, session, referenceID, "not-logged-in");
  if (agent.userName !== session.identity.userName) {
    return refuseRequest(turn, session, referenceID, "agent-not-permitted");
  }
  enterState(turn, agent, state);
  announceState(turn, agent, { sessionID: session.sessionID, referenceID });
}

/**
 * After-call work follows each call of a Ready agent, where the configuration gives it a length.
 */
export function onAgentCallEnded(turn: Turn, dn: string): void {
  const agent = turn.state.agents.get(dn);
  const { afterCallWorkMs } = optionsOf(turn);
  if (agent === undefined || afterCallWorkMs === 0 || agent.state.kind !== "Ready") return;
  if ((turn.state.callsByDn.get(dn)?.length ?? 0) > 0) return; // still on another call
  enterState(turn, agent, {
    kind: "AfterCallWork",
    since: turn.now,
    until: logTime(turn.now + afterCallWorkMs),
    reasons: null,
  });
  announceState(turn, agent, null);
}

/** `agent/<dn>/after-call-work`: its time is over. */
export function onAfterCallWorkOver(turn: Turn, dn: string): void {
  const agent: Agent | undefined = turn.state.agents.get(dn);
  if (agent === undefined || agent.state.kind !== "AfterCallWork") return;
  enterState(turn, agent, { kind: "Ready", since: turn.now });
  announceState(turn, agent, null);
}
