import * as z from "zod/mini";
import { countField, schemaFor, type Schema } from "../schema.ts";

/** What ADDP puts on the wire, beside the messages (cti.md, ADDP). */
export interface AddpFrame {
  readonly addp: "poll" | "answer";
  readonly id: number;
}

export const addpFrameSchema: Schema<AddpFrame> = schemaFor<AddpFrame>()(
  z.object({ addp: z.enum(["poll", "answer"]), id: countField }),
);
