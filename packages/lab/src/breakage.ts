/**
 * What somebody breaks in a running lab, how it is mended, and what it cost. A site that died
 * without a word is fenced when everybody is back in service, or after a minute: its processes are
 * killed, so that its addresses are free.
 */
import type { Lab } from "./start-lab.ts";
import { type SiteNumber, siteOf } from "./topology.ts";
import type { LabAction } from "./view/keys.ts";
import { type Score, isComplete, scoreLines, startScore, stepScore } from "./view/score.ts";

const fenceAfterMs = 60_000;

export interface Breakage {
  readonly act: (
    action: LabAction,
    agentsAt: (site: SiteNumber) => readonly string[],
    siteDied: (site: SiteNumber) => void,
  ) => void;
  readonly score: (event: Parameters<typeof stepScore>[1]) => void;
  readonly lastScore: () => Score | null;
  readonly fenced: ReadonlySet<SiteNumber>;
  readonly stop: () => void;
}

export interface BreakageOptions {
  readonly lab: Lab;
  /** An event, for the view and the log. */
  readonly say: (text: string) => void;
  /** For the log only. */
  readonly tell: (text: string) => void;
  readonly nowMs: () => number;
  /** The node of a site that says that it serves. */
  readonly primaryOf: (site: SiteNumber) => string | null;
}

export function createBreakage(options: BreakageOptions): Breakage {
  const { lab, say, tell, nowMs, primaryOf } = options;
  let score: Score | null = null;
  let lostPhone: string | null = null;
  let fenceTimer: NodeJS.Timeout | null = null;
  const fenced = new Set<SiteNumber>();
  const restoring = new Set<SiteNumber>();

  const fence = (site: SiteNumber): void => {
    if (fenceTimer !== null) clearTimeout(fenceTimer);
    fenceTimer = null;
    if (lab.siteState(site) !== "frozen") return;
    fenced.add(site);
    say(`${siteOf(lab.topology, site).name} is fenced: its addresses are free again`);
    void lab.killSite(site);
  };
  const restore = (site: SiteNumber): void => {
    if (restoring.has(site)) return;
    restoring.add(site);
    const { name } = siteOf(lab.topology, site);
    say(`${name} starts again`);
    lab
      .restoreSite(site)
      .then(() => say(`${name} is back`))
      .catch((error: unknown) => say(`${name} did not come back: ${String(error)}`))
      .finally(() => {
        fenced.delete(site);
        restoring.delete(site);
      });
  };
  const losePhone = (): void => {
    const { agents } = lab.topology;
    const isBack = lostPhone !== null;
    const dn = lostPhone ?? agents[Math.floor(nowMs()) % agents.length]?.dn;
    if (dn === undefined) return;
    lostPhone = isBack ? null : dn;
    say(`the phone of ${dn} has ${isBack ? "its power again" : "lost its power"}`);
    lab
      .setPhonePower(dn, isBack)
      .catch((error: unknown) => say(`the phone of ${dn} did not start: ${String(error)}`));
  };
  const revive = (name: string): void => {
    say(`${name} starts again`);
    lab
      .startNode(name)
      .then(() => say(`${name} is back`))
      .catch((error: unknown) => say(`${name} did not come back: ${String(error)}`));
  };
  const killNode = (site: SiteNumber, index: number): void => {
    const name = siteOf(lab.topology, site).nodes[index]?.name;
    if (name === undefined) return say("this lab has one node a site");
    if (lab.nodeState(name) !== "up") return revive(name);
    say(`${name} is killed`);
    void lab.killNode(name);
  };
  const freezePrimary = (site: SiteNumber): void => {
    const { nodes } = siteOf(lab.topology, site);
    const down = nodes.find(({ name }) => lab.nodeState(name) !== "up");
    if (down !== undefined) return revive(down.name);
    const name = primaryOf(site);
    if (name === null) return say("no node of the site says that it serves");
    say(`${name} is frozen; its keeper kills it when its heartbeat stays away`);
    lab.freezeNode(name);
  };
  return {
    fenced,
    lastScore: () => score,
    score(event) {
      if (score === null) return;
      const before = score;
      score = stepScore(score, event);
      if (score === before || !isComplete(score) || isComplete(before)) return;
      for (const line of scoreLines(score)) tell(line);
      for (const { number } of lab.topology.sites) fence(number);
    },
    act(action, agentsAt, siteDied) {
      if (action.kind === "cutTrunk") {
        lab.cutTrunk(!lab.isTrunkCut());
        return say(lab.isTrunkCut() ? "the trunk is cut" : "the trunk is mended");
      }
      if (action.kind === "losePhone") return losePhone();
      if (action.kind === "killNode") return killNode(action.site, action.node);
      if (action.kind === "freezePrimary") return freezePrimary(action.site);
      if (action.kind === "switchOver") {
        say(`${siteOf(lab.topology, action.site).name} is asked to switch over`);
        return lab.switchOver(action.site);
      }
      if (action.kind !== "silence" && action.kind !== "kill") return;
      const { site } = action;
      if (lab.siteState(site) !== "up") return restore(site);
      const { name } = siteOf(lab.topology, site);
      const fault = action.kind === "kill" ? `${name} is killed` : `${name} dies without a word`;
      score = startScore(fault, agentsAt(site), nowMs());
      say(fault);
      if (action.kind === "kill") void lab.killSite(site);
      else {
        lab.freezeSite(site);
        fenceTimer = setTimeout(() => fence(site), fenceAfterMs);
      }
      siteDied(site);
    },
    stop() {
      if (fenceTimer !== null) clearTimeout(fenceTimer);
    },
  };
}
