import { spawn } from "node:child_process";

/**
 * Runs a program of the system with a time limit: what became of it is a value, its last words
 * included.
 */
export type ProgramOutcome =
  | { readonly kind: "ended"; readonly code: number; readonly words: string }
  /** Killed: its time was over, or it was no longer wanted. */
  | { readonly kind: "killed"; readonly words: string }
  | { readonly kind: "notStarted"; readonly words: string };

export interface ProgramChoice {
  readonly program: string;
  readonly args: readonly string[];
  readonly limitMs: number;
  /** Kills it before its time. */
  readonly signal?: AbortSignal;
}

/** Never rejects. */
export type RunProgram = (choice: ProgramChoice) => Promise<ProgramOutcome>;

const wordsMax = 400;

export const runProgram: RunProgram = ({ program, args, limitMs, signal }) =>
  new Promise((resolve) => {
    let words = "";
    const child = spawn(program, args, {
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own, so that what a script started ends with it.
      detached: true,
    });
    const kill = (): void => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        child.kill("SIGKILL"); // the group has ended by itself
      }
    };
    const patience = setTimeout(kill, limitMs);
    signal?.addEventListener("abort", kill, { once: true });
    const settle = (outcome: ProgramOutcome): void => {
      clearTimeout(patience);
      signal?.removeEventListener("abort", kill);
      resolve(outcome);
    };
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (bytes: Buffer) => {
        words = (words + bytes.toString("utf8")).slice(-wordsMax);
      });
    }
    child.on("error", (error) => settle({ kind: "notStarted", words: error.message }));
    child.on("exit", (code, ending) => {
      const said = words.trim().replace(/\s*\n\s*/g, "; ");
      if (code === null) settle({ kind: "killed", words: said === "" ? `by ${ending}` : said });
      else settle({ kind: "ended", code, words: said });
    });
  });

/** Null where it did what it should, else a sentence. */
export function complaintOf(program: string, outcome: ProgramOutcome): string | null {
  switch (outcome.kind) {
    case "ended":
      return outcome.code === 0 ? null : `${program} ended with ${outcome.code}: ${outcome.words}`;
    case "killed":
      return `${program} was killed, it did not end in time: ${outcome.words}`;
    case "notStarted":
      return `${program} could not be started: ${outcome.words}`;
  }
}
