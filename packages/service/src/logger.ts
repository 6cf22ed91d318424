/**
 * Logs: one JSON object a line (pino), with the process's name, epoch milliseconds and a level in
 * words. Nothing is logged for each message of a call; what explains an outage is.
 */
import { type DestinationStream, type Logger, pino } from "pino";
import { createLogDestination } from "./log-destination.ts";

export type { Logger } from "pino";

export const logLevels = ["trace", "debug", "info", "warn", "error", "fatal"] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LoggerOptions {
  /** `sip-1a` */
  readonly name: string;
  readonly level?: LogLevel;
  /** Standard output by default. */
  readonly destination?: DestinationStream;
}

/**
 * Text of others for a log or a screen: control characters, those of C1 and what changes the
 * direction of writing are written as `\x1b`, so that a caller's name cannot pretend to be a line,
 * nor move anybody's cursor.
 */
export function printable(text: string): string {
  return text.replace(
    // eslint-disable-next-line no-control-regex -- to find them is the purpose
    /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}

/** Fields that never reach a log, at the top of an object or one below. */
const secrets = ["password", "secret", "token", "ha1", "authorization", "applicationSecret"];

export function createLogger({ name, level = "info", destination }: LoggerOptions): Logger {
  const options = {
    name,
    level,
    base: { name },
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: secrets.flatMap((secret) => [secret, `*.${secret}`]), censor: "[hidden]" },
  };
  return pino(options, destination ?? createLogDestination());
}
