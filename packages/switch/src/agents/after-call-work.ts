import { logTime } from "@tandem/kernel";
import { requeueIdle } from "../queues/idle.ts";
import { optionsOf, type Turn } from "../turn.ts";
import { enteredAfter, thenReady, type Agent, type AgentState } from "./agent.ts";
import { announceState, enterState } from "./announce.ts";

/**
 * After-call work, when the last call of an agent has ended and one of them was established:
 *
 *   state then                      after-call work                                then
 *   Ready, as configured            for the login's, DN's or server's time         Ready
 *   Ready, `AutoIn`                 none                                           Ready
 *   Ready, `ManualIn`               that time; without one until the agent asks    Ready, ManualIn
 *   Not Ready, asked for on a call  for that time, where there is one              Not Ready
 *   after-call work, asked for on   as long as asked for, from now on              Ready
 *   a call
 *   any other                       none                                           the same
 */
export function onAgentCallEnded(turn: Turn, dn: string): void {
  const agent = turn.state.agents.get(dn);
  if (agent === undefined) return;
  if ((turn.state.callsByDn.get(dn)?.length ?? 0) > 0) return; // still on another call
  const state = agent.hasTalked ? decideAfterCall(turn, agent) : null;
  agent.hasTalked = false;
  if (state !== null) {
    enterState(turn, agent, state);
    announceState(turn, agent, null);
  }
  requeueIdle(turn, dn);
}

/** A call of the agent's has been answered. */
export function onAgentTalks(turn: Turn, dn: string): void {
  const agent = turn.state.agents.get(dn);
  if (agent !== undefined) agent.hasTalked = true;
}

function decideAfterCall(turn: Turn, agent: Agent): AgentState | null {
  const { state } = agent;
  const since = turn.now;
  const lastsMs = afterCallWorkMsOf(turn, agent);
  const until = lastsMs === 0 ? null : logTime(turn.now + lastsMs);
  const work = { kind: "AfterCallWork", since, until, lastsMs: null, reasons: null } as const;
  switch (state.kind) {
    case "Ready": {
      if (state.workMode === "AutoIn") return null;
      if (lastsMs === 0 && state.workMode !== "ManualIn") return null;
      return { ...work, next: { kind: "Ready", workMode: state.workMode } };
    }
    case "NotReady": {
      if (!state.isPending) return null;
      const { kind, workMode, reasons } = state;
      if (lastsMs > 0) return { ...work, next: { kind, workMode, reasons } };
      agent.state = { ...state, isPending: false };
      return null;
    }
    case "AfterCallWork":
      if (state.lastsMs === null) return null;
      return {
        ...work,
        until: logTime(turn.now + state.lastsMs),
        reasons: state.reasons,
        next: thenReady,
      };
    default:
      return null;
  }
}

function afterCallWorkMsOf(turn: Turn, agent: Agent): number {
  const { agentLogins, dns } = turn.state.configured;
  return (
    agent.afterCallWorkMs ??
    agentLogins.get(agent.agentID)?.afterCallWorkMs ??
    dns.get(agent.dn)?.afterCallWorkMs ??
    optionsOf(turn).afterCallWorkMs
  );
}

/** `agent/<dn>/after-call-work`: its time is over. */
export function onAfterCallWorkOver(turn: Turn, dn: string): void {
  const agent: Agent | undefined = turn.state.agents.get(dn);
  if (agent === undefined || agent.state.kind !== "AfterCallWork") return;
  enterState(turn, agent, enteredAfter(agent.state.next, turn.now));
  announceState(turn, agent, null);
}
