import type { Frame } from "@tandem/kernel";
import type { Hello, Versions } from "../message.ts";
import { lastIndexOf } from "../replica.ts";
import { tell, type Course } from "./course.ts";
import { feedInputsMax } from "./node.ts";

/**
 * What a primary sends the other node: frames as they are stepped, from where its machine stands
 * on, or after a whole state (H5). Frames that are not acknowledged are kept, as far as they are
 * few, so that a link that comes back goes on where it stopped.
 */
export function feedFrame<S, I, E>(course: Course<S, I, E>, frame: Frame<I>): void {
  const { node, actions } = course;
  const { feed, link } = node;
  if (link.isFed) actions.push({ kind: "send", message: { kind: "frame", frame } });
  if (!node.setup.hasArbiter || feed.isBroken) return;
  feed.frames.push(frame);
  feed.size += Math.max(1, frame.inputs.length);
  if (feed.size <= feedInputsMax) return;
  feed.isBroken = true;
  dropFrames(course);
}

/** Everything up to `index` is held by the other node. */
export function trimFeed<S, I, E>({ node }: Course<S, I, E>, index: number): void {
  const { feed } = node;
  let count = 0;
  for (const frame of feed.frames) {
    const size = Math.max(1, frame.inputs.length);
    if (frame.firstIndex + size - 1 > index) break;
    feed.size -= size;
    count += 1;
  }
  if (count > 0) feed.frames.splice(0, count);
}

function dropFrames<S, I, E>({ node }: Course<S, I, E>): void {
  node.feed.frames.length = 0;
  node.feed.size = 0;
}

/** Nobody is fed any more, and what was kept is of another role. */
export function closeFeed<S, I, E>(course: Course<S, I, E>): void {
  const { node } = course;
  stopFeeding(course);
  dropFrames(course);
  node.feed.isBroken = false; // from here on, nothing is missing
}

/** The link is gone, or the other node begins anew; frames are kept. */
export function stopFeeding<S, I, E>({ node }: Course<S, I, E>): void {
  node.link.isFed = false;
  node.comparison = null;
  node.link.holdsForLearnerSinceMs = null;
  node.outgoing?.snapshot.abandon();
  node.outgoing = null;
}

/** The other node says where it stands: frames from there on, or the state. */
export function beginFeeding<S, I, E>(course: Course<S, I, E>, hello: Hello): void {
  const { node, clockMs, actions } = course;
  const { link, replica, setup } = node;
  if (replica === null) return;
  stopFeeding(course);
  link.acknowledged = 0;
  link.admitAfterMs = clockMs;
  if (!isSameVersion(hello.versions, setup.versions)) return noteOtherVersion(course, hello);
  // A primary that does not know yet that it is none learns it from the view, and begins anew.
  if (hello.isPrimary) return;
  if (canGoOn(course, hello)) {
    link.acknowledged = hello.lastIndex;
    trimFeed(course, hello.lastIndex);
    const { epoch } = replica;
    actions.push({ kind: "send", message: { kind: "goOn", index: hello.lastIndex, epoch } });
    for (const frame of node.feed.frames) {
      actions.push({ kind: "send", message: { kind: "frame", frame } });
    }
    link.isFed = true;
    return;
  }
  beginTransfer(course);
}

/** H5, H10: the whole state, from its first slice on. */
export function beginTransfer<S, I, E>(course: Course<S, I, E>): void {
  const { node } = course;
  const { replica, setup } = node;
  if (replica === null) return;
  node.lastTransfer += 1;
  node.outgoing = {
    transfer: node.lastTransfer,
    snapshot: setup.snapshots.open(replica.state),
    slices: 0,
  };
  sendSlice(course, node.lastTransfer);
}

/** H10: it is not fed. */
function noteOtherVersion<S, I, E>(course: Course<S, I, E>, { versions }: Hello): void {
  const canTakeOver = versions.schema >= course.node.setup.versions.schema;
  tell(course, { kind: "otherVersion", versions, canTakeOver });
}

function canGoOn<S, I, E>({ node }: Course<S, I, E>, hello: Hello): boolean {
  const { feed, replica, history } = node;
  if (replica === null || feed.isBroken || hello.history !== history) return false;
  const first = feed.frames[0]?.firstIndex ?? lastIndexOf(replica) + 1;
  return hello.lastIndex + 1 >= first && hello.lastIndex <= lastIndexOf(replica);
}

export function isSameVersion(a: Versions, b: Versions): boolean {
  return a.machine === b.machine && a.runtime === b.runtime && a.schema === b.schema;
}

/** H5: the next slice, or the rest, after which frames flow. */
export function sendSlice<S, I, E>(course: Course<S, I, E>, transfer: number): void {
  const { node, actions } = course;
  const { outgoing, replica, handover } = node;
  if (outgoing === null || replica === null || outgoing.transfer !== transfer) return;
  const text = outgoing.snapshot.next();
  if (text !== null) {
    outgoing.slices += 1;
    const number = outgoing.slices;
    actions.push({ kind: "send", message: { kind: "slice", transfer, number, text } });
    return;
  }
  if (handover === null || !handover.isUpgrade) return sendRest(course);
  if (handover.isDraining) return;
  // H10: the rest goes when nothing comes any more.
  handover.isDraining = true;
  handover.sinceMs = course.clockMs;
  handover.owesSinceMs = course.clockMs;
  actions.push({ kind: "drain" });
}

/** The small rest, as of now. */
export function sendRest<S, I, E>(course: Course<S, I, E>): void {
  const { node, actions } = course;
  const { outgoing, replica, link } = node;
  if (outgoing === null || replica === null) return;
  actions.push({
    kind: "send",
    message: {
      kind: "snapshotEnd",
      transfer: outgoing.transfer,
      slices: outgoing.slices,
      text: outgoing.snapshot.finish(),
      history: node.history,
      epoch: replica.epoch,
      index: lastIndexOf(replica),
      now: replica.now,
      digest: { ...replica.digest },
    },
  });
  node.outgoing = null;
  node.feed.isBroken = false;
  dropFrames(course);
  link.isFed = node.handover?.isUpgrade !== true;
}
