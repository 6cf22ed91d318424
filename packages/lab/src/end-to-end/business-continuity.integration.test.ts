import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { createCaller } from "../lab-phones.ts";
import { startLab } from "../start-lab.ts";
import { siteOf, type Topology } from "../topology.ts";
import { until } from "../until.ts";

interface Line {
  readonly kind: string;
  readonly to?: { readonly state: string; readonly site: string };
}

/** The requirement's sample program, as a process of its own, through the loss of a real site. */
const program = fileURLToPath(
  new URL("../../../../examples/business-continuity/main.ts", import.meta.url),
);
const withinMs = 30_000;

function propertiesOf(topology: Topology): string {
  const [agent] = topology.agents;
  const lines = topology.sites.flatMap(({ number, host, ports }) => [
    `PrimaryHost${number} = ${host}`,
    `PrimaryPort${number} = ${ports.config}`,
    `ApplicationName${number} = desktop-${number}`,
    `PlaceName${number} = place-${agent?.dn ?? ""}-${number}`,
  ]);
  return [...lines, `UserName = ${agent?.userName ?? ""}`, `UserPass = ${topology.password}`].join(
    "\n",
  );
}

test("the sample program is back at the other site, and its phone takes the next call", async () => {
  const lab = await startLab({ agents: 1 });
  const { topology, phones } = lab;
  const file = lab.folder.file("bc.properties");
  writeFileSync(file, propertiesOf(topology), { mode: 0o600 });
  const command = ["--conditions=@tandem/source", program, file, "--json", "--ready"];
  const child = spawn(process.execPath, command, { stdio: ["ignore", "pipe", "inherit"] });
  const places: string[] = [];
  createInterface(child.stdout).on("line", (text) => {
    const line = JSON.parse(text) as Line; // its own words
    if (line.kind === "state") places.push(`${line.to?.state ?? ""} ${line.to?.site ?? ""}`);
    else places.push(line.kind);
  });
  const caller = await createCaller(topology, siteOf(topology, 2), 0, () => undefined);
  const isRegistered = (account: number): boolean => phones[0]?.isRegistered(account) === true;
  try {
    await until(() => isRegistered(0) && isRegistered(1), withinMs, "the phone is at both sites");
    await until(() => places.includes("ready"), withinMs, "the agent is Ready at site 1");
    expect(places).toContain("inService site-1");
    await lab.killSite(1);
    await until(() => places.includes("inService site-2"), withinMs, "back at site 2");
    const call = caller.call(topology.agents[0]?.dn ?? "");
    const isHeard = (): boolean => (caller.rtp(call)?.receivedPackets ?? 0) >= 10;
    await until(isHeard, withinMs, "the next call has sound");
  } finally {
    child.kill("SIGKILL");
    await caller.close();
    await lab.stop();
  }
});
