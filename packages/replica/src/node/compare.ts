import type { Compare } from "../message.ts";
import { lastIndexOf } from "../replica.ts";
import type { Course } from "./course.ts";

/**
 * H9: the primary walks through its state, a piece now and then, and says what each is like; the
 * standby, which has stepped the same when it hears it, looks at the same piece of its own. What
 * left may be equal for long while what is kept is not.
 */
export function compareNext<S, I, E>({ node, clockMs, actions }: Course<S, I, E>): void {
  const { replica, link, setup } = node;
  if (replica === null || !link.isFed || link.state !== "up" || setup.describe === null) return;
  if (clockMs < node.compareAtMs || node.handover !== null) return;
  if (actions.length > 0) return; // what is on its way does not wait for this
  if (node.comparison === null) {
    node.lastWalk += 1;
    const walk = setup.snapshots.walk(replica.state);
    node.comparison = { number: node.lastWalk, walk, pieces: 0 };
  }
  const { comparison } = node;
  const piece = comparison.walk.next();
  if (piece === null) {
    node.comparison = null;
    node.compareAtMs = clockMs + restMs;
    return;
  }
  comparison.pieces += 1;
  node.compareAtMs = clockMs + pieceEveryMs;
  const { number: walk, pieces } = comparison;
  const place = { epoch: node.view?.epoch ?? 0, index: lastIndexOf(replica), walk, piece: pieces };
  actions.push({ kind: "send", message: { kind: "compare", ...place, ...piece } });
}

/** A thousand calls and ten thousand DNs are walked through in about two minutes. */
const pieceEveryMs = 100;
const restMs = 60_000;
/** After a switchover everybody comes at once. */
export const compareAfterMs: number = 2_000;

/** Whether the piece is the same here; what cannot be compared counts as the same. */
export function isSamePiece<S, I, E>({ node }: Course<S, I, E>, theirs: Compare): boolean {
  const { replica, setup } = node;
  if (replica === null || node.mustRebuild) return true;
  if (theirs.piece === 1) {
    const walk = setup.snapshots.walk(replica.state);
    node.comparison = { number: theirs.walk, walk, pieces: 0 };
  }
  const { comparison } = node;
  const goesOn =
    comparison !== null &&
    comparison.number === theirs.walk &&
    comparison.pieces + 1 === theirs.piece &&
    lastIndexOf(replica) === theirs.index;
  if (!goesOn) {
    node.comparison = null; // a piece was missed: the next walk begins anew
    return true;
  }
  comparison.pieces += 1;
  return comparison.walk.next()?.digest === theirs.digest;
}
