import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startRecorder } from "@tandem/sip-server/testing";
import { switchMachine } from "@tandem/switch";
import { playCalls } from "@tandem/switch/testing";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

/** `tandem replay` as a person calls it. */
const launcher = fileURLToPath(new URL("../../../tandem", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "tandem-replay-"));
let file = "";
let connID = "";

/** Calls under chance, recorded. */
beforeAll(async () => {
  const onTrouble = (sentence: string): never => {
    throw new Error(sentence);
  };
  const recorder = startRecorder({
    node: "sip-1a",
    folder,
    fileBytesMax: 1_000_000_000,
    files: 2,
    onTrouble,
  });
  const { stepFrame } = switchMachine;
  const spy = vi.spyOn(switchMachine, "stepFrame").mockImplementation((state, frame) => {
    const effects = stepFrame(state, frame);
    recorder.record(frame, { state, history: "h1" });
    for (const call of state.calls.values()) ({ connID } = call);
    return effects;
  });
  playCalls(1, { steps: 40 });
  spy.mockRestore();
  await recorder.close();
  const [name = ""] = readdirSync(folder);
  file = join(folder, name);
});
afterAll(() => rmSync(folder, { recursive: true }));

function replay(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [launcher, "replay", ...args], (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
    });
  });
}

test("says where the recording ends, and the same each time", async () => {
  const { code, stdout } = await replay(file);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^sip-1a: inputs 1 to \d+ in \d+ frames$/mv);
  expect(stdout).toMatch(/^digest [0-9a-f]+$/mv);
  const [first, again] = await Promise.all([replay(file, "--json"), replay(file, "--json")]);
  expect(again).toEqual(first);
  expect(JSON.parse(first.stdout)).toMatchObject({ node: "sip-1a", firstIndex: 1, warnings: [] });
  const { stdout: part } = await replay(file, "--json", "--until", "20");
  expect(JSON.parse(part)).toMatchObject({ lastIndex: 20 });
});

test("prints a call", async () => {
  const { code, stdout } = await replay(file, "--print", "call", connID);
  expect(code).toBe(0);
  expect(stdout).toContain(" → sip-server  INVITE sip:");
  const unknown = await replay(file, "--print", "call", "ffffffffffffffff");
  expect(unknown.code).toBe(1);
  expect(unknown.stderr).toContain("no call ffffffffffffffff in ");
});

test("refuses with a sentence what it cannot replay", async () => {
  const missing = await replay(join(folder, "none.jsonl"));
  expect(missing).toMatchObject({ code: 1, stdout: "" });
  expect(missing.stderr).toContain("ENOENT");
  const wrong = await replay(file, "--print", "calls");
  expect(wrong).toMatchObject({ code: 1, stderr: "--print takes: call CONNID\n" });
});
