/**
 * The phone matrix: baresip, Linphone and JsSIP through every feature, each column with parties of
 * its own, all at once. Nothing is left running. `docs/interop.md` is what comes out of it.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { baresipMissing } from "../end-to-end/baresip.ts";
import { until } from "../until.ts";
import {
  interopPage,
  joinPage,
  splitPage,
  type MatrixColumn,
  type PairRow,
} from "./interop-page.ts";
import { features, runCell, type Stage } from "./matrix.ts";
import { openBaresip } from "./phones/baresip-phone.ts";
import { browserMissing, openBrowser } from "./phones/jssip-phone.ts";
import { linphoneMissing, openLinphone } from "./phones/linphone-phone.ts";
import type { Partner, TestedPhone } from "./phones/tested-phone.ts";
import { openInterop, withinMs, type InteropScene } from "./scene.ts";
import { pairDns, runPairs } from "./sipp-pairs.ts";

const lab = 166;
const page = join(import.meta.dirname, "../../../../docs/interop.md");
const columnsWithinMs = 230_000;
/** What a phone cannot do, whoever the server is. */
const cannot: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  baresip: { "REFER, attended": "baresip 1.0 has no attended transfer" },
};

interface Cast {
  readonly name: string;
  readonly missing: string | null;
  readonly dns: readonly [string, string, string];
  readonly open: (
    scene: InteropScene,
    dns: readonly [string, string, string],
  ) => Promise<readonly [TestedPhone, Partner, Partner]>;
}

let closeBrowser: () => Promise<void> = async () => undefined;

const casts: readonly Cast[] = [
  {
    name: "baresip",
    missing: baresipMissing,
    dns: ["1001", "1011", "1012"],
    open: async (scene, [own, partner, third]) => [
      await openBaresip(scene.choose(own)),
      await openBaresip(scene.choose(partner)),
      await openBaresip(scene.choose(third)),
    ],
  },
  {
    name: "Linphone",
    missing: baresipMissing ?? linphoneMissing,
    dns: ["1002", "1021", "1022"],
    open: async (scene, [own, partner, third]) => [
      await openLinphone(scene.choose(own)),
      await openBaresip(scene.choose(partner)),
      await openBaresip(scene.choose(third)),
    ],
  },
  {
    name: "JsSIP over WSS",
    missing: browserMissing,
    dns: ["1003", "1031", "1032"],
    async open(scene, [own, partner, third]) {
      const browser = await openBrowser();
      closeBrowser = browser.close;
      return [
        await browser.open(scene.choose(own)),
        await browser.open(scene.choose(partner)),
        await browser.open(scene.choose(third)),
      ];
    },
  },
];

let scene: InteropScene;
const columns: MatrixColumn[] = [];
const pairs: PairRow[] = [];
const phones: TestedPhone[] = [];

beforeAll(async () => {
  scene = await openInterop({ lab, dns: [...casts.flatMap(({ dns }) => dns), ...pairDns()] });
  columns.push(...(await Promise.all(casts.map(runColumn))));
  pairs.push(...(baresipMissing === null ? await runPairs(scene) : []));
}, columnsWithinMs);

afterAll(async () => {
  await Promise.all(phones.map((phone) => phone.stop()));
  await closeBrowser();
  await scene?.stop();
});

async function runColumn(cast: Cast): Promise<MatrixColumn> {
  const { name, missing, dns } = cast;
  if (missing !== null)
    return { name, cells: new Map(features.map((each) => [each.name, missing])) };
  const [phone, partner, third] = await cast.open(scene, dns);
  phones.push(phone, partner, third);
  const isThere = (): boolean => dns.every((dn) => scene.isRegistered(dn));
  await until(isThere, 2 * withinMs, `all phones of the column ${name} are registered`);
  const [dn, partnerDn, thirdDn] = dns;
  const stage: Stage = { scene, phone, dn, partner, partnerDn, third, thirdDn };
  const cells = new Map<string, string>();
  for (const feature of features) {
    const reason = cannot[name]?.[feature.name];
    cells.set(feature.name, reason ?? (await runCell(stage, feature)));
  }
  return { name, cells };
}

describe.each(casts)("$name", ({ name, missing }) => {
  test.skipIf(missing !== null).each(features)(missing ?? "$name", ({ name: feature }) => {
    const column = columns.find((each) => each.name === name);
    const wanted = cannot[name]?.[feature] ?? "yes";
    expect(column?.cells.get(feature)).toBe(wanted);
  });
});

test("docs/interop.md is what the run says", () => {
  const { takeover } = splitPage(readFileSync(page, "utf8"));
  const matrix = interopPage(
    features.map(({ name }) => name),
    columns,
    pairs,
  );
  const text = joinPage({ matrix, takeover });
  if (process.env["TANDEM_INTEROP_WRITE"] === "1") writeFileSync(page, text);
  const isWhole = casts.every(({ missing }) => missing === null) && pairs.length > 0;
  if (isWhole) expect(text).toBe(readFileSync(page, "utf8"));
});
