import type { Lease, RequestAgentForceLogout, RequestAgentLogout, UserData } from "@tandem/cti";
import { reportDn } from "../peers/changed.ts";
import { leaveIdle } from "../queues/idle.ts";
import { refuseRequest } from "../sessions/refusal.ts";
import { publish, type Answers } from "../sessions/ring.ts";
import type { Session } from "../sessions/session.ts";
import { disarm, notice, type Turn } from "../turn.ts";
import { afterCallKey, watchersOf } from "./announce.ts";

/** AgentLogout: by the agent, or forced by the server with a reason code (continuity R11). */
export function requestAgentLogout(
  turn: Turn,
  session: Session,
  request: RequestAgentLogout,
): void {
  const { thisDN, referenceID } = request;
  const agent = turn.state.agents.get(thisDN);
  if (agent === undefined) return refuseRequest(turn, session, referenceID, "not-logged-in");
  if (agent.userName !== session.identity.userName) {
    return refuseRequest(turn, session, referenceID, "agent-not-permitted");
  }
  logOut(
    turn,
    thisDN,
    { reasonCode: null, wonBy: null },
    {
      sessionID: session.sessionID,
      referenceID,
    },
  );
}

/**
 * AgentForceLogout: a supervisor ends an agent's login. A call that goes on is not touched. The
 * supervisor's session need not watch the agent's DN: then the answer reaches it alone.
 */
export function requestForceLogout(
  turn: Turn,
  session: Session,
  request: RequestAgentForceLogout,
): void {
  const { targetDN, referenceID } = request;
  if (session.identity.role === "agent") {
    return refuseRequest(turn, session, referenceID, "not-permitted");
  }
  if (!turn.state.agents.has(targetDN)) {
    return refuseRequest(turn, session, referenceID, "not-logged-in");
  }
  const forced = { by: session.identity.userName, reasons: request.reasons ?? null };
  const answers = { sessionID: session.sessionID, referenceID };
  logOut(turn, targetDN, { reasonCode: "forced-logout", wonBy: null, forced }, answers);
}

function extensionsOf(reasonCode: string, by: string | null): UserData {
  return { ReasonCode: reasonCode, ...(by === null ? {} : { ForcedBy: by }) };
}

export interface LogoutCause {
  readonly reasonCode:
    | "dr-force_logout"
    | "dr-peer-login"
    | "desktop-lost"
    | "dn-removed"
    | "graceful_shutdown_logout"
    | "forced-logout"
    | null;
  /** The login that took its place (peers.md P3). */
  readonly wonBy: { readonly lease: Lease; readonly agentID: string } | null;
  /** With `forced-logout`: who asked, and why. */
  readonly forced?: { readonly by: string; readonly reasons: UserData | null };
}

export function logOut(
  turn: Turn,
  dn: string,
  cause: LogoutCause,
  answers: Answers | null = null,
): void {
  const agent = turn.state.agents.get(dn);
  if (agent === undefined) return;
  leaveIdle(turn, dn);
  turn.state.agents.delete(dn);
  turn.state.dnByUser.delete(agent.userName);
  disarm(turn, afterCallKey(dn));
  const watchers = watchersOf(turn, dn);
  const asker = answers?.sessionID;
  publish(
    turn,
    asker === undefined || watchers.includes(asker) ? watchers : [...watchers, asker],
    {
      event: "EventAgentLogout",
      thisDN: dn,
      agentID: agent.agentID,
      lease: agent.lease,
      ...(cause.wonBy === null ? {} : { wonBy: cause.wonBy }),
      ...(cause.forced?.reasons ? { reasons: cause.forced.reasons } : {}),
      ...(cause.reasonCode === null
        ? {}
        : { extensions: extensionsOf(cause.reasonCode, cause.forced?.by ?? null) }),
    },
    answers,
  );
  reportDn(turn, dn);
  notice(turn, "agent", `${agent.userName} logged out of ${dn} (${cause.reasonCode ?? "asked"})`);
}
