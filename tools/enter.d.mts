/** Types of `enter.mjs`, for the tests of it. */
interface LockFile {
  readonly packages: Readonly<Record<string, object>>;
}
export function isSatisfied(lock: LockFile, installed: LockFile): boolean;
export function enter(words: readonly string[]): Promise<number>;
