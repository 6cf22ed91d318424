/** The settings of a Configuration Server process: where it listens, its file, its key. */
import { logLevels } from "@tandem/service";
import * as z from "zod";

const port = z.int().min(0).max(65_535);

export interface ConfigServerSettings {
  /** Its Application in the file. */
  readonly name: string;
  /** The YAML file, from the folder of the settings. */
  readonly file: string;
  /** Its private token key, a JWK file, from the folder of the settings. */
  readonly keyFile: string;
  readonly listen: { readonly host: string; readonly port: number };
  readonly http: { readonly host: string; readonly port: number };
  /** Origins of pages that may connect; `*` for any. */
  readonly origins: readonly string[];
  readonly logLevel: (typeof logLevels)[number];
  /** Set by a supervisor that holds standard input: its end is the server's. */
  readonly endsWithInput: boolean;
}

export const configServerSettingsSchema: z.ZodType<ConfigServerSettings> = z.strictObject({
  name: z.string().min(1),
  file: z.string().min(1),
  keyFile: z.string().min(1),
  listen: z.strictObject({ host: z.string().min(1), port: port.default(7010) }),
  http: z.strictObject({ host: z.string().min(1), port: port.default(7080) }),
  origins: z.array(z.string()).default([]),
  logLevel: z.enum(logLevels).default("info"),
  endsWithInput: z.boolean().default(false),
});
