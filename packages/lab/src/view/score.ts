/**
 * What a failure cost, counted from the moment it was made: when the first desktop noticed, when
 * each agent was back in service elsewhere, which calls were lost. Pure; times are milliseconds of
 * one clock.
 */
export interface Score {
  /** `site-1 dies without a word` */
  readonly fault: string;
  readonly atMs: number;
  /** DNs of the agents who were in service where it happened. */
  readonly affected: readonly string[];
  readonly noticedAtMs: number | null;
  /** By DN. */
  readonly backAtMs: Readonly<Record<string, number>>;
  /** `1003 with 5550101`, in the order of their loss. */
  readonly callsLost: readonly string[];
}

export type ScoreEvent =
  /** A desktop saw that something is wrong, or left the site. */
  | { readonly kind: "noticed"; readonly dn: string; readonly atMs: number }
  | { readonly kind: "inService"; readonly dn: string; readonly atMs: number }
  | { readonly kind: "callLost"; readonly name: string; readonly atMs: number };

/** What the guide tells its readers to expect after the loss of a site. */
export const guideSeconds = 60;
/** Calls lost are counted for so long after the fault; later ones have causes of their own. */
const callsCountMs = 60_000;
const callsNamedMax = 100;

export function startScore(fault: string, affected: readonly string[], atMs: number): Score {
  return { fault, atMs, affected, noticedAtMs: null, backAtMs: {}, callsLost: [] };
}

export function stepScore(score: Score, event: ScoreEvent): Score {
  switch (event.kind) {
    case "noticed": {
      const isFirst = score.noticedAtMs === null && score.affected.includes(event.dn);
      return isFirst ? { ...score, noticedAtMs: event.atMs } : score;
    }
    case "inService": {
      const isBack = score.affected.includes(event.dn) && !(event.dn in score.backAtMs);
      // In service before anyone noticed is the service that is about to end.
      if (!isBack || score.noticedAtMs === null) return score;
      return { ...score, backAtMs: { ...score.backAtMs, [event.dn]: event.atMs } };
    }
    case "callLost": {
      const counts = event.atMs - score.atMs <= callsCountMs;
      const isFull = score.callsLost.length >= callsNamedMax;
      return counts && !isFull ? { ...score, callsLost: [...score.callsLost, event.name] } : score;
    }
  }
}

export function isComplete(score: Score): boolean {
  return score.affected.every((dn) => dn in score.backAtMs);
}

/** Three lines of at most 78 characters; calls that do not fit are counted. */
export function scoreLines(score: Score): readonly string[] {
  const { atMs, noticedAtMs, affected, backAtMs, callsLost } = score;
  const back = Object.values(backAtMs);
  const noticed =
    noticedAtMs === null ? "not noticed yet" : `noticed ${seconds(noticedAtMs - atMs)}`;
  const last = back.length === 0 ? "nobody yet" : seconds(Math.max(...back) - atMs);
  const agents =
    affected.length === 0 ? "no agent there" : `${back.length} of ${affected.length} agents`;
  return [
    `score: ${score.fault}`,
    `  ${noticed}, back in service ${last} (the guide: ${guideSeconds} s), ${agents}`,
    `  ${callsLost.length === 0 ? "no call lost" : `calls lost: ${namesText(callsLost)}`}`,
  ];
}

const namesColumns = 50;

function namesText(names: readonly string[]): string {
  let text = "";
  for (const [index, name] of names.entries()) {
    const next = index === 0 ? name : `${text}, ${name}`;
    if (next.length > namesColumns) return `${text} and ${names.length - index} more`;
    text = next;
  }
  return text;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
