import {
  decodeTlibEvent,
  resumeOf,
  stepClientSession,
  takeReferenceID,
  type ClientSessionEvent,
  type EventError,
  type EventLinkConnected,
  type RequestRegisterClient,
  type ServerRole,
  type TlibEvent,
} from "@tandem/cti";
import { unreachable } from "@tandem/kernel";
import {
  connectionId,
  isLinked,
  stepConnection,
  type ConnectionEvent,
} from "../connection/connection.ts";
import {
  viewOf,
  type Pair,
  type PairContext,
  type PairEffect,
  type PairEvent,
  type PairNode,
  type PairStep,
} from "./pair.ts";

/** What a pair does with an event (the drawing stands in `pair.ts`). */
export function stepPair(pair: Pair, event: PairEvent, context: PairContext): PairStep {
  const turn: Turn = { pair, context, effects: [] };
  takeEvent(turn, event);
  const before = JSON.stringify(viewOf(pair));
  const view = viewOf(turn.pair);
  if (JSON.stringify(view) !== before) turn.effects.unshift({ kind: "changed", view });
  return { next: turn.pair, effects: turn.effects };
}

/** One event being stepped: the pair so far and its effects. Lives for one step only. */
interface Turn {
  pair: Pair;
  readonly context: PairContext;
  readonly effects: PairEffect[];
}

function takeEvent(turn: Turn, event: PairEvent): void {
  switch (event.kind) {
    case "start":
      return forEachNode(turn, (index) => stepNode(turn, index, { kind: "start" }));
    case "socketOpened":
      return withNode(turn, event.id, (index) => stepNode(turn, index, { kind: "socketOpened" }));
    case "socketClosed":
      return withNode(turn, event.id, (index) =>
        stepNode(turn, index, { kind: "socketClosed", reason: event.reason }),
      );
    case "frame":
      return withNode(turn, event.id, (index) => onFrame(turn, index, event.text));
    case "request":
      return stepSession(turn, { kind: "request", request: event.request });
    case "tokenRenewed":
      turn.pair = { ...turn.pair, token: event.token };
      return;
    case "clock":
      return forEachNode(turn, (index) => onClock(turn, index));
    case "stop":
      turn.pair = { ...turn.pair, isStopped: true };
      forEachNode(turn, (index) => {
        stepNode(turn, index, { kind: "stop", reason: "the client stopped" });
        loseNode(turn, index);
      });
      return stepSession(turn, { kind: "resumeRefused" });
    default:
      return unreachable(event);
  }
}

function onClock(turn: Turn, index: number): void {
  const { registering } = nodeAt(turn, index);
  if (registering !== null && turn.context.nowMs >= registering.deadline) {
    stepNode(turn, index, { kind: "rejected", reason: "no answer to RegisterClient" });
    return;
  }
  stepNode(turn, index, { kind: "clock" });
}

function stepNode(turn: Turn, index: number, event: ConnectionEvent): void {
  const step = stepConnection(nodeAt(turn, index).connection, event, turn.context);
  changeNode(turn, index, { connection: step.next });
  turn.effects.push(...step.effects);
  for (const signal of step.signals) {
    if (signal.kind === "ready") register(turn, index);
    else loseNode(turn, index);
  }
}

function loseNode(turn: Turn, index: number): void {
  changeNode(turn, index, { said: null, registering: null });
  const { servingIndex, isStopped } = turn.pair;
  leaveNode(turn, index);
  // The one that will serve next is not to be found long after it is there again.
  const isOther = servingIndex !== null && servingIndex !== index;
  if (isOther && !isStopped) stepNode(turn, index, { kind: "hurry", withinMs: spread(turn) });
}

/**
 * The session is no longer at this node: the other one may serve in a moment, and is asked at once
 * where it was not to be reached before.
 */
function leaveNode(turn: Turn, index: number): void {
  if (turn.pair.servingIndex !== index) return;
  turn.pair = { ...turn.pair, servingIndex: null };
  stepSession(turn, { kind: "linkLost" });
  if (turn.pair.isStopped) return;
  forEachNode(turn, (other) => {
    if (other !== index) stepNode(turn, other, { kind: "hurry", withinMs: 0 });
  });
}

/** While one node serves, the other is tried this often, be it dead for long. */
const otherNodeMs = 4_000;

function spread({ context }: Turn): number {
  const halfMs = otherNodeMs / 2;
  return halfMs + (context.entropy % (halfMs + 1));
}

function register(turn: Turn, index: number): void {
  const { options, nowMs, times } = turn.context;
  const { next, referenceID } = takeReferenceID(turn.pair.session);
  turn.pair = { ...turn.pair, session: next };
  const resume = resumeOf(next);
  const request: RequestRegisterClient = {
    request: "RequestRegisterClient",
    referenceID,
    token: turn.pair.token,
    applicationName: options.applicationName,
    addpTimeout: options.addpTimeoutSeconds,
    addpRemoteTimeout: options.addpRemoteTimeoutSeconds,
    ...(resume === null ? {} : { resume }),
  };
  const deadline = nowMs + times.connectTimeoutMs;
  changeNode(turn, index, { registering: { referenceID, deadline } });
  transmit(turn, index, JSON.stringify(request));
}

function onFrame(turn: Turn, index: number, text: string): void {
  const decoded = decodeTlibEvent(text);
  const isAddp = decoded.ok && "addp" in decoded.value;
  const frame = decoded.ok && "addp" in decoded.value ? decoded.value : null;
  stepNode(turn, index, { kind: "received", frame });
  if (isAddp) return;
  if (!decoded.ok) {
    const { errorCode, errorMessage } = decoded.failure;
    turn.effects.push({ kind: "malformed", detail: `${errorCode}: ${errorMessage}` });
    return;
  }
  if (!("addp" in decoded.value)) onEvent(turn, index, decoded.value);
}

function onEvent(turn: Turn, index: number, event: TlibEvent): void {
  const { registering } = nodeAt(turn, index);
  const answersRegister =
    registering !== null && "referenceID" in event && event.referenceID === registering.referenceID;
  if (event.event === "EventLinkConnected") {
    if (answersRegister) onRegistered(turn, index, event);
    return;
  }
  if (event.event === "EventError" && answersRegister) {
    onRegisterRefused(turn, index, event);
    return;
  }
  if (event.event === "EventServerInfo") onServerInfo(turn, index, event.serverRole, event.epoch);
  if (turn.pair.servingIndex === index) stepSession(turn, { kind: "received", event });
}

function onRegistered(turn: Turn, index: number, event: EventLinkConnected): void {
  const { serverRole, epoch } = event;
  stepNode(turn, index, { kind: "accepted" });
  changeNode(turn, index, { registering: null, said: { role: serverRole, epoch } });
  if (serverRole === "backup") {
    leaveNode(turn, index);
    return;
  }
  if (!takeEpoch(turn, index, epoch)) return;
  turn.pair = { ...turn.pair, servingIndex: index };
  stepSession(turn, { kind: "linked", event });
}

/**
 * Whether this node's claim to serve stands. Another one that claimed a lower epoch is taken for
 * gone, as is this one when a higher epoch was seen.
 */
function takeEpoch(turn: Turn, index: number, epoch: number): boolean {
  if (epoch < turn.pair.epochMax) {
    stepNode(turn, index, { kind: "rejected", reason: `epoch ${epoch} is over` });
    return false;
  }
  turn.pair = { ...turn.pair, epochMax: epoch };
  forEachNode(turn, (other) => {
    const { said } = nodeAt(turn, other);
    if (other === index || said?.role !== "primary") return;
    stepNode(turn, other, { kind: "rejected", reason: `epoch ${said.epoch} is over` });
  });
  return true;
}

function onRegisterRefused(turn: Turn, index: number, error: EventError): void {
  if (error.errorCode === "resume-too-old") {
    turn.effects.push({ kind: "resumeTooOld" });
    stepSession(turn, { kind: "resumeRefused" });
    register(turn, index);
    return;
  }
  turn.effects.push({ kind: "clientRefused", error });
  stepNode(turn, index, {
    kind: "rejected",
    reason: error.errorCode,
    ...(error.retryAfter === undefined ? {} : { retryAfterMs: error.retryAfter }),
  });
}

function onServerInfo(turn: Turn, index: number, role: ServerRole, epoch: number): void {
  const node = nodeAt(turn, index);
  if (!isLinked(node.connection)) return;
  changeNode(turn, index, { said: { role, epoch } });
  if (role === "backup") {
    leaveNode(turn, index);
    return;
  }
  if (!takeEpoch(turn, index, epoch)) return;
  // It serves now and knows nothing of this client yet.
  const isNew = turn.pair.servingIndex !== index && node.registering === null;
  if (isNew) register(turn, index);
}

function stepSession(turn: Turn, event: ClientSessionEvent): void {
  const step = stepClientSession(turn.pair.session, event);
  turn.pair = { ...turn.pair, session: step.next };
  for (const effect of step.effects) {
    switch (effect.kind) {
      case "send":
        if (event.kind === "request") {
          turn.effects.push({ kind: "accepted", referenceID: effect.request.referenceID });
        }
        if (turn.pair.servingIndex !== null) {
          transmit(turn, turn.pair.servingIndex, JSON.stringify(effect.request));
        }
        break;
      case "deliver":
        turn.effects.push({ kind: "delivered", event: effect.event });
        break;
      case "answered":
      case "unknown":
        turn.effects.push(effect);
        break;
      case "refused":
        turn.effects.push({ kind: "notSent" });
        break;
      case "opened":
        turn.effects.push({
          kind: "sessionOpened",
          isResumed: effect.isResumed,
          serverStartTime: turn.pair.session.position?.serverStartTime ?? 0,
        });
        break;
      default:
        unreachable(effect);
    }
  }
}

function transmit(turn: Turn, index: number, text: string): void {
  const id = connectionId(nodeAt(turn, index).connection);
  turn.effects.push({ kind: "transmit", id, text });
}

function withNode(turn: Turn, id: string, act: (index: number) => void): void {
  const index = turn.pair.nodes.findIndex(({ connection }) => connectionId(connection) === id);
  if (index >= 0) act(index);
}

function forEachNode(turn: Turn, act: (index: number) => void): void {
  turn.pair.nodes.forEach((_, index) => act(index));
}

function nodeAt(turn: Turn, index: number): PairNode {
  return turn.pair.nodes[index] as PairNode; // every index comes from the list itself
}

function changeNode(turn: Turn, index: number, change: Partial<PairNode>): void {
  const nodes = turn.pair.nodes.map((node, at) => (at === index ? { ...node, ...change } : node));
  turn.pair = { ...turn.pair, nodes };
}
