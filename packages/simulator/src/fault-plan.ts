import { createRandom, nextInt, pick, type Random } from "@tandem/kernel";

/**
 * Which faults strike, when, whom and for how long: drawn before anything happens, so that a
 * failing history can be run again with fewer of them. Whether one strikes at all may depend on
 * what the others have left.
 */
export interface PlannedFault {
  readonly atMs: number;
  readonly kind: FaultKind;
  readonly site: 0 | 1;
  readonly node: 0 | 1;
  readonly lastsMs: number;
  /** Strikes though the pair is not whole. */
  readonly overlaps: boolean;
}

export type FaultKind = GreatFault | NodeFault;

/** A site dies with all that it knows, or nothing comes through between the sites. */
export type GreatFault = "killSite" | "cutTrunk";

export type NodeFault =
  | "kill"
  | "pause"
  | "cutLink"
  | "resetLink"
  | "cutFromArbiter"
  | "arbiterDown"
  | "handOver"
  /** The configuration is another one for a while. */
  | "reconfigure"
  /** A phone's connection breaks. */
  | "loseFlow";

/** A death comes twice as often as anything else. */
const nodeFaults: readonly NodeFault[] = [
  "kill",
  "kill",
  "pause",
  "cutLink",
  "resetLink",
  "cutFromArbiter",
  "arbiterDown",
  "handOver",
  "reconfigure",
  "loseFlow",
];

export function isGreat(kind: FaultKind): kind is GreatFault {
  return kind === "killSite" || kind === "cutTrunk";
}

const greatEveryMs = 600_000;
const nodeEveryMs = 120_000;
/** Of a thousand faults of a node, so many strike a pair that is not whole, or come twice. */
const overlapPerMille = 150;

export function planFaults(seed: number, untilMs: number): readonly PlannedFault[] {
  const [great, small] = [createRandom(seed + greatSalt), createRandom(seed + smallSalt)];
  const plan: PlannedFault[] = [];
  for (let at = about(great, greatEveryMs); at < untilMs; at += about(great, greatEveryMs)) {
    const kind = pick(great, ["killSite", "cutTrunk"] as const);
    plan.push(fault(great, at, kind, nextInt(great, 5_000, 120_000), false));
  }
  for (let at = about(small, nodeEveryMs); at < untilMs; at += about(small, nodeEveryMs)) {
    plan.push(nodeFault(small, at, happens(small)));
    if (happens(small)) plan.push(nodeFault(small, at + nextInt(small, 100, 9_000), true));
  }
  return plan.toSorted((one, other) => one.atMs - other.atMs);
}

/** The history draws from the seed itself; a longer plan begins as a shorter one does. */
const greatSalt = 0x5eed;
const smallSalt = 0xfa17;

function nodeFault(random: Random, atMs: number, overlaps: boolean): PlannedFault {
  const kind = pick(random, nodeFaults);
  return fault(
    random,
    atMs,
    kind,
    nextInt(random, 50, kind === "kill" ? 60_000 : 12_000),
    overlaps,
  );
}

function fault(
  random: Random,
  atMs: number,
  kind: FaultKind,
  lastsMs: number,
  overlaps: boolean,
): PlannedFault {
  const site = pick(random, [0, 1] as const);
  return { atMs, kind, site, node: pick(random, [0, 1] as const), lastsMs, overlaps };
}

/** Between half of the mean and three halves. */
function about(random: Random, meanMs: number): number {
  return nextInt(random, Math.floor(meanMs / 2), Math.floor((3 * meanMs) / 2));
}

function happens(random: Random): boolean {
  return nextInt(random, 0, 999) < overlapPerMille;
}

/** One line of a report. */
export function describeFault({ atMs, kind, site, node, lastsMs }: PlannedFault): string {
  const where = kind === "cutTrunk" ? "" : ` site-${site + 1}`;
  const who = isGreat(kind) ? "" : ` ${node === 0 ? "a" : "b"}`;
  return `${atMs} ms  ${kind}${where}${who} for ${lastsMs} ms`;
}
