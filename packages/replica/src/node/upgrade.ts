import { lastIndexOf } from "../replica.ts";
import type { View } from "../view.ts";
import { askChange } from "./ask.ts";
import { tell, type Course } from "./course.ts";
import { beginTransfer, isSameVersion } from "./feed.ts";
import { coldTakeover, type Node } from "./node.ts";
import { becomePrimary, forgetMachine } from "./roles.ts";

/**
 * H10: two versions of the machine. They never replay each other's frames: the newer one is sent
 * the state, and serves it in its own shape from one index on; the older one keeps its machine for
 * as long as the newer one is on trial.
 *
 *     old: primary ─▶ handOver: slices ─▶ drain ─▶ rest ─▶ view { new | fallback: old } ─▶ waiting
 *     new: waiting ─▶ state, migrated ─▶ primary, on trial ─▶ view without a fallback
 *     old: redialling the new one is refused within the trial ─▶ primary, with what it had
 */

/** Why this primary cannot hand over to another version; null: it has begun to. */
export function beginUpgrade<S, I, E>(course: Course<S, I, E>): string | null {
  const { node, clockMs } = course;
  const { link, setup } = node;
  const { peer } = link;
  if (link.state !== "up" || peer === null || node.doors !== "open") return "there is no standby";
  if (isSameVersion(peer.versions, setup.versions)) return "the other node is still learning";
  if (peer.versions.schema < setup.versions.schema) {
    return `the other node's version is older (state ${peer.versions.schema}, here \
${setup.versions.schema})`;
  }
  if (peer.isPrimary) return "the other node takes itself for a primary";
  node.handover = {
    to: peer.incarnation,
    lastIndex: null,
    sinceMs: clockMs,
    owesSinceMs: clockMs,
    isUpgrade: true,
    isDraining: false,
  };
  link.acknowledged = 0;
  link.hasFailed = false;
  beginTransfer(course);
  return null;
}

/** How far the upgrade has come; a sentence when it is to be given up. */
export function pursueUpgrade<S, I, E>(course: Course<S, I, E>): string | null {
  const { node, clockMs } = course;
  const { handover, link } = node;
  if (handover === null) return null;
  if (link.state !== "up" || link.peer?.incarnation !== handover.to) return "the link is gone";
  if (link.hasFailed) return "the other node cannot read this state";
  if (!handover.isDraining && node.outgoing === null) return "the transfer was interrupted";
  const limitMs = handover.isDraining ? pauseMaxMs : transferMaxMs;
  if (clockMs - handover.sinceMs > limitMs) return "it took too long";
  if (handover.lastIndex === null || link.acknowledged < handover.lastIndex) return null;
  const { incarnation } = node.setup;
  const view: View = {
    epoch: (node.view?.epoch ?? 0) + 1,
    primary: handover.to,
    members: [handover.to],
    fallback: incarnation,
  };
  askChange(course, "handover", view);
  return null;
}

/** Nobody is answered for as long. */
const pauseMaxMs = 1_000;
const transferMaxMs = 60_000;

/** This node serves what an older version has sent it. */
export function beginTrial<S, I, E>(course: Course<S, I, E>, view: View): void {
  const { node, clockMs } = course;
  if (view.fallback === null || node.role !== "primary") return;
  const { upgradeTrialMs: trialMs } = node.setup.timing;
  node.trialUntilMs = clockMs + trialMs;
  tell(course, { kind: "upgraded", epoch: view.epoch, trialMs });
}

/** Whom the view still names as the older version. */
export function fallbackOf<S, I, E>(node: Node<S, I, E>, clockMs: number): string | null {
  const isOnTrial = node.trialUntilMs !== null && clockMs < node.trialUntilMs;
  return isOnTrial ? (node.view?.fallback ?? null) : null;
}

export function isTrialOver<S, I, E>(node: Node<S, I, E>, clockMs: number): boolean {
  return (node.view?.fallback ?? null) !== null && fallbackOf(node, clockMs) === null;
}

/** The new version is dead: this one has the site back (a lost link says nothing of the sort). */
export function giveBack<S, I, E>(course: Course<S, I, E>): boolean {
  const { node } = course;
  const { view, link, setup } = node;
  if (!node.isFallback || view === null || link.state !== "refused") return false;
  const { incarnation } = setup;
  askChange(course, "giveBack", {
    epoch: view.epoch + 1,
    primary: incarnation,
    members: [incarnation],
    fallback: null,
  });
  return true;
}

export function onGivenBack<S, I, E>(course: Course<S, I, E>, view: View, sentMs: number): void {
  const { node } = course;
  const { replica } = node;
  node.isFallback = false;
  node.history = `${view.epoch}/${node.setup.incarnation}`;
  const lostAfterIndex = replica === null ? 0 : lastIndexOf(replica);
  tell(course, { kind: "givenBack", epoch: view.epoch, lostAfterIndex });
  becomePrimary(course, view, sentMs, coldTakeover);
}

/** The view names this node as the older version no more: its machine is of the past. */
export function endFallback<S, I, E>(course: Course<S, I, E>, view: View): void {
  const { node } = course;
  const { incarnation } = node.setup;
  if (!node.isFallback || view.fallback === incarnation) return;
  node.isFallback = false;
  if (view.primary !== incarnation && !view.members.includes(incarnation)) forgetMachine(course);
}
