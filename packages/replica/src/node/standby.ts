import type { Frame } from "@tandem/kernel";
import type { Heartbeat, Hello, LinkMessage } from "../message.ts";
import {
  digestOf,
  lastIndexOf,
  lastIndexOfFrame,
  restoreReplica,
  stepReceived,
} from "../replica.ts";
import type { View } from "../view.ts";
import { ask, askChange } from "./ask.ts";
import { isSamePiece } from "./compare.ts";
import { tell, type Course } from "./course.ts";
import { takeover } from "./node.ts";
import { beginTrial, endFallback, giveBack } from "./upgrade.ts";
import { becomePrimary, forgetMachine, seeView, setRole } from "./roles.ts";

/**
 * Everyone but the primary: a waiting node reads the view and offers itself, a learner takes the
 * state, a standby steps what it is sent and acknowledges it, and takes over when nobody serves.
 */
export function helloOf<S, I, E>({ node }: Course<S, I, E>): Hello {
  const { replica, setup } = node;
  return {
    kind: "hello",
    incarnation: setup.incarnation,
    versions: setup.versions,
    history: node.history,
    lastIndex: replica === null ? 0 : lastIndexOf(replica),
    machineEpoch: replica?.epoch ?? 0,
    epoch: node.epochSeen,
    isPrimary: node.role === "primary",
  };
}

export function hearAsOther<S, I, E>(course: Course<S, I, E>, message: LinkMessage<I>): void {
  const { node } = course;
  switch (message.kind) {
    case "hello":
      return;
    case "view":
      return hearView(course, message.view, message.owesMs);
    case "whereAreYou":
      return sayHello(course);
    case "slice":
      return takeSlice(course, message);
    case "snapshotEnd":
      return takeState(course, message);
    case "goOn":
      if (node.role === "waiting") setRole(course, "learner");
      if (node.replica === null) return;
      return acknowledge(course, lastIndexOf(node.replica));
    case "frame":
      return holdFrame(course, message.frame);
    case "heartbeat":
      return answerHeartbeat(course, message);
    case "compare":
      if (isOutdated(course, message.epoch) || isSamePiece(course, message)) return;
      tell(course, { kind: "differs", index: message.index, where: message.where });
      return startOver(course);
    default:
      return; // a primary's, of an epoch that is over
  }
}

function hearView<S, I, E>(course: Course<S, I, E>, view: View, owesMs?: number): void {
  const { node } = course;
  if (view.epoch < node.epochSeen) return;
  const wasListed = node.role === "standby";
  seeView(course, view);
  if (node.question?.purpose === "read") node.question = null;
  takePlace(course, view, wasListed, owesMs);
}

export function sayHello<S, I, E>(course: Course<S, I, E>): void {
  if (course.node.link.state !== "up") return;
  course.actions.push({ kind: "send", message: helloOf(course) });
}

/** What the view says of this node, which is no primary. */
export function takePlace<S, I, E>(
  course: Course<S, I, E>,
  view: View,
  wasListed: boolean,
  owesMs?: number,
): void {
  const { node, clockMs } = course;
  const { incarnation } = node.setup;
  if (node.question !== null) return; // its outcome comes first (H12)
  endFallback(course, view);
  const hasMachine = node.replica !== null && node.incoming === null;
  if (view.primary === incarnation && hasMachine) {
    // Handed over (H8): the change took the lease for us. A process that has just stood still does
    // not know how old this word is, and asks first.
    const { primaryTimeoutMs, leaseTrustMs } = node.setup.timing;
    const isFresh = clockMs - node.stallEndedMs > primaryTimeoutMs;
    const how = { ...takeover, saidBeforeMs: owesMs ?? null };
    becomePrimary(course, view, isFresh ? clockMs : clockMs - leaseTrustMs, how);
    return beginTrial(course, view);
  }
  if (view.members.includes(incarnation) && hasMachine) return setRole(course, "standby");
  if (!wasListed) return;
  // Dropped: it keeps its machine, unless that is wrong, and says where it stands.
  if (node.mustRebuild) forgetMachine(course);
  setRole(course, "waiting");
  node.readAtMs = clockMs;
  sayHello(course);
}

/** H5: a piece of the state; of an older transfer it is too late. */
function takeSlice<S, I, E>(
  course: Course<S, I, E>,
  { transfer, number, text }: Extract<LinkMessage<I>, { kind: "slice" }>,
): void {
  const { node, actions } = course;
  if (number === 1) {
    node.incoming = { transfer, assembly: node.setup.snapshots.assemble(), slices: 0 };
  }
  const { incoming } = node;
  if (incoming === null || incoming.transfer !== transfer) return;
  if (node.role === "waiting") setRole(course, "learner");
  incoming.slices += 1;
  if (incoming.slices !== number || !incoming.assembly.add(text)) return startOver(course);
  actions.push({ kind: "send", message: { kind: "sliceHeld", transfer, number } });
}

/** H5: the whole state has come. */
function takeState<S, I, E>(
  course: Course<S, I, E>,
  end: Extract<LinkMessage<I>, { kind: "snapshotEnd" }>,
): void {
  const { node, clockMs } = course;
  const { incoming } = node;
  node.incoming = null;
  const isWhole = incoming?.transfer === end.transfer && incoming.slices === end.slices;
  if (end.slices > 0 && !isWhole) return startOver(course);
  const assembly =
    end.slices === 0 || incoming === null ? node.setup.snapshots.assemble() : incoming.assembly;
  const state = assembly.finish(end.text);
  if (state === null) return startOver(course);
  const { index, now, epoch, digest } = end;
  const position = { nextIndex: index + 1, now, epoch, digest };
  node.replica = restoreReplica(node.setup.machine, state, position, clockMs);
  node.history = end.history;
  if (node.role === "waiting") setRole(course, "learner");
  acknowledge(course, index);
}

/** Its machine is no copy of the primary's. While the view lists it, it keeps even that. */
function startOver<S, I, E>(course: Course<S, I, E>): void {
  const { node, actions } = course;
  if (node.mustRebuild) return;
  actions.push({ kind: "send", message: { kind: "startOver" } });
  if (node.role === "standby") {
    node.mustRebuild = true;
    return;
  }
  forgetMachine(course);
  setRole(course, "waiting");
  actions.push({ kind: "send", message: helloOf(course) });
}

/**
 * H2: what is of an older epoch than one already seen is refused, unless its sender has made the
 * newer one, too: a reading of the view may be ahead of the link.
 */
function isOutdated<S, I, E>({ node }: Course<S, I, E>, epoch: number): boolean {
  return epoch < node.epochSeen && node.view?.primary !== node.link.peer?.incarnation;
}

function holdFrame<S, I, E>(course: Course<S, I, E>, frame: Frame<I>): void {
  const { node, clockMs } = course;
  const { replica } = node;
  if (replica === null || isOutdated(course, frame.epoch)) return;
  if (node.mustRebuild || frame.firstIndex < replica.nextIndex) return; // it has it already
  if (frame.firstIndex > replica.nextIndex) return startOver(course);
  node.epochSeen = Math.max(node.epochSeen, frame.epoch);
  node.received = { frame, clockMs };
  acknowledge(course, lastIndexOfFrame(frame));
  course.actions.push({ kind: "catchUp" });
}

/**
 * H2: a frame is acknowledged when it has been received, and stepped before anything else happens
 * here: nobody waits for this node's machine.
 */
export function stepReceivedFrame<S, I, E>({ node, actions }: Course<S, I, E>): void {
  const { received, replica, setup } = node;
  node.received = null;
  if (received === null || replica === null) return;
  stepReceived(replica, received.frame, received.clockMs, setup.describe);
  actions.push({ kind: "stepped", frame: received.frame });
}

/** H4: from asking for the view on it acknowledges nothing more. */
function acknowledge<S, I, E>({ node, actions }: Course<S, I, E>, index: number): void {
  if (node.question !== null && node.question.purpose !== "read") return;
  if (node.replica === null || node.mustRebuild) return;
  actions.push({ kind: "send", message: { kind: "ack", index } });
}

/** H9: at this place in the order of messages both have stepped the same. */
function answerHeartbeat<S, I, E>(course: Course<S, I, E>, heartbeat: Heartbeat): void {
  const { node, clockMs, actions } = course;
  if (isOutdated(course, heartbeat.epoch)) return;
  node.link.arbiterAgeMs = heartbeat.arbiterAgeMs;
  const { replica } = node;
  if (
    replica !== null &&
    node.setup.describe !== null &&
    heartbeat.index === lastIndexOf(replica) &&
    heartbeat.digest !== digestOf(replica)
  ) {
    tell(course, { kind: "differs", index: heartbeat.index });
    return startOver(course);
  }
  const isAsking = node.question !== null && node.question.purpose !== "read";
  if (isAsking || node.mustRebuild) return;
  actions.push({
    kind: "send",
    message: {
      kind: "heartbeatAnswer",
      count: heartbeat.count,
      arbiterAgeMs: clockMs - node.arbiterAnsweredMs,
    },
  });
}

/** H4: the primary is dead, silent, or out of sight. */
export function settleStandby<S, I, E>(course: Course<S, I, E>): void {
  const { node, clockMs } = course;
  const { link, setup, view } = node;
  if (node.question !== null || view === null) return;
  const { primaryTimeoutMs, courtesyMs } = setup.timing;
  const isDead = link.state === "refused";
  const isGone = link.state === "lost" && clockMs - link.changedMs >= courtesyMs;
  const isSilent = clockMs - link.heardMs >= primaryTimeoutMs;
  if (isDead || isGone || isSilent) return takeOver(course, view);
  readNowAndThen(course);
}

function takeOver<S, I, E>(course: Course<S, I, E>, view: View): void {
  const { incarnation } = course.node.setup;
  const next = {
    epoch: view.epoch + 1,
    primary: incarnation,
    members: [incarnation],
    fallback: null,
  };
  askChange(course, "takeover", next);
}

/** A waiting node and a learner: who serves, and may anybody? */
export function settleWaiting<S, I, E>(course: Course<S, I, E>): void {
  if (course.node.question === null && !giveBack(course)) readNowAndThen(course);
}

function readNowAndThen<S, I, E>(course: Course<S, I, E>): void {
  const { node, clockMs } = course;
  if (clockMs < node.readAtMs) return;
  node.readAtMs = clockMs + (node.role === "standby" ? standbyReadMs : waitingReadMs);
  ask(course, "read", { kind: "read" });
}

/** Often enough to tell readiness, which asks for 2 s. */
const standbyReadMs = 1_000;
const waitingReadMs = 300;

/** What a reading says to a node that does not serve. */
export function onRead<S, I, E>(
  course: Course<S, I, E>,
  view: View | null,
  hasLease: boolean,
): void {
  const { node, clockMs } = course;
  const { incarnation, timing } = node.setup;
  if (hasLease) node.noLeaseSinceMs = null;
  else node.noLeaseSinceMs ??= clockMs;
  if (view === null) {
    const first = { epoch: 1, primary: incarnation, members: [incarnation], fallback: null };
    if (!hasLease && node.role !== "standby") askChange(course, "first", first, true);
    return;
  }
  if (view.epoch < node.epochSeen) return;
  const wasListed = node.role === "standby";
  seeView(course, view);
  takePlace(course, view, wasListed);
  if (node.role === "primary" || node.role === "standby") return;
  const isAbsent = node.noLeaseSinceMs !== null && clockMs - node.noLeaseSinceMs >= timing.leaseMs;
  if (isAbsent && isNewest(course)) coldStart(course, view);
}

/** H6: the machine that it still holds, else an empty one, as a new history. */
function coldStart<S, I, E>(course: Course<S, I, E>, view: View): void {
  const { incarnation } = course.node.setup;
  const next = {
    epoch: view.epoch + 1,
    primary: incarnation,
    members: [incarnation],
    fallback: null,
  };
  askChange(course, "cold", next, true);
}

/** Whether the other node, as far as the link reaches it, holds no newer machine. */
function isNewest<S, I, E>({ node }: Course<S, I, E>): boolean {
  const { link, replica } = node;
  const { peer } = link;
  if (link.state !== "up" || peer === null || peer.lastIndex === 0) return true;
  if (replica === null) return false;
  if (replica.epoch !== peer.machineEpoch) return replica.epoch > peer.machineEpoch;
  const last = lastIndexOf(replica);
  return last !== peer.lastIndex
    ? last > peer.lastIndex
    : node.setup.incarnation > peer.incarnation;
}
