/**
 * The keeper of a process, as a machine (replication.md, Fencing): a process that is silent too
 * long is killed, the site's address is removed, and it is started again. Pure: times come with the
 * events, and what is to be done goes out as actions.
 *
 *     down ──start──▶ up ──silent──▶ killed ──ended──▶ dropping ──dropped──▶ down (after a while)
 *                     └──────────────ended───────────────▲
 */
export interface KeeperTiming {
  /** Silence after which it is killed. */
  readonly silentMs: number;
  /** The same while it says that it runs alone: nobody can replace it. */
  readonly aloneSilentMs: number;
  /** Until its first beat: it may have much to load. */
  readonly startMs: number;
  /** Between SIGTERM and SIGKILL when the keeper itself is to end. */
  readonly endMs: number;
  /** Before it is started again; doubled each time up to the second. */
  readonly backOffMs: number;
  readonly backOffMaxMs: number;
  /** Having run so long, it begins anew with the shortest. */
  readonly steadyMs: number;
  readonly tickMs: number;
}

export const keeperTiming: KeeperTiming = {
  silentMs: 700,
  aloneSilentMs: 3_000,
  startMs: 60_000,
  endMs: 10_000,
  backOffMs: 100,
  backOffMaxMs: 5_000,
  steadyMs: 10_000,
  tickMs: 50,
};

export interface Keeper {
  readonly timing: KeeperTiming;
  phase: "down" | "up" | "killed" | "dropping" | "ended";
  /** Silence as the keeper has seen it: its own sleep does not count. */
  silentMs: number;
  hasBeaten: boolean;
  isAlone: boolean;
  /** The keeper is to end with it. */
  isEnding: boolean;
  /** In `down`: when it is started. In `up`: when it was. */
  atMs: number;
  /** When it is killed though it still ends; while the keeper ends. */
  killAtMs: number | null;
  lastTickMs: number;
  backOffMs: number;
  /** How it ended last. */
  lastCode: number;
}

export type KeeperEvent =
  | { readonly kind: "tick" }
  | { readonly kind: "beat"; readonly isAlone: boolean }
  /** It ended, or could not be started; a signal's code as a shell says it. */
  | { readonly kind: "ended"; readonly code: number }
  /** The address is given up, or that failed. */
  | { readonly kind: "dropped" }
  /** The keeper was told to end. */
  | { readonly kind: "end" };

export type KeeperAction =
  | { readonly kind: "start" }
  /** SIGKILL, and why. */
  | { readonly kind: "kill"; readonly why: string }
  | { readonly kind: "terminate" }
  | { readonly kind: "dropAddress" }
  | { readonly kind: "exit"; readonly code: number };

export function createKeeper(nowMs: number, timing: KeeperTiming = keeperTiming): Keeper {
  return {
    timing,
    phase: "down",
    silentMs: 0,
    hasBeaten: false,
    isAlone: false,
    isEnding: false,
    atMs: nowMs,
    killAtMs: null,
    lastTickMs: nowMs,
    backOffMs: timing.backOffMs,
    lastCode: 0,
  };
}

export function stepKeeper(
  keeper: Keeper,
  nowMs: number,
  event: KeeperEvent,
): readonly KeeperAction[] {
  switch (event.kind) {
    case "tick":
      return onTick(keeper, nowMs);
    case "beat":
      keeper.silentMs = 0;
      keeper.hasBeaten = true;
      keeper.isAlone = event.isAlone;
      return [];
    case "ended":
      if (keeper.phase !== "up" && keeper.phase !== "killed") return [];
      keeper.phase = "dropping";
      keeper.lastCode = event.code;
      if (nowMs - keeper.atMs >= keeper.timing.steadyMs) {
        keeper.backOffMs = keeper.timing.backOffMs;
      }
      return [{ kind: "dropAddress" }];
    case "dropped":
      return onDropped(keeper, nowMs);
    case "end":
      return onEnd(keeper, nowMs);
  }
}

/** Silence is counted in ticks of which none counts twice its length: whoever was stopped with us
 * is given time to speak. */
function onTick(keeper: Keeper, nowMs: number): readonly KeeperAction[] {
  const { timing } = keeper;
  keeper.silentMs += Math.min(nowMs - keeper.lastTickMs, 2 * timing.tickMs);
  keeper.lastTickMs = nowMs;
  if (keeper.phase === "down" && nowMs >= keeper.atMs) {
    keeper.phase = "up";
    keeper.atMs = nowMs;
    keeper.silentMs = 0;
    keeper.hasBeaten = false;
    keeper.isAlone = false;
    return [{ kind: "start" }];
  }
  if (keeper.phase !== "up") return [];
  if (keeper.killAtMs !== null) {
    return nowMs < keeper.killAtMs ? [] : kill(keeper, "it did not end in time");
  }
  const patience = patienceOf(keeper);
  return keeper.silentMs < patience ? [] : kill(keeper, `silent for ${patience} ms`);
}

function patienceOf({ timing, hasBeaten, isAlone }: Keeper): number {
  if (!hasBeaten) return timing.startMs;
  return isAlone ? timing.aloneSilentMs : timing.silentMs;
}

function kill(keeper: Keeper, why: string): readonly KeeperAction[] {
  keeper.phase = "killed";
  return [{ kind: "kill", why }];
}

function onDropped(keeper: Keeper, nowMs: number): readonly KeeperAction[] {
  if (keeper.phase !== "dropping") return [];
  if (keeper.isEnding) return exit(keeper);
  keeper.phase = "down";
  keeper.atMs = nowMs + keeper.backOffMs;
  keeper.backOffMs = Math.min(2 * keeper.backOffMs, keeper.timing.backOffMaxMs);
  return [];
}

function onEnd(keeper: Keeper, nowMs: number): readonly KeeperAction[] {
  if (keeper.isEnding) return [];
  keeper.isEnding = true;
  if (keeper.phase === "down") return exit(keeper);
  if (keeper.phase !== "up") return [];
  keeper.killAtMs = nowMs + keeper.timing.endMs;
  return [{ kind: "terminate" }];
}

function exit(keeper: Keeper): readonly KeeperAction[] {
  keeper.phase = "ended";
  return [{ kind: "exit", code: keeper.lastCode }];
}
