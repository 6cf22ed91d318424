import { unreachable } from "@tandem/kernel";
import type { ArbiterAnswer } from "../arbiter.ts";
import type { LinkMessage } from "../message.ts";
import type { View } from "../view.ts";
import { isLeaseTrusted, onRenewed, outcomeOf, repeatQuestion } from "./ask.ts";
import { tell, type Course } from "./course.ts";
import { stopFeeding } from "./feed.ts";
import {
  coldTakeover,
  takeover,
  type Action,
  type Happening,
  type Node,
  type NodeSetup,
  type Question,
} from "./node.ts";
import {
  beginHandover,
  gather,
  hearAsPrimary,
  onChanged,
  onDrained,
  settlePrimary,
  standbyOf,
} from "./primary.ts";
import { onGivenBack } from "./upgrade.ts";
import { becomePrimary, depose, forgetMachine, seeView, setRole } from "./roles.ts";
import {
  hearAsOther,
  helloOf,
  onRead,
  sayHello,
  settleStandby,
  settleWaiting,
  stepReceivedFrame,
  takePlace,
} from "./standby.ts";

/** A process that has just started: it holds nothing and is a member of nothing. */
export function createNode<State, Input, Effect>(
  setup: NodeSetup<State, Input, Effect>,
  clockMs: number,
): Node<State, Input, Effect> {
  return {
    setup,
    role: "waiting",
    view: null,
    epochSeen: 0,
    replica: null,
    history: "",
    doors: "shut",
    epochInput: null,
    link: {
      state: "lost",
      changedMs: clockMs,
      peer: null,
      heardMs: clockMs,
      isFed: false,
      acknowledged: 0,
      heartbeat: { count: 0, sentMs: clockMs, unanswered: [] },
      hasFailed: false,
      arbiterAgeMs: Infinity,
      holdsForLearnerSinceMs: null,
      admitAfterMs: clockMs,
    },
    question: null,
    lastQuestion: 0,
    lease: { trustedUntilMs: 0, renewAtMs: 0, hasLapsed: false, sentMs: null, id: 0 },
    arbiterAnsweredMs: -Infinity,
    readAtMs: clockMs,
    noLeaseSinceMs: null,
    handover: null,
    trialUntilMs: null,
    isFallback: false,
    mustConfirm: false,
    releasedIndex: 0,
    feed: { frames: [], size: 0, isBroken: false },
    outgoing: null,
    lastTransfer: 0,
    incoming: null,
    lastSteppedMs: clockMs,
    stallEndedMs: -Infinity,
    mustRebuild: false,
    comparison: null,
    lastWalk: 0,
    compareAtMs: clockMs,
    received: null,
  };
}

/** Whatever happened, and what follows from it and from the time. */
export function stepNode<State, Input, Effect>(
  node: Node<State, Input, Effect>,
  clockMs: number,
  happening: Happening<Input>,
): readonly Action<Input, Effect>[] {
  const course: Course<State, Input, Effect> = { node, clockMs, actions: [] };
  stepReceivedFrame(course);
  forgiveStall(course);
  take(course, happening);
  settle(course);
  return course.actions;
}

/** A process that stood still has not heard what waits in its sockets: it listens first. */
function forgiveStall<S, I, E>({ node, clockMs }: Course<S, I, E>): void {
  const stallMs = clockMs - node.lastSteppedMs - stallMinMs;
  node.lastSteppedMs = clockMs;
  if (stallMs <= 0) return;
  node.stallEndedMs = clockMs;
  const { link, setup } = node;
  const { primaryTimeoutMs } = setup.timing;
  link.heardMs = Math.max(link.heardMs, clockMs - primaryTimeoutMs + stallMinMs);
  for (const beat of link.heartbeat.unanswered) {
    beat.sentMs = Math.min(clockMs, beat.sentMs + stallMs);
  }
}

/** The clock comes at least as often. */
const stallMinMs = 200;

function take<S, I, E>(course: Course<S, I, E>, happening: Happening<I>): void {
  const { node, clockMs } = course;
  switch (happening.kind) {
    case "gathered":
      return gather(course, happening.inputs, happening.entropy);
    case "linkUp":
      return linkUp(course);
    case "linkDown":
      return linkDown(course, happening.isRefused);
    case "message":
      node.link.heardMs = clockMs;
      return hear(course, happening.message);
    case "answer":
      return answered(course, happening.id, happening.answer);
    case "clock":
    case "caughtUp":
      return;
    case "handOver":
      return beginHandover(course);
    case "drained":
      return onDrained(course);
    default:
      return unreachable(happening);
  }
}

function linkUp<S, I, E>(course: Course<S, I, E>): void {
  const { node, clockMs } = course;
  stopFeeding(course);
  node.link.state = "up";
  node.link.changedMs = clockMs;
  node.link.heardMs = clockMs;
  node.link.peer = null;
  node.link.heartbeat.unanswered.length = 0;
  course.actions.push({ kind: "send", message: helloOf(course) });
}

function linkDown<S, I, E>(course: Course<S, I, E>, isRefused: boolean): void {
  const { node, clockMs } = course;
  const { link } = node;
  if (link.state === "up" || (isRefused && link.state !== "refused")) link.changedMs = clockMs;
  link.state = isRefused ? "refused" : "lost";
  link.peer = null;
  stopFeeding(course);
  node.incoming = null;
  if (node.role === "learner") setRole(course, "waiting");
  // A learner may have been listed without having heard (H5), and a primary may be gone.
  if (node.role !== "primary") node.readAtMs = clockMs;
}

function hear<S, I, E>(course: Course<S, I, E>, message: LinkMessage<I>): void {
  const { node } = course;
  if (message.kind === "hello") {
    const isAnother = node.link.peer?.incarnation !== message.incarnation;
    if (isAnother) node.link.acknowledged = 0;
    node.link.peer = message;
    node.link.hasFailed = false;
  }
  if (node.role === "primary") {
    if (message.kind === "view" && message.view.epoch > (node.view?.epoch ?? 0)) {
      if (node.question === null) stepDown(course, message.view);
      return;
    }
    return hearAsPrimary(course, message);
  }
  hearAsOther(course, message);
}

function answered<S, I, E>(course: Course<S, I, E>, id: number, answer: ArbiterAnswer): void {
  if (onRenewed(course, id, answer)) return;
  const outcome = outcomeOf(course, id, answer);
  if (outcome === null) return;
  const { question } = outcome;
  switch (outcome.answer.kind) {
    case "read":
      return onRead(course, outcome.answer.view, outcome.answer.hasLease);
    case "changed":
      return onMade(course, question);
    case "notChanged":
      return onNotMade(course, question, outcome.answer.view);
    default:
      return; // the answer of another kind of question tells nothing
  }
}

function onMade<S, I, E>(course: Course<S, I, E>, question: Question): void {
  const { node, clockMs } = course;
  const { request, purpose, firstSentMs } = question;
  if (request.kind !== "change") return;
  if (purpose === "takeover") return becomePrimary(course, request.view, firstSentMs, takeover);
  if (purpose === "giveBack") return onGivenBack(course, request.view, firstSentMs);
  if (purpose === "first" || purpose === "cold") {
    const hadMachine = node.replica !== null;
    node.incoming = null;
    if (node.replica !== null) node.history = `${request.view.epoch}/${node.setup.incarnation}`;
    if (purpose === "cold") {
      tell(course, { kind: "coldStart", epoch: request.view.epoch, hadMachine });
    } else forgetMachine(course);
    node.noLeaseSinceMs = null;
    node.isFallback = false;
    const how = purpose === "cold" && hadMachine ? coldTakeover : takeover;
    return becomePrimary(course, request.view, firstSentMs, how);
  }
  if (node.role === "primary") onChanged(course, question);
  else node.readAtMs = clockMs;
}

/** The epoch has moved: somebody else changed the view. */
function onNotMade<S, I, E>(course: Course<S, I, E>, question: Question, view: View | null): void {
  const { node, clockMs } = course;
  node.readAtMs = clockMs;
  if (view === null) {
    // The key is gone; a primary goes on without what nobody can tell it, and loses its lease.
    if (node.role === "primary") stepDown(course, null);
    return;
  }
  const isNewer = view.epoch > (node.view?.epoch ?? 0);
  if (node.role === "primary") {
    if (isNewer) return stepDown(course, view);
    return;
  }
  if (!isNewer && question.purpose !== "cold" && question.purpose !== "first") return;
  const wasListed = node.role === "standby";
  seeView(course, view);
  takePlace(course, view, wasListed);
}

/** H7, and the new primary hears of it. */
function stepDown<S, I, E>(course: Course<S, I, E>, view: View | null): void {
  depose(course, view);
  sayHello(course);
}

function settle<S, I, E>(course: Course<S, I, E>): void {
  repeatQuestion(course);
  const { node } = course;
  switch (node.role) {
    case "primary":
      return settlePrimary(course);
    case "standby":
      return settleStandby(course);
    case "waiting":
    case "learner":
      return settleWaiting(course);
    default:
      return unreachable(node.role);
  }
}

/** Serves alone from the start: a node without an arbiter. */
export function serveAlone<S, I, E>(node: Node<S, I, E>, clockMs: number): readonly Action<I, E>[] {
  const course: Course<S, I, E> = { node, clockMs, actions: [] };
  const { incarnation } = node.setup;
  becomePrimary(
    course,
    { epoch: 1, primary: incarnation, members: [incarnation], fallback: null },
    clockMs,
    takeover,
  );
  return course.actions;
}

/** Whether its machine's answers count: an edge never vouches for one that does not serve. */
export function isServing<S, I, E>(node: Node<S, I, E>, clockMs: number): boolean {
  if (node.role !== "primary" || node.doors !== "open") return false;
  if (!node.setup.hasArbiter) return true;
  const { link, setup } = node;
  if (standbyOf(node) === null) return isLeaseTrusted({ node, clockMs, actions: [] });
  return clockMs - link.heardMs < setup.timing.holdMaxMs;
}

/** Safe to switch over (H5): two members, and both have lately reached the arbiter. */
export function isReady<S, I, E>(node: Node<S, I, E>, clockMs: number): boolean {
  const { link, view } = node;
  if (view === null || view.members.length !== 2 || link.state !== "up") return false;
  if (node.role !== "primary" && node.role !== "standby") return false;
  return (
    clockMs - node.arbiterAnsweredMs < readyMs &&
    link.arbiterAgeMs + (clockMs - link.heardMs) < readyMs
  );
}

const readyMs = 2_000;
