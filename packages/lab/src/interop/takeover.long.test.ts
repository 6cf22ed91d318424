/**
 * The second table of docs/interop.md: baresip, Linphone and JsSIP through the death of the primary
 * of a pair, over each transport, in three moments. Each moment is one death for all columns.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../until.ts";
import { takeoverCasts, type TakeoverCast } from "./takeover-casts.ts";
import { moments, registrationRow, runMoment, type TakeoverStage } from "./takeover-matrix.ts";
import { openTakeover, type TakeoverScene } from "./takeover-scene.ts";

const allWithinMs = 600_000;
const withinMs = 30_000;
const { casts, close: closeCasts } = takeoverCasts();
const only = process.env["ONLY"] ?? "";
const present = casts.filter(({ missing, name }) => missing === null && name.includes(only));
const cells = new Map<string, Map<string, string>>();
const stages: TakeoverStage[] = [];
let scene: TakeoverScene;

/** Agents sit at both sites in turn: those of the phones at site 1, of their partners at site 2. */
const dnOf = (index: number): string => String(1_001 + 2 * index);
const partnerOf = (index: number): string => String(1_002 + 2 * index);

beforeAll(async () => {
  scene = await openTakeover({
    lab: 7,
    desks: casts.flatMap(({ partnerSite }, index) =>
      partnerSite === 2 ? [dnOf(index), partnerOf(index)] : [dnOf(index)],
    ),
    agents: 2 * casts.length,
    say: (l) => console.log(l),
  });
  for (const cast of present) stages.push(await openStage(cast));
  for (const { desk, dn } of stages) {
    const isIn = (): boolean => desk.desktop.snapshot().agent.state !== null;
    await until(isIn, withinMs, `the agent at ${dn} is logged in`);
  }
  for (const moment of moments.filter((m) => m.name.includes(process.env["MOMENT"] ?? ""))) {
    const results = await runMoment(scene, moment, stages);
    for (const [index, { cell, registeredMs }] of results.entries()) {
      const column = stages[index]?.column ?? "";
      console.log(moment.name, column, cell, registeredMs);
      const own = cells.get(column) ?? new Map<string, string>();
      cells.set(column, own.set(moment.name, cell));
    }
  }
}, allWithinMs);

afterAll(async () => {
  await Promise.all(stages.flatMap(({ phone, partner }) => [phone.stop(), partner.stop()]));
  await closeCasts();
  await scene?.stop();
});

async function openStage(cast: TakeoverCast): Promise<TakeoverStage> {
  const index = casts.indexOf(cast);
  const [dn, partnerDn] = [dnOf(index), partnerOf(index)];
  const [phone, partner] = await cast.open(
    scene.choose(dn, cast.transport),
    scene.choose(partnerDn, cast.transport, cast.partnerSite),
  );
  return { column: cast.name, phone, partner, dn, partnerDn, desk: scene.desk(dn) };
}

describe.each(casts)("$name", ({ name, missing }) => {
  test.skipIf(missing !== null).each(moments)(missing ?? "$name", (moment) => {
    expect(cells.get(name)?.get(moment.name)).toBe("yes");
  });
  void registrationRow;
});
