/**
 * The second table of docs/interop.md: baresip, Linphone and JsSIP through the death of the primary
 * of a pair, over each transport, in three moments. Each moment is one death for all columns.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../until.ts";
import { joinPage, splitPage, takeoverSection } from "./interop-page.ts";
import { takeoverCasts, type TakeoverCast } from "./takeover-casts.ts";
import {
  givesUp,
  moments,
  noConnection,
  registrationRow,
  runMoment,
  type TakeoverStage,
} from "./takeover-matrix.ts";
import { openTakeover, type TakeoverScene } from "./takeover-scene.ts";

const lab = 167;
const page = join(import.meta.dirname, "../../../../docs/interop.md");
const allWithinMs = 480_000;
const withinMs = 30_000;
const rows = [registrationRow, ...moments.map(({ name }) => name)];
const { casts, close: closeCasts } = takeoverCasts();
const cells = new Map<string, Map<string, string>>(casts.map(({ name }) => [name, new Map()]));
const stages: TakeoverStage[] = [];
let scene: TakeoverScene;

/** Agents sit at both sites in turn: those of the phones at site 1, of their partners at site 2. */
const dnOf = (index: number): string => String(1_001 + 2 * index);
const partnerOf = (index: number): string => String(1_002 + 2 * index);

beforeAll(async () => {
  const desks = casts.flatMap(({ partnerSite }, index) =>
    partnerSite === 2 ? [dnOf(index), partnerOf(index)] : [dnOf(index)],
  );
  scene = await openTakeover({ lab, desks, agents: 2 * casts.length, say: () => undefined });
  for (const cast of casts) if (cast.missing === null) stages.push(await openStage(cast));
  for (const { desk, dn } of stages) {
    const isIn = (): boolean => desk.desktop.snapshot().agent.state !== null;
    await until(isIn, withinMs, `the agent at ${dn} is logged in`);
  }
  for (const moment of moments) {
    const results = await runMoment(scene, moment, stages);
    for (const [index, { column }] of stages.entries()) {
      note(column, moment.name, results[index]?.cell ?? "not run");
      note(column, registrationRow, results[index]?.registration ?? "not run");
    }
  }
}, allWithinMs);

/** A phone may be just about to register: the longest of three times counts. */
function note(column: string, row: string, cell: string): void {
  const own = cells.get(column);
  const known = own?.get(row);
  if (known === undefined || known === "within 5 s") own?.set(row, cell);
}

afterAll(async () => {
  await Promise.all(stages.flatMap(({ phone, partner }) => [phone.stop(), partner.stop()]));
  await closeCasts();
  await scene?.stop();
});

async function openStage(cast: TakeoverCast): Promise<TakeoverStage> {
  const { name: column, transport, partnerSite } = cast;
  const index = casts.indexOf(cast);
  const [dn, partnerDn] = [dnOf(index), partnerOf(index)];
  const [phone, partner] = await cast.open(
    scene.choose(dn, transport),
    scene.choose(partnerDn, transport, partnerSite),
  );
  return { column, transport, phone, partner, dn, partnerDn, desk: scene.desk(dn) };
}

/** What is no `yes`, and why: the rest must be. */
function wantedOf(column: string, row: string): string {
  if (row === registrationRow) {
    if (column.endsWith("UDP")) return noConnection;
    return column.startsWith("baresip") ? "within 30 s" : "within 5 s";
  }
  const isPlacing = row.startsWith("placing");
  return isPlacing && column.startsWith("JsSIP") ? givesUp : "yes";
}

describe.each(casts)("$name", ({ name, missing }) => {
  test.skipIf(missing !== null).each(rows)(missing ?? "%s", (row) => {
    expect(cells.get(name)?.get(row)).toBe(wantedOf(name, row));
  });
});

test("the second table of docs/interop.md is what the run says", () => {
  const columns = casts.map(({ name }) => ({ name, cells: cells.get(name) ?? new Map() }));
  const parts = splitPage(readFileSync(page, "utf8"));
  const text = joinPage({ ...parts, takeover: takeoverSection(rows, columns) });
  if (process.env["TANDEM_INTEROP_WRITE"] === "1") writeFileSync(page, text);
  const isWhole = casts.every(({ missing }) => missing === null);
  if (isWhole) expect(text).toBe(readFileSync(page, "utf8"));
});
