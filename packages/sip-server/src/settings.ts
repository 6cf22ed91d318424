import { logLevels } from "@tandem/service";
import * as z from "zod";

/** The settings of a SIP Server process: who it is, and where it learns the rest. */
export interface SipServerSettings {
  /** Its Application in the configuration. */
  readonly name: string;
  /** The Configuration Servers of its site, the primary's first: `ws://127.0.1.10:7010/config`. */
  readonly configuration: readonly string[];
  /** The secret of its Application. */
  readonly secret: string;
  /**
   * Digest algorithms offered to phones, the preferred one first. MD5 alone unless told otherwise:
   * phones of RFC 3261 give up at a challenge with an algorithm that they do not know, even when
   * one that they know stands beside it (baresip 1.0: "Function not implemented").
   */
  readonly digestAlgorithms: readonly ("MD5" | "SHA-256")[];
  /** Messages a second that one source may send; 0 switches the limit off. */
  readonly sourcePerSecond: number;
  /** Origins of pages that may connect; `*` for any. */
  readonly origins: readonly string[];
  readonly logLevel: (typeof logLevels)[number];
  /** Set by a supervisor that holds standard input: its end is the server's. */
  readonly endsWithInput: boolean;
}

export const sipServerSettingsSchema: z.ZodType<SipServerSettings> = z.strictObject({
  name: z.string().min(1),
  configuration: z.array(z.url()).min(1),
  secret: z.string().min(1),
  digestAlgorithms: z
    .array(z.enum(["MD5", "SHA-256"]))
    .min(1)
    .default(["MD5"]),
  sourcePerSecond: z.number().min(0).default(2_000),
  origins: z.array(z.string()).default([]),
  logLevel: z.enum(logLevels).default("info"),
  endsWithInput: z.boolean().default(false),
});
