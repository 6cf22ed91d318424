import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Frame } from "@tandem/kernel";
import { encode } from "@tandem/replica";
import { createSwitch, switchMachine, type Input, type SwitchState } from "@tandem/switch";
import { playCalls } from "@tandem/switch/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createLadder, ladderText } from "./ladder.ts";
import { startRecorder, type RecorderOptions } from "./recorder.ts";
import { replayFile } from "./replay.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tandem-recording-"));
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

/** The frames of calls under chance. */
function framesOf(seed: number): readonly Frame<Input>[] {
  const frames: Frame<Input>[] = [];
  const stepFrame = switchMachine.stepFrame;
  const spy = vi.spyOn(switchMachine, "stepFrame").mockImplementation((state, frame) => {
    frames.push(frame);
    return stepFrame(state, frame);
  });
  playCalls(seed, { steps: 60 });
  spy.mockRestore();
  return frames;
}

function textOf(frames: readonly Frame<Input>[], state = createSwitch()): string {
  for (const frame of frames) switchMachine.stepFrame(state, frame);
  return encode(state);
}

interface Recorded {
  readonly state: SwitchState;
  readonly troubles: readonly string[];
}

/** Steps and records, as a node does, with time between frames for what a recorder does then. */
async function recordAll(
  frames: readonly Frame<Input>[],
  choice: Partial<RecorderOptions> = {},
  state = createSwitch(),
): Promise<Recorded> {
  const troubles: string[] = [];
  const recorder = startRecorder({
    node: "sip-1a",
    folder,
    fileBytesMax: 1_000_000_000,
    files: 100,
    onTrouble: (sentence) => troubles.push(sentence),
    clock: () => 1_700_000_000_000,
    ...choice,
  });
  for (const frame of frames) {
    switchMachine.stepFrame(state, frame);
    recorder.record(frame, { state, history: "h1" });
    vi.advanceTimersByTime(10);
    if (frame.firstIndex % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await recorder.close();
  return { state, troubles };
}

function paths(): readonly string[] {
  return readdirSync(folder)
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((name) => join(folder, name));
}

describe("a recording", () => {
  test("replays to the state of the node that made it", async () => {
    const frames = framesOf(3);
    const { state, troubles } = await recordAll(frames);
    expect(troubles).toEqual([]);
    const [path = "", ...more] = paths();
    expect(more).toEqual([]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const result = await replayFile(path);
    if (!result.ok) throw new Error(result.why);
    const { replayed } = result;
    expect(encode(replayed.state)).toBe(encode(state));
    expect(replayed).toMatchObject({ node: "sip-1a", firstIndex: 1, alarms: [], warnings: [] });
    expect(replayed.frames).toBe(frames.length);
  });

  test("stops at an index", async () => {
    const frames = framesOf(3);
    await recordAll(frames);
    const [path = ""] = paths();
    const until = frames[100]?.firstIndex ?? 0;
    const result = await replayFile(path, { until });
    if (!result.ok) throw new Error(result.why);
    expect(encode(result.replayed.state)).toBe(textOf(frames.slice(0, 101)));
  });

  test("goes on in further files, each with the state that it begins with, none missing", async () => {
    const frames = framesOf(4);
    const { state } = await recordAll(frames, { fileBytesMax: 10_000 });
    const files = paths();
    expect(files.length).toBeGreaterThan(3);
    let next = 1;
    let last = "";
    for (const path of files) {
      const result = await replayFile(path);
      if (!result.ok) {
        expect(path).toBe(files.at(-1)); // it was closed while the next one began
        expect(result.why).toBe("it ends before its first frame");
        continue;
      }
      expect(result.replayed.firstIndex).toBe(next);
      next = result.replayed.lastIndex + 1;
      last = encode(result.replayed.state);
    }
    expect(last).toBe(encode(state));
  });

  test("keeps so many files", async () => {
    await recordAll(framesOf(4), { fileBytesMax: 8_000, files: 3 });
    expect(paths().length).toBeLessThanOrEqual(3);
  });

  test("begins with the state where a machine has come from elsewhere", async () => {
    const frames = framesOf(5);
    const state = createSwitch();
    textOf(frames.slice(0, 200), state);
    await recordAll(frames.slice(200), {}, state);
    const [path = ""] = paths();
    const result = await replayFile(path);
    if (!result.ok) throw new Error(result.why);
    expect(result.replayed.firstIndex).toBeGreaterThan(frames[200]?.firstIndex ?? 0);
    expect(encode(result.replayed.state)).toBe(encode(state));
  });

  test("ends with one sentence where it cannot be written", async () => {
    writeFileSync(join(folder, "file"), "");
    const { troubles } = await recordAll(framesOf(3), { folder: join(folder, "file", "in it") });
    expect(troubles).toHaveLength(1);
    expect(troubles[0]).toContain("nothing is recorded any more: ENOTDIR");
  });
});

test("a contained exception comes again at the index that its alarm names", async () => {
  const frames = framesOf(5);
  const state = createSwitch();
  textOf(frames.slice(0, 200), state);
  for (const call of state.calls.values()) Object.assign(call, { origination: null }); // broken
  const alarms: string[] = [];
  const { stepFrame } = switchMachine;
  vi.spyOn(switchMachine, "stepFrame").mockImplementation((of, frame) => {
    const effects = stepFrame(of, frame);
    for (const effect of effects) {
      if (effect.kind === "alarm") alarms.push(`${effect.code}: ${effect.detail}`);
    }
    return effects;
  });
  await recordAll(frames.slice(200), {}, state);
  vi.restoreAllMocks();
  const result = await replayFile(paths()[0] ?? "");
  if (!result.ok) throw new Error(result.why);
  expect(alarms.length).toBeGreaterThan(0);
  expect(result.replayed.alarms).toEqual(alarms);
  const index = Number(/index (\d+)/v.exec(alarms[0] ?? "")?.[1]);
  const before = await replayFile(paths()[0] ?? "", { until: index - 1 });
  const there = await replayFile(paths()[0] ?? "", { until: index });
  expect(before).toMatchObject({ ok: true, replayed: { alarms: [] } });
  expect(there.ok && there.replayed.alarms[0]).toBe(alarms[0]);
});

describe("a file that is not whole", () => {
  async function tampered(change: (lines: string[]) => void): Promise<string> {
    await recordAll(framesOf(3).slice(0, 30));
    const [path = ""] = paths();
    const lines = readFileSync(path, "utf8").split("\n");
    change(lines);
    writeFileSync(path, lines.join("\n"));
    return path;
  }

  test("a cut last line is told and left out", async () => {
    const path = await tampered((lines) => {
      lines.pop();
      lines.push((lines.pop() ?? "").slice(0, 40));
    });
    const result = await replayFile(path);
    expect(result).toMatchObject({ ok: true, replayed: { frames: 29 } });
    if (result.ok)
      expect(result.replayed.warnings).toEqual(["line 32, the last, is cut and was left out"]);
  });

  test.each([
    [
      "another version",
      "recorded by machine 0, schema 1; this is machine 1",
      (lines: string[]) => (lines[0] = (lines[0] ?? "").replace('"machine":"1"', '"machine":"0"')),
    ],
    ["a broken line", "line 5 is none of a recording", (lines: string[]) => (lines[4] = "{")],
    [
      "a missing frame",
      "line 5: frame 6 where 5 should be",
      (lines: string[]) => lines.splice(4, 1),
    ],
    ["no header", "line 1: a recording begins with its header", (lines: string[]) => lines.shift()],
    ["no state", "line 2: a frame before the state", (lines: string[]) => lines.splice(1, 1)],
    ["the header alone", "it ends before its first frame", (lines: string[]) => lines.splice(1)],
    ["nothing", "this is no recording", (lines: string[]) => lines.splice(0)],
    ["something else", "this is no recording", (lines: string[]) => lines.splice(0, Infinity, "x")],
  ])("%s is refused with a sentence", async (_name, why, change) => {
    const path = await tampered(change);
    const result = await replayFile(path);
    expect(result).toMatchObject({ ok: false });
    if (!result.ok) expect(result.why).toContain(why);
  });

  test("a file that is not there", async () => {
    const result = await replayFile(join(folder, "none"));
    expect(result).toMatchObject({ ok: false });
  });
});

test("a call's ladder: its messages and events, in order", async () => {
  const frames = framesOf(1);
  await recordAll(frames);
  const state = createSwitch();
  let connID = "";
  for (const frame of frames) {
    switchMachine.stepFrame(state, frame);
    for (const call of state.calls.values()) {
      if (connID === "" && call.destination?.state === "confirmed") ({ connID } = call);
    }
  }
  const ladder = createLadder(connID);
  await replayFile(paths()[0] ?? "", { onFrame: ladder.onFrame });
  await expect(ladderText(ladder.steps)).toMatchFileSnapshot("ladder.golden.txt");
});
