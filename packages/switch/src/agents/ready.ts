import type { RequestAgentSetNotReady, RequestAgentSetReady } from "@tandem/cti";
import { logTime } from "@tandem/kernel";
import { refuseRequest } from "../sessions/refusal.ts";
import type { Session } from "../sessions/session.ts";
import type { Turn } from "../turn.ts";
import { thenReady, type Agent, type AgentState } from "./agent.ts";
import { announceState, enterState } from "./announce.ts";

/**
 * Ready, Not Ready with reasons and work mode, after-call work. What is asked for during a call is
 * so at once; what it means for the time after the call stands in `after-call-work.ts`.
 */
export function requestReady(turn: Turn, session: Session, request: RequestAgentSetReady): void {
  const agent = ownAgent(turn, session, request);
  if (agent === null) return;
  const workMode = request.workMode ?? null;
  change(turn, session, request, agent, { kind: "Ready", since: turn.now, workMode });
}

export function requestNotReady(
  turn: Turn,
  session: Session,
  request: RequestAgentSetNotReady,
): void {
  const agent = ownAgent(turn, session, request);
  if (agent === null) return;
  const reasons = request.reasons ?? null;
  const workMode = request.workMode ?? null;
  if (workMode !== "AfterCallWork") {
    const isPending = agent.hasTalked && isPendingFrom(agent.state);
    const state = { kind: "NotReady", since: turn.now, workMode, reasons, isPending } as const;
    return change(turn, session, request, agent, state);
  }
  const lasts = request.afterCallWorkMs ?? null;
  const isDuringCall = agent.hasTalked;
  const until = lasts === null || isDuringCall ? null : logTime(turn.now + lasts);
  const lastsMs = isDuringCall ? lasts : null;
  const state = { kind: "AfterCallWork", since: turn.now, until, lastsMs, reasons } as const;
  change(turn, session, request, agent, { ...state, next: thenReady });
}

/** Not Ready asked for twice during one call is as pending as once. */
function isPendingFrom(state: AgentState): boolean {
  return state.kind === "Ready" || (state.kind === "NotReady" && state.isPending);
}

type StateRequest = RequestAgentSetReady | RequestAgentSetNotReady;

function ownAgent(turn: Turn, session: Session, request: StateRequest): Agent | null {
  const { thisDN, referenceID } = request;
  const agent = turn.state.agents.get(thisDN);
  if (agent === undefined) {
    refuseRequest(turn, session, referenceID, "not-logged-in");
    return null;
  }
  if (agent.userName === session.identity.userName) return agent;
  refuseRequest(turn, session, referenceID, "agent-not-permitted");
  return null;
}

function change(
  turn: Turn,
  session: Session,
  request: StateRequest,
  agent: Agent,
  state: AgentState,
): void {
  enterState(turn, agent, state);
  announceState(turn, agent, {
    sessionID: session.sessionID,
    referenceID: request.referenceID,
  });
}
