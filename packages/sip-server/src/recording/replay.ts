import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { createDigest, digestText, feedDigest, type Frame } from "@tandem/kernel";
import { encode, type Assembly } from "@tandem/replica";
import {
  createSwitch,
  switchMachine,
  type Effect,
  type Input,
  type SwitchState,
} from "@tandem/switch";
import { stateSnapshots, versionsOf } from "../replicated.ts";
import { readLine, type RecordedState, type RecordingHeader } from "./recording-lines.ts";

/**
 * Steps a recording again, in a machine like the one that made it: the same frames give the same
 * state and the same effects.
 */
export interface ReplayOptions {
  /** The frame that holds this index is the last. */
  readonly until?: number;
  /** After each frame. */
  readonly onFrame?: (frame: Frame<Input>, effects: readonly Effect[], state: SwitchState) => void;
}

export interface Replayed {
  readonly node: string;
  readonly history: string;
  /** Of the first frame stepped, and of the last input stepped. */
  readonly firstIndex: number;
  readonly lastIndex: number;
  readonly frames: number;
  readonly inputs: number;
  readonly state: SwitchState;
  /** Of the state's canonical text. */
  readonly digest: string;
  readonly alarms: readonly string[];
  /** What is not as it should be, but did not keep us from replaying. */
  readonly warnings: readonly string[];
}

export type ReplayResult =
  | { readonly ok: true; readonly replayed: Replayed }
  | { readonly ok: false; readonly why: string };

export async function replayFile(file: string, options: ReplayOptions = {}): Promise<ReplayResult> {
  const course = new Course(options);
  let number = 0;
  let broken: number | null = null;
  try {
    for await (const text of createInterface({ input: createReadStream(file, "utf8") })) {
      number += 1;
      if (broken !== null) return no(`line ${broken} is none of a recording`);
      const line = readLine(text);
      if (line === null) {
        broken = number; // the last line may be cut
        continue;
      }
      const fault = course.take(line);
      if (fault !== null) return no(`line ${number}: ${fault}`);
      if (course.isDone) break;
    }
  } catch (error) {
    return no(error instanceof Error ? error.message : String(error));
  }
  if (number === 0 || broken === 1) return no("this is no recording");
  if (broken !== null) course.warnings.push(`line ${broken}, the last, is cut and was left out`);
  return course.end();
}

function no(why: string): { readonly ok: false; readonly why: string } {
  return { ok: false, why };
}

class Course {
  readonly options: ReplayOptions;
  readonly warnings: string[] = [];
  readonly alarms: string[] = [];
  readonly assembly: Assembly<SwitchState> = stateSnapshots.assemble();
  header: RecordingHeader | null = null;
  state: SwitchState | null = null;
  firstIndex = 0;
  nextIndex = 0;
  frames = 0;
  inputs = 0;
  isDone = false;

  constructor(options: ReplayOptions) {
    this.options = options;
  }

  /** What is wrong with it, or null. */
  take(line: NonNullable<ReturnType<typeof readLine>>): string | null {
    if (line.kind === "recording") return this.takeHeader(line);
    if (this.header === null) return "a recording begins with its header";
    switch (line.kind) {
      case "slice":
        return this.assembly.add(line.text) ? null : "this is no slice of a state";
      case "state":
        return this.takeState(line);
      case "frame":
        return this.takeFrame(line.frame);
    }
  }

  takeHeader(header: RecordingHeader): string | null {
    const { machine, runtime, schema } = versionsOf();
    const recorded = header.versions;
    if (recorded.machine !== machine || recorded.schema !== schema) {
      return `recorded by machine ${recorded.machine}, schema ${recorded.schema}; this is machine ${machine}, schema ${schema}: replay it with the version that recorded it`;
    }
    if (recorded.runtime !== runtime) {
      this.warnings.push(`recorded under Node ${recorded.runtime}, replayed under ${runtime}`);
    }
    this.header = header;
    return null;
  }

  takeState({ index, rest }: RecordedState): string | null {
    this.state = rest === null ? createSwitch() : this.assembly.finish(rest);
    this.firstIndex = index + 1;
    this.nextIndex = index + 1;
    return this.state === null ? "the state cannot be read" : null;
  }

  takeFrame(frame: Frame<Input>): string | null {
    const { state, options } = this;
    if (state === null) return "a frame before the state";
    if (frame.firstIndex !== this.nextIndex) {
      return `frame ${frame.firstIndex} where ${this.nextIndex} should be`;
    }
    if (options.until !== undefined && frame.firstIndex > options.until) {
      this.isDone = true;
      return null;
    }
    const effects = switchMachine.stepFrame(state, frame);
    this.nextIndex += Math.max(1, frame.inputs.length);
    this.frames += 1;
    this.inputs += frame.inputs.length;
    for (const effect of effects) {
      if (effect.kind === "alarm") this.alarms.push(`${effect.code}: ${effect.detail}`);
    }
    options.onFrame?.(frame, effects, state);
    return null;
  }

  end(): ReplayResult {
    const { header, state } = this;
    if (header === null || state === null) return no("it ends before its first frame");
    const digest = createDigest();
    feedDigest(digest, encode(state));
    const { node, history } = header;
    const { firstIndex, nextIndex, frames, inputs, alarms, warnings } = this;
    const counts = { firstIndex, lastIndex: nextIndex - 1, frames, inputs };
    const replayed = {
      node,
      history,
      ...counts,
      state,
      digest: digestText(digest),
      alarms,
      warnings,
    };
    return { ok: true, replayed };
  }
}
