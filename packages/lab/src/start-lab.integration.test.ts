import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { readLab } from "./lab-folder.ts";
import { createCaller } from "./lab-phones.ts";
import { startLab } from "./start-lab.ts";
import { siteOf } from "./topology.ts";
import { until } from "./until.ts";

const withinMs = 20_000;

test("two sites start, a call has sound both ways, a killed site comes back, and nothing is left", async () => {
  const lab = await startLab({ agents: 2 });
  const { folder, topology, phones } = lab;
  const caller = await createCaller(topology, siteOf(topology, 1), 0, () => undefined);
  try {
    expect(readLab(topology.lab)?.pid).toBe(process.pid);
    const isRegistered = (account: number): boolean =>
      phones.every((phone) => phone.isRegistered(account));
    await until(() => isRegistered(0) && isRegistered(1), withinMs, "phones are registered twice");
    const call = caller.call(topology.agents[0]?.dn ?? "");
    await until(() => isHeard(caller.rtp(call)) && isHeard(phones[0]?.rtp()), withinMs, "sound");
    caller.hangup(call);
    await lab.killSite(1);
    expect(lab.siteState(1)).toBe("dead");
    const over = caller.call(topology.agents[1]?.dn ?? "");
    await until(() => isHeard(caller.rtp(over)), withinMs, "a call through site 2");
    await lab.restoreSite(1);
    expect(lab.siteState(1)).toBe("up");
  } finally {
    await caller.close();
    await lab.stop();
  }
  expect(existsSync(folder.path)).toBe(false);
  expect(readLab(topology.lab)).toBe(null);
});

function isHeard(statistics: { readonly receivedPackets: number } | undefined): boolean {
  return (statistics?.receivedPackets ?? 0) >= 10;
}
