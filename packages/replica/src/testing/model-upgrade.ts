import { nextInt } from "@tandem/kernel";
import type { NodeNotice } from "../node/node.ts";
import { Model } from "./model-pair.ts";
import type { ModelReport, Process } from "./model-parts.ts";

/**
 * H10 in the model: while clients talk, b ends and comes back as the second version, a hands over
 * to it, and then the new one passes its trial and a comes back as the second version, too; or it
 * dies within its trial.
 */
export type UpgradeEnd = "passes" | "diesOnTrial" | "isCutOnTrial" | "isOlder";

export interface UpgradeReport extends ModelReport {
  readonly notices: readonly NodeNotice["kind"][];
  /** Who serves at the end, of which version, and how many members the view has. */
  readonly end: string;
}

const trialMs = 60_000;

export function runUpgrade(seed: number, how: UpgradeEnd, faults = 0): UpgradeReport {
  const model = new Model({ seed, seconds: 130, faults });
  const { world, processes } = model;
  const [a, b] = processes;
  const notices: NodeNotice["kind"][] = [];
  model.onNotice = ({ kind }) => {
    if (of.has(kind)) notices.push(kind);
  };
  const at = (ms: number, act: () => void): void => world.after(ms, act);
  if (how === "isOlder") model.schemas.a = model.schemas.b = 2;
  // The older one serves: b makes way for the newer version.
  at(3_000, () => handOverTo(model, a));
  at(5_000, () => model.kill(b, 1_000));
  at(5_500, () => (model.schemas.b = how === "isOlder" ? 1 : 2));
  at(nextInt(world.random, 9_000, 10_000), () => model.happen(a, { kind: "handOver" }));
  if (how === "passes") {
    at(12_000 + trialMs, () => model.kill(a, 2_000));
    at(12_000 + trialMs + 500, () => (model.schemas.a = 2));
  }
  if (how === "diesOnTrial") at(20_000, () => model.kill(b, 8_000));
  if (how === "isCutOnTrial") {
    at(20_000, () => {
      model.isLinkCut = true;
      model.breakLink(false);
    });
    at(30_000, () => {
      model.isLinkCut = false;
      model.connect();
    });
  }
  const report = model.run();
  const serving = processes.filter(({ isServing, node }) => isServing && node !== null);
  const who = serving.map(({ name, node }) => `${name}${node?.setup.versions.machine ?? ""}`);
  const members = model.store.view?.members.length ?? 0;
  return { ...report, notices, end: `${who.join(" ")} of ${members}` };
}

const of: ReadonlySet<string> = new Set([
  "upgraded",
  "trialPassed",
  "givenBack",
  "coldStart",
  "handoverFailed",
]);

/** Whoever began first: `a` serves from now on. */
function handOverTo(model: Model, process: Process): void {
  const other = model.other(process);
  if (other.isServing) model.happen(other, { kind: "handOver" });
}
