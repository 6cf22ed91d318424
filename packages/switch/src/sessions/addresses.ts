import type {
  AddressInfo,
  CallInfo,
  RequestQueryAddress,
  RequestRegisterAddress,
  RequestUnregisterAddress,
} from "@tandem/cti";
import { describeAgent } from "../agents/describe.ts";
import { describeCall } from "../calls/describe.ts";
import { describeQueued } from "../queues/describe.ts";
import type { Turn } from "../turn.ts";
import { unwatch, watch } from "./connection.ts";
import { answerRequest, refuseRequest } from "./refusal.ts";
import { addressesMax, type Session } from "./session.ts";

/**
 * RegisterAddress, UnregisterAddress, QueryAddress: which DNs a session sees events of. The answer
 * carries the DN's present state, so that a desktop can begin from it. An agent's session registers
 * the DNs of its own person's Places only.
 */
export function registerAddress(
  turn: Turn,
  session: Session,
  request: RequestRegisterAddress,
): void {
  const { thisDN, referenceID } = request;
  if (!turn.state.configured.dns.has(thisDN)) {
    return refuseRequest(turn, session, referenceID, "dn-unknown");
  }
  const isOwn = session.identity.role !== "agent" || session.identity.dns.includes(thisDN);
  if (!isOwn) return refuseRequest(turn, session, referenceID, "dn-not-permitted");
  if (session.addresses.size >= addressesMax && !session.addresses.has(thisDN)) {
    return refuseRequest(turn, session, referenceID, "too-many-addresses");
  }
  session.addresses.add(thisDN);
  watch(turn, thisDN, session.sessionID);
  answerRequest(turn, session, referenceID, {
    event: "EventRegistered",
    thisDN,
    address: describeAddress(turn, thisDN),
    lastSequence: turn.state.ring.lastSequence,
  });
}

export function unregisterAddress(
  turn: Turn,
  session: Session,
  request: RequestUnregisterAddress,
): void {
  const { thisDN, referenceID } = request;
  if (!session.addresses.delete(thisDN)) {
    return refuseRequest(turn, session, referenceID, "dn-not-registered");
  }
  unwatch(turn, thisDN, session.sessionID);
  answerRequest(turn, session, referenceID, { event: "EventUnregistered", thisDN });
}

export function queryAddress(turn: Turn, session: Session, request: RequestQueryAddress): void {
  const { thisDN, referenceID } = request;
  if (!session.addresses.has(thisDN)) {
    return refuseRequest(turn, session, referenceID, "dn-not-registered");
  }
  answerRequest(turn, session, referenceID, {
    event: "EventAddressInfo",
    thisDN,
    address: describeAddress(turn, thisDN),
    lastSequence: turn.state.ring.lastSequence,
  });
}

function describeAddress(turn: Turn, dn: string): AddressInfo {
  const calls: CallInfo[] = [];
  for (const key of turn.state.callsByDn.get(dn) ?? []) {
    const call = turn.state.calls.get(key);
    const info = call === undefined ? null : describeCall(call, dn);
    if (info !== null) calls.push(info);
  }
  calls.push(...describeQueued(turn, dn));
  const agent = turn.state.agents.get(dn);
  const row = turn.state.dns.get(dn);
  const forwards = (row?.forwards ?? []).map(({ mode, otherDN }) => ({
    forwardMode: mode,
    otherDN,
  }));
  return {
    dn,
    inService: row?.inService ?? false,
    ...(row?.doNotDisturb === true ? { doNotDisturb: true } : {}),
    ...(forwards.length === 0 ? {} : { forwards }),
    ...(agent === undefined ? {} : { agent: describeAgent(turn, agent) }),
    calls,
  };
}
