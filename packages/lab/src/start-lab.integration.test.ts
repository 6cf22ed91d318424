/** The lab itself, with real processes: it starts, breaks, mends, and leaves nothing behind. */
import { existsSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { LabTaken, readLab, takeLab } from "./lab-folder.ts";
import { type Lab, startLab } from "./start-lab.ts";

let lab: Lab | null = null;
afterEach(async () => {
  await lab?.stop();
  lab = null;
});

const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}/stat`);

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(500) })).ok;
  } catch {
    return false; // nobody answers there
  }
}

test("two sites start, one is frozen, killed and restored; the end leaves nothing", async () => {
  lab = await startLab({ agents: 1, withoutPhones: true });
  const { folder, topology } = lab;
  const record = readLab(topology.lab);
  if (record === null) throw new Error("lab.json names the lab");
  const urls = record.sites.flatMap(({ http, configHttp }) => [http, configHttp]);
  expect(await Promise.all(urls.map(isReady))).toEqual([true, true, true, true]);
  expect(() => takeLab(topology.lab)).toThrow(LabTaken);

  lab.freezeSite(1);
  expect([lab.siteState(1), lab.siteState(2)]).toEqual(["frozen", "up"]);
  await lab.killSite(1);
  expect(lab.siteState(1)).toBe("dead");
  await lab.restoreSite(1);
  expect(await isReady(urls[0] ?? "")).toBe(true);

  const pids = readLab(topology.lab)?.sites.flatMap(({ pids: each }) => Object.values(each)) ?? [];
  expect(pids).toHaveLength(4);
  await lab.stop();
  expect([existsSync(folder.path), ...pids.map(isAlive)]).toEqual([
    false,
    false,
    false,
    false,
    false,
  ]);
});

test("a port that is taken is one sentence, and what was started ends", async () => {
  lab = await startLab({ agents: 1, withoutPhones: true });
  const [site] = lab.topology.sites;
  const second = startLab({ agents: 1, withoutPhones: true, bind: site.host });
  await expect(second).rejects.toThrow(/the port is taken; end the process that has it/);
});
