import type { Lease, RequestAgentLogout } from "@tandem/cti";
import { reportDn } from "../peers/changed.ts";
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

export interface LogoutCause {
  readonly reasonCode:
    | "dr-force_logout"
    | "dr-peer-login"
    | "desktop-lost"
    | "dn-removed"
    | "graceful_shutdown_logout"
    | null;
  /** The login that took its place (peers.md P3). */
  readonly wonBy: { readonly lease: Lease; readonly agentID: string } | null;
}

export function logOut(
  turn: Turn,
  dn: string,
  cause: LogoutCause,
  answers: Answers | null = null,
): void {
  const agent = turn.state.agents.get(dn);
  if (agent === undefined) return;
  turn.state.agents.delete(dn);
  turn.state.dnByUser.delete(agent.userName);
  disarm(turn, afterCallKey(dn));
  publish(
    turn,
    watchersOf(turn, dn),
    {
      event: "EventAgentLogout",
      thisDN: dn,
      agentID: agent.agentID,
      lease: agent.lease,
      ...(cause.wonBy === null ? {} : { wonBy: cause.wonBy }),
      ...(cause.reasonCode === null ? {} : { extensions: { ReasonCode: cause.reasonCode } }),
    },
    answers,
  );
  reportDn(turn, dn);
  notice(turn, "agent", `${agent.userName} logged out of ${dn} (${cause.reasonCode ?? "asked"})`);
}
