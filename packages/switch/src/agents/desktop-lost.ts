import type { Turn } from "../turn.ts";
import { enteredAfter, type Agent } from "./agent.ts";
import { announceState, enterState } from "./announce.ts";
import { reportDn } from "../peers/changed.ts";
import { logOut } from "./logout.ts";

/**
 * An agent without a connected session (cti.md, Session): after `session-grace` Not Ready with
 * reason `desktop-lost` and no new calls; when `resume-window` has passed too and no call is left,
 * logged out with that reason. A resume restores the former state.
 */
export function loseDesktop(turn: Turn, sessionID: string): void {
  for (const agent of loginsOf(turn, sessionID)) {
    if (agent.beforeLost !== null) continue;
    agent.beforeLost = agent.state;
    enterState(turn, agent, {
      kind: "NotReady",
      since: turn.now,
      workMode: null,
      reasons: { ReasonCode: "desktop-lost" },
      isPending: false,
    });
    announceState(turn, agent, null);
  }
}

export function restoreDesktop(turn: Turn, sessionID: string): void {
  for (const agent of loginsOf(turn, sessionID)) {
    const before = agent.beforeLost;
    if (before === null) continue;
    agent.beforeLost = null;
    const isOver =
      before.kind === "AfterCallWork" && before.until !== null && before.until <= turn.now;
    enterState(turn, agent, isOver ? enteredAfter(before.next, turn.now) : before);
    announceState(turn, agent, null);
    reportDn(turn, agent.dn);
  }
}

/** False while a call is left, and the login stays until it is over. */
export function expireDesktop(turn: Turn, sessionID: string): boolean {
  let isOver = true;
  for (const agent of loginsOf(turn, sessionID)) {
    if ((turn.state.callsByDn.get(agent.dn)?.length ?? 0) > 0) isOver = false;
    else logOut(turn, agent.dn, { reasonCode: "desktop-lost", wonBy: null });
  }
  return isOver;
}

function loginsOf(turn: Turn, sessionID: string): Agent[] {
  const logins: Agent[] = [];
  for (const dn of turn.state.sessions.get(sessionID)?.logins ?? []) {
    const agent = turn.state.agents.get(dn);
    if (agent !== undefined && agent.sessionID === sessionID) logins.push(agent);
  }
  return logins;
}
