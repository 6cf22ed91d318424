/**
 * What is wrong with a configuration file: where, and how to mend it. A file with a fault starts no
 * server and replaces no running configuration; all its faults are told at once.
 */
export type ConfigurationErrorCode =
  | "configuration-unreadable"
  | "configuration-not-yaml"
  | "configuration-unknown-field"
  | "configuration-wrong-value"
  | "configuration-duplicate"
  | "configuration-dangling"
  | "configuration-contradictory"
  | "configuration-unknown-option";

export interface ConfigurationFault {
  readonly code: ConfigurationErrorCode;
  readonly file: string;
  /** From 1; 0 where the file as a whole is at fault. */
  readonly line: number;
  readonly column: number;
  /** What is wrong, and what to do. */
  readonly say: string;
}

/** Faults told at once; more are counted. */
export const faultsToldMax = 50;

/** One line a fault: `FILE:LINE:COLUMN: SAY`. */
export function faultsText(faults: readonly ConfigurationFault[]): string {
  const told = faults.slice(0, faultsToldMax).map(({ file, line, column, say }) => {
    return line === 0 ? `${file}: ${say}` : `${file}:${line}:${column}: ${say}`;
  });
  const more = faults.length - told.length;
  return [...told, ...(more > 0 ? [`and ${more} more`] : [])].join("\n");
}
