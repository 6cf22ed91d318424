import type { Frame } from "@tandem/kernel";
import type { Versions } from "@tandem/replica";
import type { Input } from "@tandem/switch";
import * as z from "zod";

/**
 * A recording is JSON, one value a line: a header, the state as of its first index (in slices, or
 * fresh when a history begins here), then the frames as they were stepped. Each file can be
 * replayed without any other.
 */
export type RecordingLine =
  | RecordingHeader
  | { readonly kind: "slice"; readonly text: string }
  | RecordedState
  | { readonly kind: "frame"; readonly frame: Frame<Input> };

export interface RecordingHeader {
  readonly kind: "recording";
  readonly format: 1;
  readonly node: string;
  /** Of the node's machine; empty where it was not known yet. */
  readonly history: string;
  readonly versions: Versions;
}

/** After this line the first frame is that after `index`. */
export interface RecordedState {
  readonly kind: "state";
  readonly index: number;
  readonly now: number;
  readonly epoch: number;
  /** What follows the slices; null: the machine was new. */
  readonly rest: string | null;
}

const indexSchema = z.int().min(0);

const lineSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("recording"),
    format: z.literal(1),
    node: z.string(),
    history: z.string(),
    versions: z.object({ machine: z.string(), runtime: z.string(), schema: z.number() }),
  }),
  z.object({ kind: z.literal("slice"), text: z.string() }),
  z.object({
    kind: z.literal("state"),
    index: indexSchema,
    now: z.number(),
    epoch: z.number(),
    rest: z.string().nullable(),
  }),
  z.object({
    kind: z.literal("frame"),
    frame: z.object({
      epoch: z.number(),
      firstIndex: indexSchema,
      now: z.number(),
      entropy: z.string().regex(/^[0-9a-f]{32}$/v),
      inputs: z.array(z.looseObject({ kind: z.string() })),
    }),
  }),
]);

export function lineText(line: RecordingLine): string {
  return `${JSON.stringify(line)}\n`;
}

/** Null when the text is no line of a recording. */
export function readLine(text: string): RecordingLine | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null; // the one thing that JSON.parse throws for: whoever asked tells of it
  }
  const parsed = lineSchema.safeParse(value);
  if (!parsed.success) return null;
  return parsed.data as unknown as RecordingLine; // inputs are as the same version wrote them
}
