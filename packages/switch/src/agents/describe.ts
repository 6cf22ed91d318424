import type { AgentInfo } from "@tandem/cti";
import type { Turn } from "../turn.ts";
import { isSessionOpen, type Agent } from "./agent.ts";

/** An agent as a snapshot shows it. */
export function describeAgent(turn: Turn, agent: Agent): AgentInfo {
  const { state } = agent;
  const offset = turn.state.wallOffsetMs;
  return {
    agentID: agent.agentID,
    userName: agent.userName,
    state: state.kind,
    lease: agent.lease,
    since: state.since + offset,
    sessionOpen: isSessionOpen(agent),
    ...(state.kind !== "AfterCallWork" && state.workMode !== null
      ? { workMode: state.workMode }
      : {}),
    ...(state.kind !== "Ready" && state.reasons !== null ? { reasons: state.reasons } : {}),
    ...(state.kind === "AfterCallWork" && state.until !== null
      ? { afterCallWorkUntil: state.until + offset }
      : {}),
  } as AgentInfo; // the work mode came through the request's schema
}
