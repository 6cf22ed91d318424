import { unreachable } from "@tandem/kernel";
import type { TlibEvent } from "@tandem/cti";
import { reportDn } from "../peers/changed.ts";
import { refreshIdle } from "../queues/idle.ts";
import { publish, type Answers, type Unnumbered } from "../sessions/ring.ts";
import { arm, disarm, type Turn } from "../turn.ts";
import type { Agent, AgentState } from "./agent.ts";

/** Changes of an agent's state, its timer, and the event that tells it. */
export function enterState(turn: Turn, agent: Agent, state: AgentState): void {
  agent.state = state;
  const key = afterCallKey(agent.dn);
  if (state.kind === "AfterCallWork" && state.until !== null) {
    arm(turn, key, Math.max(0, state.until - turn.now));
  } else disarm(turn, key);
  reportDn(turn, agent.dn);
  refreshIdle(turn, agent.dn);
}

export function announceState(turn: Turn, agent: Agent, answers: Answers | null): void {
  publish(turn, watchersOf(turn, agent.dn), stateEvent(turn, agent), answers);
}

function stateEvent(turn: Turn, agent: Agent): Unnumbered<TlibEvent> {
  const { state } = agent;
  const base = { thisDN: agent.dn, agentID: agent.agentID };
  switch (state.kind) {
    case "Ready":
      return {
        event: "EventAgentReady",
        ...base,
        ...(state.workMode === null ? {} : { workMode: state.workMode }),
      } as Unnumbered<TlibEvent>; // the work mode came through the request's schema
    case "NotReady":
      return {
        event: "EventAgentNotReady",
        ...base,
        ...(state.workMode === null ? {} : { workMode: state.workMode }),
        ...(state.reasons === null ? {} : { reasons: state.reasons }),
      } as Unnumbered<TlibEvent>; // the work mode came through the request's schema
    case "AfterCallWork":
      return {
        event: "EventAgentAfterCallWork",
        ...base,
        ...(state.reasons === null ? {} : { reasons: state.reasons }),
        ...(state.until === null
          ? {}
          : { afterCallWorkUntil: state.until + turn.state.wallOffsetMs }),
      };
    default:
      return unreachable(state);
  }
}

export function watchersOf(turn: Turn, dn: string): readonly string[] {
  return turn.state.watchers.get(dn) ?? [];
}

export function afterCallKey(dn: string): string {
  return `agent/${dn}/after-call-work`;
}
