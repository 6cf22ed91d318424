import type { LinkMessage } from "../message.ts";
import { lastIndexOf, releaseUpTo, stepGathered, forgetHeld, digestOf } from "../replica.ts";
import type { Incarnation, View } from "../view.ts";
import { askChange, isLeaseTrusted, renewLease, trustLease } from "./ask.ts";
import { compareNext } from "./compare.ts";
import { tell, type Course } from "./course.ts";
import { beginFeeding, feedFrame, sendRest, sendSlice, stopFeeding, trimFeed } from "./feed.ts";
import { sameNode, takeover, type Node, type Question } from "./node.ts";
import { beginUpgrade, fallbackOf, isTrialOver, pursueUpgrade } from "./upgrade.ts";
import { becomePrimary, beginEpoch, seeView, setRole, tellView } from "./roles.ts";

/** The primary: frames, what may leave, who holds them, and whether it may go on. */

/** H1: one turn of the event loop, as a frame. */
export function gather<S, I, E>(
  course: Course<S, I, E>,
  inputs: readonly I[],
  entropy: string,
): void {
  const { node, clockMs, actions } = course;
  const { replica, view, setup } = node;
  if (node.role !== "primary" || node.doors !== "open" || replica === null || view === null) return;
  const isHandedOver = node.handover !== null && node.handover.lastIndex !== null;
  if (isHandedOver) return; // its sockets are closed; the other node steps what comes now
  const whole = node.epochInput === null ? inputs : [node.epochInput, ...inputs];
  node.epochInput = null;
  const { frame, isBehind } = stepGathered(
    replica,
    { epoch: view.epoch, clockMs, entropy, inputs: whole },
    setup.describe,
  );
  actions.push({ kind: "stepped", frame });
  feedFrame(course, frame);
  release(course);
  if (isBehind) actions.push({ kind: "frame" });
}

/** The member whose acknowledgement effects wait for. */
export function standbyOf({ view, setup }: ListedNode): Incarnation | null {
  return view?.members.find((member) => member !== setup.incarnation) ?? null;
}

interface ListedNode {
  readonly view: View | null;
  readonly setup: { readonly incarnation: Incarnation };
}

/**
 * H2, H12: what every member holds may leave, unless it is not known who is a member. What is older
 * than a standby's patience waits for the arbiter's word: the standby may have acknowledged it and
 * taken over since.
 */
export function release<S, I, E>(course: Course<S, I, E>): void {
  const { node, actions, clockMs } = course;
  const { replica, link } = node;
  if (replica === null || node.role !== "primary" || node.doors !== "open") return;
  if (node.question !== null && node.question.request.kind === "change") return;
  const isAlone = standbyOf(node) === null;
  if (isAlone && !isLeaseTrusted(course)) return;
  const isWaitedFor = !isAlone || link.holdsForLearnerSinceMs !== null;
  const oldest = replica.held[0];
  if (!isAlone && oldest !== undefined) {
    node.mustConfirm ||= clockMs - oldest.sinceMs >= node.setup.timing.primaryTimeoutMs;
    if (node.mustConfirm) return;
  }
  const last = lastIndexOf(replica);
  const upTo = isWaitedFor ? Math.min(last, link.acknowledged) : last;
  const effects = releaseUpTo(replica, upTo);
  node.releasedIndex = Math.max(node.releasedIndex, upTo);
  if (effects.length > 0) actions.push({ kind: "perform", effects });
}

/** The other node's word to a primary. */
export function hearAsPrimary<S, I, E>(course: Course<S, I, E>, message: LinkMessage<I>): void {
  const { node } = course;
  const { link } = node;
  switch (message.kind) {
    case "hello":
      if (node.view !== null) {
        course.actions.push({ kind: "send", message: { kind: "view", view: node.view } });
      }
      return beginFeeding(course, message);
    case "ack":
      if (!link.isFed && node.handover?.isUpgrade !== true) return;
      link.acknowledged = Math.max(link.acknowledged, message.index);
      trimFeed(course, message.index);
      return release(course);
    case "heartbeatAnswer":
      link.arbiterAgeMs = message.arbiterAgeMs;
      return forgetAnswered(link.heartbeat.unanswered, message.count);
    case "sliceHeld":
      return sendSlice(course, message.transfer);
    case "startOver":
      link.hasFailed = true;
      tell(course, { kind: "differs", index: link.acknowledged });
      return stopFeeding(course);
    default:
      return; // of an epoch that is over
  }
}

/** What a primary has to see to, whatever happened. */
export function settlePrimary<S, I, E>(course: Course<S, I, E>): void {
  const { node, clockMs } = course;
  if (!node.setup.hasArbiter) return;
  renewLease(course);
  beat(course);
  leaveDoors(course);
  if (node.question !== null) return;
  if (node.doors === "left" || node.lease.hasLapsed) return regain(course);
  if (isTrialOver(node, clockMs)) return endTrial(course);
  const standby = standbyOf(node);
  if (standby !== null) {
    if (isStandbyLost(course, standby)) return goAlone(course);
    if (node.mustConfirm) return regain(course);
    compareNext(course);
    return handOver(course, standby);
  }
  if (node.handover?.isUpgrade === true) {
    const why = pursueUpgrade(course);
    if (why !== null) giveUpHandover(course, why);
    return;
  }
  admitLearner(course);
  if (node.handover !== null) giveUpHandover(course, "no standby holds everything");
  if (node.link.holdsForLearnerSinceMs !== null) return;
  if (clockMs >= node.lease.trustedUntilMs) release(course);
}

function beat<S, I, E>(course: Course<S, I, E>): void {
  const { node, clockMs, actions } = course;
  const { link, replica, setup } = node;
  if (link.state !== "up" || replica === null || node.view === null) return;
  const { heartbeat } = link;
  if (clockMs - heartbeat.sentMs < setup.timing.heartbeatMs) return;
  heartbeat.count += 1;
  heartbeat.sentMs = clockMs;
  if (heartbeat.unanswered.length < unansweredMax) {
    heartbeat.unanswered.push({ count: heartbeat.count, sentMs: clockMs });
  }
  actions.push({
    kind: "send",
    message: {
      kind: "heartbeat",
      count: heartbeat.count,
      epoch: node.view.epoch,
      index: link.isFed ? lastIndexOf(replica) : 0,
      digest: link.isFed ? digestOf(replica) : "",
      arbiterAgeMs: clockMs - node.arbiterAnsweredMs,
    },
  });
}

/** H3: gone, another process, or silent for too long. */
function isStandbyLost<S, I, E>({ node, clockMs }: Course<S, I, E>, standby: string): boolean {
  const { link, replica, setup } = node;
  if (link.state !== "up" || link.hasFailed) return true;
  if (link.peer !== null && link.peer.incarnation !== standby) return true;
  const waits = oldestUnacknowledged(node);
  const limit = setup.timing.standbyTimeoutMs;
  if (waits !== null && clockMs - waits >= limit && replica !== null) return true;
  const oldest = link.heartbeat.unanswered[0];
  return oldest !== undefined && clockMs - oldest.sentMs >= limit;
}

/** A slow line has several under way. */
function forgetAnswered(unanswered: { readonly count: number }[], count: number): void {
  while (unanswered[0] !== undefined && unanswered[0].count <= count) unanswered.shift();
}

/** The oldest is the one that counts. */
const unansweredMax = 100;

function oldestUnacknowledged<S, I, E>({ replica, link }: Node<S, I, E>): number | null {
  const held = replica?.held[0];
  return held !== undefined && held.lastIndex > link.acknowledged ? held.sinceMs : null;
}

function goAlone<S, I, E>(course: Course<S, I, E>): void {
  askChange(course, "alone", nextView(course, [course.node.setup.incarnation]));
}

function nextView<S, I, E>(
  { node, clockMs }: Course<S, I, E>,
  members: readonly Incarnation[],
): View {
  const { incarnation } = node.setup;
  const fallback = fallbackOf(node, clockMs);
  return { epoch: (node.view?.epoch ?? 0) + 1, primary: incarnation, members, fallback };
}

/** H10: the new version stays; the old one forgets its machine when it reads this. */
function endTrial<S, I, E>(course: Course<S, I, E>): void {
  askChange(course, "trialOver", nextView(course, course.node.view?.members ?? []));
}

/** H5: waits for a learner that has nearly caught up, then lists it. */
function admitLearner<S, I, E>(course: Course<S, I, E>): void {
  const { node, clockMs } = course;
  const { link, replica, setup } = node;
  if (!link.isFed || link.state !== "up" || link.peer === null || replica === null) return;
  if (node.doors !== "open" || !isLeaseTrusted(course)) return;
  if (link.holdsForLearnerSinceMs === null) {
    const isNear = lastIndexOf(replica) - link.acknowledged <= nearInputs;
    if (!isNear || clockMs < link.admitAfterMs) return;
    link.holdsForLearnerSinceMs = clockMs;
  }
  if (link.acknowledged >= node.releasedIndex && link.acknowledged > 0) {
    return askChange(course, "admit", nextView(course, [setup.incarnation, link.peer.incarnation]));
  }
  if (clockMs - link.holdsForLearnerSinceMs < setup.timing.standbyTimeoutMs) return;
  link.holdsForLearnerSinceMs = null;
  link.admitAfterMs = clockMs + setup.timing.primaryTimeoutMs;
  release(course);
}

/** A learner this near is waited for. */
const nearInputs = 500;

/** H11: what has released nothing it owed, or is alone without its lease, answers nobody. */
function leaveDoors<S, I, E>(course: Course<S, I, E>): void {
  const { node, clockMs, actions } = course;
  const { replica, setup } = node;
  if (node.doors !== "open" || replica === null) return;
  const oldest = replica.held[0];
  const isStuck = oldest !== undefined && clockMs - oldest.sinceMs >= setup.timing.holdMaxMs;
  const isUnleased = standbyOf(node) === null && !isLeaseTrusted(course);
  if (!isStuck && !isUnleased) return;
  node.doors = "left";
  forgetHeld(replica);
  node.handover = null;
  tell(course, { kind: "doorsLeft", why: isUnleased ? "no-lease" : "nothing-released" });
  actions.push({ kind: "standDown", why: "doors-left" });
}

/** A lapsed lease, and left doors, take a new epoch. */
function regain<S, I, E>(course: Course<S, I, E>): void {
  const { node } = course;
  const standby = standbyOf(node);
  const keeps = standby !== null && node.doors === "open" && !isStandbyLost(course, standby);
  const members = keeps ? [node.setup.incarnation, standby] : [node.setup.incarnation];
  askChange(course, "regain", nextView(course, members));
}

/** H8, as far as it has come. */
function handOver<S, I, E>(course: Course<S, I, E>, standby: string): void {
  const { node, clockMs } = course;
  const { handover, replica, setup } = node;
  if (handover === null || replica === null) return;
  if (clockMs - handover.sinceMs > handoverMaxMs) return giveUpHandover(course, "it took too long");
  if (handover.lastIndex === null || node.link.acknowledged < handover.lastIndex) return;
  const view: View = {
    epoch: (node.view?.epoch ?? 0) + 1,
    primary: standby,
    members: [standby, setup.incarnation],
    fallback: null,
  };
  askChange(course, "handover", view);
}

const handoverMaxMs = 1_000;

export function beginHandover<S, I, E>(course: Course<S, I, E>): void {
  const { node, clockMs, actions } = course;
  if (node.role !== "primary") {
    return tell(course, { kind: "handoverFailed", why: "this node is not the primary" });
  }
  if (node.handover !== null) return;
  const standby = standbyOf(node);
  if (standby === null) {
    const why = beginUpgrade(course);
    if (why !== null) tell(course, { kind: "handoverFailed", why });
    return;
  }
  if (node.link.state !== "up" || node.doors !== "open") {
    return tell(course, { kind: "handoverFailed", why: "there is no standby" });
  }
  node.handover = {
    to: standby,
    lastIndex: null,
    sinceMs: clockMs,
    owesSinceMs: node.replica?.held[0]?.sinceMs ?? clockMs,
    isUpgrade: false,
    isDraining: true,
  };
  actions.push({ kind: "drain" });
}

/** The sockets are empty: what has been gathered is in the last frame. */
export function onDrained<S, I, E>(course: Course<S, I, E>): void {
  const { node } = course;
  if (node.handover === null || node.replica === null) return;
  node.handover.lastIndex = lastIndexOf(node.replica);
  if (node.handover.isUpgrade) sendRest(course);
}

function giveUpHandover<S, I, E>(course: Course<S, I, E>, why: string): void {
  const { node, actions } = course;
  const wasDraining = node.handover?.isDraining === true;
  if (node.handover?.isUpgrade === true) {
    node.outgoing?.snapshot.abandon();
    node.outgoing = null;
  }
  node.handover = null;
  tell(course, { kind: "handoverFailed", why });
  if (node.doors === "open" && wasDraining) {
    actions.push({ kind: "serve", epoch: node.view?.epoch ?? 0 }, { kind: "frame" });
  }
}

/** A change of this primary has been made. */
export function onChanged<S, I, E>(course: Course<S, I, E>, question: Question): void {
  const { node } = course;
  const { request, purpose, firstSentMs } = question;
  if (request.kind !== "change") return;
  const { view } = request;
  if (purpose === "handover") return onHandedOver(course, view);
  const wereLeft = node.doors === "left";
  seeView(course, view);
  node.lease.hasLapsed = false;
  node.lease.sentMs = null;
  trustLease(course, firstSentMs);
  node.link.holdsForLearnerSinceMs = null;
  confirmHeld(course, firstSentMs);
  if (purpose === "alone") stopFeedingUnlisted(course);
  tellView(course, view);
  if (wereLeft) {
    // Nobody has heard of us for a while; what was owed is gone.
    return becomePrimary(course, view, firstSentMs, takeover);
  }
  if (purpose === "alone") {
    tell(course, { kind: "standbyLost", epoch: view.epoch });
  }
  if (purpose === "trialOver") {
    node.trialUntilMs = null;
    tell(course, { kind: "trialPassed", epoch: view.epoch });
  }
  if (purpose === "admit") tell(course, { kind: "standbyJoined", epoch: view.epoch });
  if (node.handover !== null && purpose === "alone") giveUpHandover(course, "the standby is gone");
  beginEpoch(course, sameNode);
  release(course);
}

/** When this was asked nobody else served: what waits is no older than that. */
function confirmHeld<S, I, E>({ node }: Course<S, I, E>, askedMs: number): void {
  const { replica } = node;
  node.mustConfirm = false;
  if (replica === null) return;
  const held = replica.held.splice(0);
  for (const frame of held) {
    replica.held.push({ ...frame, sinceMs: Math.max(frame.sinceMs, askedMs) });
  }
}

/** A dropped standby that is still linked is asked where it stands, and learns. */
function stopFeedingUnlisted<S, I, E>(course: Course<S, I, E>): void {
  stopFeeding(course);
  course.node.link.heartbeat.unanswered.length = 0;
}

function onHandedOver<S, I, E>(course: Course<S, I, E>, view: View): void {
  const { node, actions } = course;
  release(course); // everything is acknowledged
  const owesMs = course.clockMs - (node.handover?.owesSinceMs ?? 0);
  actions.push({ kind: "send", message: { kind: "view", view, owesMs } });
  if (node.doors === "open") actions.push({ kind: "standDown", why: "handed-over" });
  node.doors = "shut";
  node.handover = null;
  node.epochInput = null;
  stopFeeding(course);
  seeView(course, view);
  if (node.replica !== null) forgetHeld(node.replica);
  node.isFallback = view.fallback === node.setup.incarnation;
  node.readAtMs = course.clockMs;
  setRole(course, node.isFallback ? "waiting" : "standby");
  node.link.heardMs = course.clockMs;
}
