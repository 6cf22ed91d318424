import { createReplica, forgetHeld, lastIndexOf } from "../replica.ts";
import type { View } from "../view.ts";
import { compareAfterMs } from "./compare.ts";
import { isLeaseTrusted, trustLease } from "./ask.ts";
import { tell, type Course } from "./course.ts";
import { closeFeed } from "./feed.ts";
import type { Beginning, Role, StandDownReason } from "./node.ts";

/** Changes of role, each with everything that goes with it. */
export function seeView<S, I, E>({ node }: Course<S, I, E>, view: View): void {
  if (node.view !== null && view.epoch < node.view.epoch) return;
  node.view = view;
  node.epochSeen = Math.max(node.epochSeen, view.epoch);
}

/** This node is the view's primary. */
export function becomePrimary<S, I, E>(
  course: Course<S, I, E>,
  view: View,
  leaseSentMs: number,
  how: Beginning,
): void {
  const { node, clockMs, actions } = course;
  seeView(course, view);
  if (node.replica === null) {
    node.replica = createReplica(node.setup.machine, clockMs);
    node.history = `${view.epoch}/${node.setup.incarnation}`;
  }
  forgetHeld(node.replica);
  node.incoming = null;
  node.mustRebuild = false;
  node.handover = null;
  node.compareAtMs = clockMs + compareAfterMs;
  node.mustConfirm = false;
  node.lease.hasLapsed = false;
  node.lease.sentMs = null;
  node.lease.renewAtMs = clockMs;
  node.lease.trustedUntilMs = 0;
  trustLease(course, leaseSentMs);
  node.releasedIndex = lastIndexOf(node.replica);
  closeFeed(course);
  const mayServe = isLeaseTrusted(course);
  // The doors come first: somebody may be knocking.
  if (mayServe) actions.push({ kind: "serve", epoch: view.epoch });
  setRole(course, "primary");
  if (!mayServe) {
    // This word is old: somebody else may serve by now. A new epoch tells.
    node.doors = "left";
    return;
  }
  beginEpoch(course, how);
  node.doors = "open";
  if (how.takenOver) tell(course, { kind: "takenOver", epoch: view.epoch });
  tellView(course, view);
}

/** The other node learns the view, and says where it stands if it is to be fed anew. */
export function tellView<S, I, E>({ node, actions }: Course<S, I, E>, view: View): void {
  if (node.link.state !== "up") return;
  actions.push({ kind: "send", message: { kind: "view", view } });
  if (!node.link.isFed) actions.push({ kind: "send", message: { kind: "whereAreYou" } });
}

/** The first input of every epoch. */
export function beginEpoch<S, I, E>(course: Course<S, I, E>, how: Beginning): void {
  const { node, actions } = course;
  node.epochInput = node.setup.epochBegan(node.view?.epoch ?? 0, how);
  actions.push({ kind: "frame" });
}

/** H7: what it held never leaves; a machine that the view does not list is forgotten. */
export function depose<S, I, E>(course: Course<S, I, E>, view: View | null): void {
  const { node } = course;
  if (view !== null) seeView(course, view);
  standDown(course, "deposed");
  const isListed = view?.members.includes(node.setup.incarnation) === true;
  if (isListed && node.replica !== null) {
    forgetHeld(node.replica);
    setRole(course, "standby");
    return;
  }
  forgetMachine(course);
  setRole(course, "waiting");
  node.readAtMs = course.clockMs;
}

export function forgetMachine<S, I, E>({ node }: Course<S, I, E>): void {
  node.replica = null;
  node.history = "";
  node.incoming = null;
  node.mustRebuild = false;
}

export function standDown<S, I, E>(course: Course<S, I, E>, why: StandDownReason): void {
  const { node, actions } = course;
  if (node.doors === "open") actions.push({ kind: "standDown", why });
  node.doors = "shut";
  node.epochInput = null;
  node.handover = null;
  closeFeed(course);
}

export function setRole<S, I, E>(course: Course<S, I, E>, role: Role): void {
  const { node } = course;
  if (node.role === role) return;
  node.role = role;
  node.comparison = null;
  tell(course, { kind: "role", role, epoch: node.view?.epoch ?? 0 });
}
