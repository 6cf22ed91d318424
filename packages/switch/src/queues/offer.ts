import { announceState, enterState } from "../agents/announce.ts";
import { dnOf, type Call } from "../calls/call.ts";
import { callDestination } from "../calls/outgoing.ts";
import { vacateDestination } from "../calls/vacate.ts";
import type { Answers } from "../sessions/ring.ts";
import type { Turn } from "../turn.ts";
import { announceAtQueue } from "./announce.ts";
import { armOverflow, sayQueued } from "./enter.ts";
import { rowOf } from "./queue.ts";

/**
 * Offers of queued calls: to an agent here, or to the peer's queue of the same name (P7). One that
 * comes to nothing leaves the call at its place with its age.
 */
export function offerToAgent(turn: Turn, call: Call, queue: string, dn: string): void {
  const found = rowOf(turn.state.queues, call.key);
  const bindings = turn.state.dns.get(dn)?.bindings ?? [];
  if (found === null) return;
  found.row.stage = { kind: "offered", dn };
  const route = { kind: "dn", number: dn, bindings: bindings.toReversed(), queue } as const;
  callDestination(turn, call, route, offerOf(call));
}

export function offerToPeer(turn: Turn, call: Call, queue: string): void {
  const found = rowOf(turn.state.queues, call.key);
  if (found === null) return;
  found.row.stage = { kind: "offeredToPeer" };
  const route = { kind: "peer", number: queue, purpose: "queue" } as const;
  callDestination(turn, call, route, offerOf(call));
}

/** In MakeCall the callee makes the offer (RFC 3725 §4.4). */
function offerOf(call: Call): string {
  return call.exchange.kind === "makeCall" ? "" : call.origination.session.received;
}

/**
 * Nobody took the offered call: an agent here is made Not Ready, the call waits on at its old
 * place. False when it is in no queue and its caller must be told. An agent to whom the peer's
 * queue gave the call is made Not Ready too; the refusal takes the call back to that queue.
 */
export function returnToQueue(
  turn: Turn,
  call: Call,
  status: number,
  answers: Answers | null = null,
): boolean {
  const found = rowOf(turn.state.queues, call.key);
  const callee = call.queue === null ? null : dnOf(call.destination);
  const agentDn = found?.row.stage.kind === "offered" ? found.row.stage.dn : callee;
  if (agentDn !== null) missCall(turn, agentDn, status);
  if (found === null || found.row.stage.kind === "waiting") return false;
  const { queue, row } = found;
  // P7: nothing more is offered until the peer's next report that names a Ready agent.
  if (row.stage.kind === "offeredToPeer") turn.state.queues.readyAtPeer.delete(queue);
  row.stage = { kind: "waiting" };
  turn.state.queues.isTouched = true;
  turn.state.queues.entered.add(call.key);
  vacateDestination(turn, call, status === declined ? "Dropped" : "NoAnswer", answers);
  if (row.isDiverted) announceAtQueue(turn, call, queue, "EventQueued");
  row.isDiverted = false;
  armOverflow(turn, call, queue, row);
  sayQueued(turn, call);
  return true;
}

const declined = 603;

/** Not Ready with reason `no-answer`, or `call-refused` where phone or desktop said no. */
function missCall(turn: Turn, dn: string, status: number): void {
  const agent = turn.state.agents.get(dn);
  if (agent === undefined || agent.state.kind !== "Ready") return;
  const isSilence = status === 408 || status === 480 || status === 487 || status === 503;
  enterState(turn, agent, {
    kind: "NotReady",
    since: turn.now,
    workMode: null,
    reasons: { ReasonCode: isSilence ? "no-answer" : "call-refused" },
    isPending: false,
  });
  announceState(turn, agent, null);
}
