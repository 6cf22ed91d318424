/**
 * Checking a password costs 19 MB and tens of milliseconds by intent, and the same for a user who
 * does not exist. So few at a time, a queue with an end, and a source that fails often has to wait.
 */
import { hash, verify } from "@node-rs/argon2";

export type PasswordVerdict =
  | { readonly kind: "right" }
  | { readonly kind: "wrong" }
  | { readonly kind: "later"; readonly retryAfterMs: number };

export interface PasswordCheck {
  /** `expected` undefined: nobody of that name; costs the same and is wrong. */
  readonly check: (
    source: string,
    password: string,
    expected: string | undefined,
  ) => Promise<PasswordVerdict>;
}

export interface PasswordCheckOptions {
  readonly nowMs: () => number;
  readonly verifyHash?: (expected: string, password: string) => Promise<boolean>;
}

export const atOnceMax = 2;
export const waitingMax = 500;
/** Wrong passwords of one source within `failureWindowMs` before it has to wait. */
export const failuresMax = 20;
export const failureWindowMs = 60_000;
/** Sources remembered at a time; the oldest is forgotten first. */
const sourcesMax = 10_000;
const busyRetryMs = 1_000;

export async function createPasswordCheck(options: PasswordCheckOptions): Promise<PasswordCheck> {
  const { nowMs, verifyHash = verify } = options;
  const nobody = await hash("nobody has this password");
  const failures = new Map<string, { readonly since: number; readonly count: number }>();
  const waiting: (() => void)[] = [];
  let atOnce = 0;

  const enter = async (): Promise<void> => {
    if (atOnce < atOnceMax) {
      atOnce += 1;
      return;
    }
    await new Promise<void>((resolve) => waiting.push(resolve)); // its place is handed over
  };
  const leave = (): void => {
    const next = waiting.shift();
    if (next === undefined) atOnce -= 1;
    else next();
  };
  const countFailure = (source: string): void => {
    const known = failures.get(source);
    const isOver = known === undefined || nowMs() - known.since >= failureWindowMs;
    failures.delete(source);
    failures.set(
      source,
      isOver ? { since: nowMs(), count: 1 } : { ...known, count: known.count + 1 },
    );
    const oldest = failures.keys().next();
    if (failures.size > sourcesMax && oldest.done !== true) failures.delete(oldest.value);
  };
  const waitOf = (source: string): number => {
    const known = failures.get(source);
    if (known === undefined || known.count < failuresMax) return 0;
    return Math.max(0, known.since + failureWindowMs - nowMs());
  };
  return {
    async check(source, password, expected) {
      const retryAfterMs = waitOf(source);
      if (retryAfterMs > 0) return { kind: "later", retryAfterMs };
      if (waiting.length >= waitingMax) return { kind: "later", retryAfterMs: busyRetryMs };
      await enter();
      try {
        const isRight = await verifyHash(expected ?? nobody, password);
        if (isRight && expected !== undefined) return { kind: "right" };
        countFailure(source);
        return { kind: "wrong" };
      } finally {
        leave();
      }
    },
  };
}
