import { afterCallWorkMsMax, type Lease, type RequestAgentLogin } from "@tandem/cti";
import { logTime, unreachable } from "@tandem/kernel";
import { loginAtPeer } from "../peers/peer.ts";
import { reportDn } from "../peers/changed.ts";
import { refuseRequest } from "../sessions/refusal.ts";
import { publish, type Answers } from "../sessions/ring.ts";
import type { Session } from "../sessions/session.ts";
import { notice, wallTime, type Turn } from "../turn.ts";
import { thenReady, type Agent, type AgentState } from "./agent.ts";
import { announceState, enterState, watchersOf } from "./announce.ts";

/**
 * AgentLogin. The same person on a DN where that person is logged in moves the login to the new
 * session under a new lease, keeps its state and ends `desktop-lost` (cti.md, Whose login). The
 * lease's epoch is one above the highest known here, at the peer or by the desktop (peers.md P3).
 */
export function requestAgentLogin(turn: Turn, session: Session, request: RequestAgentLogin): void {
  const { thisDN, agentID, referenceID } = request;
  const refusedAs = decideRefusal(turn, session, thisDN, agentID);
  if (refusedAs !== null) return refuseRequest(turn, session, referenceID, refusedAs);
  const before = turn.state.agents.get(thisDN);
  const lease = nextLease(turn, thisDN, request.leaseEpoch ?? 0);
  const answers = { sessionID: session.sessionID, referenceID };
  const kept = before === undefined ? null : (before.beforeLost ?? before.state);
  const agent: Agent = {
    dn: thisDN,
    agentID,
    userName: session.identity.userName,
    placeName: request.placeName ?? null,
    sessionID: session.sessionID,
    lease,
    state: kept ?? loggedIn(turn),
    beforeLost: null,
    afterCallWorkMs: wrapUpMs(request) ?? before?.afterCallWorkMs ?? null,
    hasTalked: before?.hasTalked ?? false,
  };
  turn.state.agents.set(thisDN, agent);
  turn.state.dnByUser.set(agent.userName, thisDN);
  session.logins.add(thisDN);
  publishLogin(turn, agent, answers);
  const asked = request.restore === undefined ? null : restoredState(turn, request.restore);
  enterState(turn, agent, asked ?? agent.state);
  announceState(turn, agent, null);
  reportDn(turn, thisDN);
  notice(turn, "agent", `${agent.userName} logged in on ${thisDN} (lease ${lease.epoch})`);
}

type Refusal =
  | "agent-not-permitted"
  | "dn-out-of-service"
  | "dn-taken"
  | "dn-is-queue"
  | "agent-logged-in-elsewhere";

function decideRefusal(turn: Turn, session: Session, dn: string, agentID: string): Refusal | null {
  const login = turn.state.configured.agentLogins.get(agentID);
  const isOwn = login !== undefined && login.userName === session.identity.userName;
  if (!isOwn) return "agent-not-permitted";
  if (turn.state.configured.dns.get(dn)?.queue !== undefined) return "dn-is-queue";
  const before = turn.state.agents.get(dn);
  if (before !== undefined && before.userName !== session.identity.userName) return "dn-taken";
  const elsewhere = turn.state.dnByUser.get(session.identity.userName);
  if (elsewhere !== undefined && elsewhere !== dn) return "agent-logged-in-elsewhere";
  if (turn.state.dns.get(dn)?.inService !== true) return "dn-out-of-service";
  return null;
}

/** Epoch = 1 + the highest that this site, its copy of the peer's logins and the desktop know. */
function nextLease(turn: Turn, dn: string, heldEpoch: number): Lease {
  const here = turn.state.agents.get(dn)?.lease.epoch ?? 0;
  const known = turn.state.peer.leaseEpochs.get(dn) ?? 0;
  const atPeer = loginAtPeer(turn.state.peer, dn)?.lease.epoch ?? 0;
  const epoch = 1 + Math.max(here, known, atPeer, heldEpoch);
  turn.state.peer.leaseEpochs.set(dn, epoch);
  return { epoch, time: wallTime(turn), site: turn.config.site };
}

function publishLogin(turn: Turn, agent: Agent, answers: Answers): void {
  publish(
    turn,
    watchersOf(turn, agent.dn),
    {
      event: "EventAgentLogin",
      thisDN: agent.dn,
      agentID: agent.agentID,
      lease: agent.lease,
    },
    answers,
  );
}

function loggedIn(turn: Turn): AgentState {
  return { kind: "NotReady", since: turn.now, workMode: null, reasons: null, isPending: false };
}

/** `extensions.WrapUpTime`: seconds of after-call work for this login. */
function wrapUpMs(request: RequestAgentLogin): number | null {
  const seconds = Number(request.extensions?.["WrapUpTime"] ?? Number.NaN);
  const isSound = seconds >= 0 && seconds * 1_000 <= afterCallWorkMsMax;
  return isSound ? Math.round(seconds * 1_000) : null;
}

function restoredState(turn: Turn, restore: NonNullable<RequestAgentLogin["restore"]>): AgentState {
  const reasons = restore.reasons ?? null;
  switch (restore.state) {
    case "Ready":
      return { kind: "Ready", since: turn.now, workMode: restore.workMode ?? null };
    case "AfterCallWork": {
      const lasts = restore.afterCallWorkMs;
      const until = lasts === undefined ? null : logTime(turn.now + lasts);
      return {
        kind: "AfterCallWork",
        since: turn.now,
        until,
        lastsMs: null,
        reasons,
        next: thenReady,
      };
    }
    case "NotReady":
      return {
        kind: "NotReady",
        since: turn.now,
        workMode: restore.workMode ?? null,
        reasons,
        isPending: false,
      };
    default:
      return unreachable(restore.state);
  }
}
