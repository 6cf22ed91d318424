import {
  logTime,
  nextDeadline as nextTimer,
  randomFromEntropy,
  settleTimers,
  takeDue,
  unreachable,
  type Frame,
  type Machine,
  type Random,
} from "@tandem/kernel";
import { onAfterCallWorkOver } from "./agents/after-call-work.ts";
import { askRound } from "./calls/circle.ts";
import { onLegTimer } from "./calls/leg-timers.ts";
import { legById } from "./calls/call.ts";
import { endCall } from "./calls/release.ts";
import { onNoAnswer } from "./calls/no-answer.ts";
import { onNobodyCalled } from "./calls/not-taken.ts";
import { onConsultationEnded } from "./calls/transfer.ts";
import { configure } from "./configure.ts";
import { deliver } from "./deliver.ts";
import type { Effect } from "./effect.ts";
import { leaveFlow } from "./flows/flow.ts";
import { beginEpoch, onFlowClosed } from "./flows/take-over.ts";
import type { Input } from "./input.ts";
import { onMonitorTimer } from "./peers/monitor.ts";
import { flushReports } from "./peers/report.ts";
import { onRefreshTimer } from "./peers/subscribe.ts";
import { receiveMessage, receiveSipFailure } from "./receive.ts";
import { onQueueTimer, serveQueues } from "./queues/serve.ts";
import { onDnTimer } from "./registrar/service-state.ts";
import { closeConnection, onSessionTimer, registerConnection } from "./sessions/connection.ts";
import { refuse } from "./sessions/refusal.ts";
import { stepRequest } from "./sessions/requests.ts";
import { onRingTimer } from "./sessions/ring.ts";
import { createSwitch, type SwitchState } from "./state.ts";
import { stepClient } from "./transactions/client.ts";
import { takeLingering } from "./transactions/linger.ts";
import { stepServer } from "./transactions/server.ts";
import { onResolved, onResolveTimer } from "./trunks/locate.ts";
import { onTrunkMonitorTimer } from "./trunks/monitor.ts";
import { onRegisterTimer } from "./trunks/register.ts";
import { onSigned } from "./trunks/signed.ts";
import { alarm, type Turn } from "./turn.ts";

/**
 * The machine: `step(state, input) → effects`, deterministic and total (architecture.md, The
 * machine). A frame's inputs are stepped in order, then the timers due at its `now`. What breaks
 * inside is a bug of ours: the call or transaction being touched is ended, an alarm names it, and
 * the machine goes on.
 */
export const switchMachine: Machine<SwitchState, Input, Effect> = {
  create: createSwitch,
  stepFrame,
  nextDeadline: (state) => nextTimer(state.timers),
};

export function stepFrame(state: SwitchState, frame: Frame<Input>): Effect[] {
  const effects: Effect[] = [];
  const random = randomFromEntropy(frame.entropy);
  let index = frame.firstIndex;
  for (const input of frame.inputs) {
    if (state.config === null) stepUnconfigured(state, input, effects);
    stepGuarded(state, { frame, index, random, effects }, (turn) => stepInput(turn, input));
    index += 1;
  }
  stepDue(state, { frame, index, random, effects });
  settleTimers(state.timers);
  return effects;
}

interface Course {
  readonly frame: Frame<Input>;
  readonly index: number;
  readonly random: Random;
  readonly effects: Effect[];
}

/** Timers armed for now by a due timer wait for the next frame, so that no frame is without end. */
function stepDue(state: SwitchState, course: Course): void {
  const due: string[] = [];
  for (;;) {
    const key = takeDue(state.timers, course.frame.now);
    if (key === undefined) break;
    if (key.startsWith("linger/")) due.push(...takeLingering(state.lingering, key));
    else due.push(key);
  }
  for (const key of due) stepGuarded(state, course, (turn) => stepTimer(turn, key));
  if (state.queues.isTouched) stepGuarded(state, course, serveQueues);
  if (state.config !== null && state.peer.subscriber !== null) {
    stepGuarded(state, course, flushReports);
  }
}

function stepGuarded(state: SwitchState, course: Course, act: (turn: Turn) => void): void {
  const { config } = state;
  if (config === null) return;
  const turn: Turn = {
    state,
    config,
    now: logTime(course.frame.now),
    random: course.random,
    frameIndex: course.index,
    identifierCount: course.effects.length,
    effects: course.effects,
    touchedCall: null,
    touchedTransaction: null,
    opened: null,
  };
  try {
    act(turn);
  } catch (error) {
    contain(turn, error);
  }
}

/**
 * DET2, architecture.md: the call being touched ends cleanly; the record replays to the same point.
 */
function contain(turn: Turn, error: unknown): void {
  const said = error instanceof Error ? error.message : String(error);
  const where = turn.touchedCall ?? turn.touchedTransaction ?? "no call";
  alarm(turn, "step-failed", `index ${turn.frameIndex}, ${where}: ${said}`);
  const { touchedCall, touchedTransaction } = turn;
  const call = touchedCall === null ? undefined : turn.state.calls.get(touchedCall);
  const transaction = turn.state.transactions.get(touchedTransaction ?? "");
  if (transaction !== undefined) {
    turn.state.transactions.delete(transaction.key);
    leaveFlow(turn.state, transaction);
  }
  if (call === undefined) return;
  try {
    endCall(turn, call, { by: null, status: 500, callState: "GeneralError" });
  } catch {
    // Even its end is broken: the row goes, so that nothing leaks. The alarm above tells of it.
    turn.state.calls.delete(call.key);
  }
}

function stepInput(turn: Turn, input: Input): void {
  switch (input.kind) {
    case "epochBegan":
      return beginEpoch(turn, input);
    case "wallClock":
      turn.state.wallOffsetMs = input.wallMs - turn.now;
      return;
    case "configured":
      return configure(turn, input.config);
    case "sip":
      return receiveMessage(turn, input);
    case "sipFailed":
      return receiveSipFailure(turn, input);
    case "flowClosed":
      return onFlowClosed(turn, input.name, input.remoteHost);
    case "ctiRegister":
      return registerConnection(turn, input);
    case "ctiRequest":
      return stepRequest(turn, input.connection, input.request);
    case "ctiClosed":
      return closeConnection(turn, input.connection);
    case "resolved":
      return onResolved(turn, input.name, input.records);
    case "signed":
      return onSigned(turn, input.id, input.value);
    case "tick":
      return;
    default:
      return unreachable(input);
  }
}

/**
 * Before the first configuration: time, the epoch, and clear refusals. The first one is stepped
 * like any other.
 */
function stepUnconfigured(state: SwitchState, input: Input, effects: Effect[]): void {
  switch (input.kind) {
    case "epochBegan":
      state.epoch = input.epoch;
      if (input.takenOver) state.flows.since = input.epoch;
      return;
    case "wallClock":
      if (state.serverStartTime === 0) state.serverStartTime = input.wallMs;
      state.wallOffsetMs = input.wallMs;
      return;
    case "configured":
      state.config = input.config;
      return;
    case "ctiRegister":
      refuse({ effects }, input.connection, input.referenceID, "not-in-service");
      return;
    default:
      return;
  }
}

/**
 * `tx/…`, `linger/…`, `call/<key>/…`, `dn/<number>/…`, `agent/<dn>/…`, `queue/<key>/…`, `session/<id>/…`,
 * `ring/…`, `peer/…`.
 */
function stepTimer(turn: Turn, key: string): void {
  const first = key.indexOf("/");
  const last = key.lastIndexOf("/");
  const name = key.slice(first + 1, last);
  const why = key.slice(last + 1);
  switch (key.slice(0, first)) {
    case "tx":
      return onTransactionTimer(turn, name, why);
    case "call":
      return onCallTimer(turn, name, why);
    case "dn":
      return onDnTimer(turn, name, why);
    case "agent":
      return onAfterCallWorkOver(turn, name);
    case "queue":
      return onQueueTimer(turn, name, why);
    case "session":
      return onSessionTimer(turn, name, why);
    case "trunk":
      return onTrunkTimer(turn, name, why);
    case "ring":
      return onRingTimer(turn);
    default:
      return why === "monitor" ? onMonitorTimer(turn) : onRefreshTimer(turn);
  }
}

function onTrunkTimer(turn: Turn, name: string, why: string): void {
  if (why === "resolve") onResolveTimer(turn, name);
  else if (why === "monitor") onTrunkMonitorTimer(turn, name);
  else onRegisterTimer(turn, name);
}

function onTransactionTimer(turn: Turn, key: string, timer: string): void {
  const transaction = turn.state.transactions.get(key);
  if (transaction === undefined) return;
  turn.touchedTransaction = key;
  if (transaction.role === "server") stepServer(turn, transaction, { kind: "timer", timer });
  else {
    const delivery = stepClient(turn, transaction, { kind: "timer", timer });
    if (delivery !== null) deliver(turn, delivery, false);
  }
}

function onCallTimer(turn: Turn, key: string, why: string): void {
  const call = turn.state.calls.get(key);
  if (call === undefined) return;
  turn.touchedCall = key;
  if (why === "no-answer") return onNoAnswer(turn, call);
  if (why === "not-taken") return onNobodyCalled(turn, call);
  if (why === "retrieve") return onConsultationEnded(turn, call);
  if (why === "round") return askRound(turn, call);
  const dash = why.indexOf("-");
  const leg = legById(call, Number(why.slice(dash + 1)));
  if (leg !== null) onLegTimer(turn, call, leg, why.slice(0, dash));
}
