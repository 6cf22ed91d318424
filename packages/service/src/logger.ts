/**
 * Logs: one JSON object a line (pino), with the process's name, epoch milliseconds and a level in
 * words. Nothing is logged for each message of a call; what explains an outage is.
 */
import { type DestinationStream, type Logger, pino } from "pino";

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
  return destination === undefined ? pino(options) : pino(options, destination);
}
