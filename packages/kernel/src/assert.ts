/**
 * The three ways of being sure. A broken assertion is a bug of ours, never the outside's fault
 * (style ERR1): inside `step` it ends the call being touched, outside it stops the process.
 */

/** A broken invariant. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/**
 * Closes a switch: the compiler proves that no case is left, the throw guards against bad casts.
 */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable: ${JSON.stringify(value)}`);
}
