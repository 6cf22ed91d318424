import type { ArbiterStore } from "../arbiter-store.ts";
import type { LinkMessage } from "../message.ts";
import { isServing } from "../node/step-node.ts";
import { lastIndexOf, lastIndexOfFrame } from "../replica.ts";
import type { ToyInput } from "./toy-machine.ts";
import type { ToyNode } from "./model-parts.ts";

/** Rules that can be seen broken before they cost anything: a sentence, or null. */

/** H4, H2: acknowledgements. */
export function brokenBySending(node: ToyNode, message: LinkMessage<ToyInput>): string | null {
  if (message.kind !== "ack") return null;
  if (node.question?.purpose === "takeover") return "acknowledges while it asks for the view";
  const { replica, received } = node;
  const last = received === null ? lastIndexOf(replica ?? none) : lastIndexOfFrame(received.frame);
  if (replica === null || message.index > last) {
    return `acknowledges ${message.index}, which it does not hold`;
  }
  return null;
}

const none = { nextIndex: 0 };

/** Lease: whoever serves and has long reached the arbiter holds it, alone or not. */
export function brokenByResting(
  node: ToyNode,
  store: ArbiterStore,
  nowMs: number,
  reachedForMs: number,
): string | null {
  const { incarnation } = node.setup;
  const isServing = node.role === "primary" && node.doors === "open";
  if (!isServing || store.view?.primary !== incarnation) return null;
  if (reachedForMs < leaseWithinMs || node.question !== null) return null;
  const holdsLease = store.holder === incarnation && nowMs < store.heldUntilMs;
  return holdsLease ? null : "serves, reaches the arbiter, and holds no lease";
}

/** Three renewals, or an answer that stays away and another try. */
const leaseWithinMs = 1_500;

/** When the faults are over and time has passed: one serves, the other holds the same. */
export function brokenAtEnd(
  nodes: readonly (ToyNode | null)[],
  store: ArbiterStore,
  { nowMs }: { readonly nowMs: number },
  linkDelayMs: number,
): readonly string[] {
  const broken: string[] = [];
  const serving = nodes.filter((node) => node !== null && isServing(node, nowMs));
  if (serving.length !== 1) broken.push(`${serving.length} nodes serve after the faults`);
  if (store.view?.members.length !== 2) broken.push("the pair is not whole after the faults");
  const [a, b] = nodes.map((node) => node?.replica?.state.seen.length);
  if (a === undefined || b === undefined || Math.abs(a - b) > 5 + linkDelayMs / 5) {
    broken.push(`the machines hold ${a} and ${b} words`);
  }
  return broken;
}
