import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { watchHealth } from "../health-watch.ts";
import { startLab } from "../start-lab.ts";
import { nodeHttp } from "../topology.ts";
import { until } from "../until.ts";

/** `./tandem lab --link tls`: the settings, the files, and a takeover behind them. */
const withinMs = 30_000;

test("H4 a pair whose link is TLS becomes whole, and one node takes over from the other", async () => {
  const lab = await startLab({ agents: 1, link: "tls", withoutPhones: true });
  const health = watchHealth(lab.topology);
  try {
    const [site] = lab.topology.sites;
    const nodes = (): readonly { role: string; isReadyToSwitch: boolean }[] => health.of(1).nodes;
    const ready = (): number => nodes().filter((node) => node.isReadyToSwitch).length;
    await until(() => ready() === 2, withinMs, "a whole pair");
    const primary = site.nodes[nodes().findIndex(({ role }) => role === "primary")];
    const other = site.nodes.find((node) => node !== primary);
    if (primary === undefined || other === undefined) throw new Error("no pair");
    const settings: unknown = JSON.parse(
      readFileSync(lab.folder.file(`${other.name}.json`), "utf8"),
    );
    expect(settings).toMatchObject({ pair: { tls: { authorities: ["ca.pem"] } } });
    await lab.killNode(primary.name);
    const serves = async (): Promise<boolean> => {
      const answer = await fetch(`${nodeHttp(site, other)}/readyz`);
      return ((await answer.json()) as { role: string }).role === "primary"; // its own form
    };
    const giveUpAt = performance.now() + withinMs;
    while (!(await serves())) {
      if (performance.now() > giveUpAt) throw new Error("the standby does not serve");
    }
  } finally {
    health.stop();
    await lab.stop();
  }
});
