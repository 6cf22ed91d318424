import { join } from "node:path";
import type { Frame } from "@tandem/kernel";
import type { Snapshot } from "@tandem/replica";
import type { Input, SwitchState } from "@tandem/switch";
import { stateSnapshots, versionsOf } from "../replicated.ts";
import {
  fileNameOf,
  keepNewest,
  makeFolder,
  openRecordingFile,
  type RecordingFile,
} from "./recording-file.ts";
import { lineText, type RecordingLine } from "./recording-lines.ts";

/**
 * Writes every frame that a node steps, in files of bounded number and size. A new file begins with
 * the state, in slices with pauses between them, while frames still go to the file before it; so
 * the node stops for the end of a snapshot only, some milliseconds, and no frame is missing. What
 * the disk does not take ends the recording, which is told, and never the node.
 */
export interface RecorderOptions {
  readonly node: string;
  readonly folder: string;
  /** Of a file's frames; a file is longer by the state that it begins with. */
  readonly fileBytesMax: number;
  readonly files: number;
  /** A sentence, once. */
  readonly onTrouble: (sentence: string) => void;
  readonly clock?: () => number;
}

export interface Recorder {
  /** A frame that was stepped, and the machine that it has brought forward, where it is known. */
  readonly record: (frame: Frame<Input>, machine: RecordedMachine | null) => void;
  readonly close: () => Promise<void>;
}

export interface RecordedMachine {
  readonly state: SwitchState;
  readonly history: string;
}

/** More than this and the disk is too slow for us. */
const backlogBytesMax = 64 * 1024 * 1024;
/** Slices of a snapshot wait for the disk, too. */
const sliceBacklogBytesMax = 4 * 1024 * 1024;
/** Between slices, so that calls have the most of the time. */
const betweenSlicesMs = 10;

interface Beginning {
  readonly file: RecordingFile;
  readonly snapshot: Snapshot;
}

export function startRecorder(options: RecorderOptions): Recorder {
  return new NodeRecorder(options);
}

class NodeRecorder implements Recorder {
  readonly options: RecorderOptions;
  readonly startedMs: number;
  count = 0;
  /** What frames go to. */
  file: RecordingFile | null = null;
  /** Bytes of `file` before its first frame. */
  headBytes = 0;
  /** The file that is to come next, while its state is written. */
  beginning: Beginning | null = null;
  machine: RecordedMachine | null = null;
  last: Frame<Input> | null = null;
  timer: NodeJS.Timeout | null = null;
  hasFailed = false;
  readonly closing = new Set<Promise<void>>();

  constructor(options: RecorderOptions) {
    this.options = options;
    this.startedMs = (options.clock ?? Date.now)();
    this.guard(() => makeFolder(options.folder));
  }

  record(frame: Frame<Input>, machine: RecordedMachine | null): void {
    if (this.hasFailed) return;
    this.guard(() => {
      if (!this.goesOn(frame, machine)) this.startOver();
      this.machine = machine ?? this.machine;
      this.last = frame;
      if (this.file === null && frame.firstIndex === 1) this.beginFresh();
      if (this.file !== null) this.write(this.file, { kind: "frame", frame });
      const isFull = this.file === null || this.frameBytes() >= this.options.fileBytesMax;
      if (isFull && this.beginning === null) this.begin();
    });
  }

  /** Whether the frame follows the last one, in the same machine. */
  goesOn(frame: Frame<Input>, machine: RecordedMachine | null): boolean {
    const { last } = this;
    if (last === null) return true;
    if (frame.firstIndex !== last.firstIndex + Math.max(1, last.inputs.length)) return false;
    if (machine === null || this.machine === null) return true;
    return machine.state === this.machine.state && machine.history === this.machine.history;
  }

  frameBytes(): number {
    return this.file === null ? 0 : this.file.bytes() - this.headBytes;
  }

  /** Another machine, or another place in its history: what was begun is of no use. */
  startOver(): void {
    this.abandonBeginning();
    this.closeFile(this.file);
    this.file = null;
    this.machine = null;
  }

  beginFresh(): void {
    this.file = this.open();
    this.write(this.file, { kind: "state", index: 0, now: 0, epoch: 0, rest: null });
    this.headBytes = this.file.bytes();
  }

  begin(): void {
    if (this.machine === null) return;
    const file = this.open();
    this.beginning = { file, snapshot: stateSnapshots.open(this.machine.state) };
    this.goOnSoon();
  }

  goOnSoon(): void {
    this.timer = setTimeout(() => this.guard(() => this.goOn()), betweenSlicesMs);
  }

  /** Between frames: the machine is where the last recorded frame has brought it. */
  goOn(): void {
    this.timer = null;
    const { beginning, last } = this;
    if (beginning === null || last === null) return;
    const { file, snapshot } = beginning;
    if (file.backlog() > sliceBacklogBytesMax) return this.goOnSoon();
    const text = snapshot.next();
    if (text !== null) {
      this.write(file, { kind: "slice", text });
      return this.goOnSoon();
    }
    const index = last.firstIndex + Math.max(1, last.inputs.length) - 1;
    const { now, epoch } = last;
    this.write(file, { kind: "state", index, now, epoch, rest: snapshot.finish() });
    this.beginning = null;
    this.closeFile(this.file);
    this.file = file;
    this.headBytes = file.bytes();
  }

  open(): RecordingFile {
    const { node, folder, files } = this.options;
    this.count += 1;
    const path = join(folder, fileNameOf(node, this.startedMs, this.count));
    const file = openRecordingFile(path, (error) => this.fail(error.message));
    const { history = "" } = this.machine ?? {};
    this.write(file, { kind: "recording", format: 1, node, history, versions: versionsOf() });
    keepNewest(folder, node, Math.max(1, files - 1)); // the new one may not be there yet
    return file;
  }

  write(file: RecordingFile, line: RecordingLine): void {
    file.write(lineText(line));
    if (file.backlog() > backlogBytesMax) this.fail("the disk is too slow");
  }

  closeFile(file: RecordingFile | null): void {
    if (file === null) return;
    const closing = file.close();
    this.closing.add(closing);
    void closing.then(() => this.closing.delete(closing));
  }

  abandonBeginning(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.beginning?.snapshot.abandon();
    this.closeFile(this.beginning?.file ?? null);
    this.beginning = null;
  }

  guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.fail(error instanceof Error ? error.message : String(error));
    }
  }

  fail(why: string): void {
    if (this.hasFailed) return;
    this.hasFailed = true;
    this.options.onTrouble(`nothing is recorded any more: ${why}`);
    this.startOver();
  }

  async close(): Promise<void> {
    this.hasFailed = true; // nothing more is taken
    this.startOver();
    await Promise.all(this.closing);
  }
}
