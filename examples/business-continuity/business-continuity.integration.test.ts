import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, expect, test, vi } from "vitest";
import { startFakeDeployment, type FakeDeployment } from "@tandem/ail/testing";

/** The sample as a process of its own, through the loss of a site. */
interface Line {
  readonly kind: string;
  readonly [fact: string]: unknown;
}

let deployment: FakeDeployment | undefined;
let child: ChildProcess | undefined;
let folder: string | undefined;

afterEach(async () => {
  child?.kill("SIGTERM");
  await deployment?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

test("the sample's bc.properties, a site's loss, and the agent Ready at the other site", async () => {
  deployment = await startFakeDeployment({ application: { "site-timeout": 1 } });
  const lines = run(propertiesOf(deployment), ["--json", "--ready"]);
  await vi.waitFor(() => expect(lines).toContainEqual(expect.objectContaining({ kind: "ready" })), {
    timeout: 20_000,
  });
  expect(lines.filter(({ kind }) => kind === "person")).toMatchObject([
    { userName: "agent-1001", annex: { "site-1": "desktop-1" } },
  ]);
  const [first] = deployment.sites;
  await first.sipServed.kill();
  await first.configServed.kill();
  await vi.waitFor(() => expect(at(lines)).toBe("inService@site-2"), { timeout: 20_000 });
  await vi.waitFor(() => expect(deployment?.sites[1].sip.agentOn("1001")?.state).toBe("Ready"));
  const telephony = lines.filter(({ kind, type }) => kind === "service" && type === "TELEPHONY");
  expect(telephony.map(({ status }) => status)).toEqual(["ON", "OFF", "ON"]);
});

test("a file that is not there is said, with exit code 1", async () => {
  const lines = run("", ["--json"], "missing.properties");
  const code = await new Promise((resolve) => child?.on("exit", resolve));
  expect(code).toBe(1);
  expect(lines[0]?.kind).toBe("error");
});

function run(properties: string, words: readonly string[], name = "bc.properties"): Line[] {
  folder = mkdtempSync(join(tmpdir(), "business-continuity-"));
  if (properties !== "") writeFileSync(join(folder, name), properties);
  const main = new URL("main.ts", import.meta.url).pathname;
  const command = ["--conditions=@tandem/source", main, join(folder, name), ...words];
  child = spawn(process.execPath, command, { stdio: ["ignore", "pipe", "inherit"] });
  const lines: Line[] = [];
  if (child.stdout !== null) {
    createInterface(child.stdout).on("line", (line) => lines.push(JSON.parse(line) as Line));
  }
  return lines;
}

function at(lines: readonly Line[]): string {
  const entry = lines.findLast(({ kind }) => kind === "state");
  const to = entry?.["to"] as { state: string; site: string } | undefined; // of a TimelineEntry
  return to === undefined ? "" : `${to.state}@${to.site}`;
}

function propertiesOf({ local, userName, password }: FakeDeployment): string {
  const lines = local.sites.flatMap((site, index) => {
    const url = new URL(site.configUrls[0] ?? "");
    const number = index + 1;
    return [
      `PrimaryHost${number} = ${url.hostname}`,
      `PrimaryPort${number} = ${url.port}`,
      `ApplicationName${number} = ${site.applicationName}`,
      `PlaceName${number} = place-1001`,
    ];
  });
  return [...lines, `UserName = ${userName}`, `UserPass = ${password}`].join("\n");
}
