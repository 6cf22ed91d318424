import type { Command } from "commander";

/** `tandem keep -- COMMAND…`: starts it, kills it when it is silent, starts it again. */
interface KeepCommandOptions {
  readonly name: string;
  readonly dropAddress?: string;
}

export function addKeepCommand(program: Command): void {
  program
    .command("keep")
    .description("run a server under a keeper: silent for 0.7 s (3 s alone) it is killed")
    .argument("<command...>", "the program and its arguments, after --")
    .option("--name <name>", "its name in the log", "keeper")
    .option("--drop-address <line>", "a shell's line that gives the site's address up")
    .action(async (command: readonly string[], options: KeepCommandOptions) => {
      const { createLogger, keepProcess } = await import("@tandem/service");
      const { name, dropAddress } = options;
      const log = createLogger({ name });
      const kept = keepProcess({ command, log, ...(dropAddress !== undefined && { dropAddress }) });
      for (const signal of ["SIGTERM", "SIGINT"] as const) {
        process.on(signal, () => {
          log.info({ signal }, "ending, with the process");
          kept.end();
        });
      }
      process.exitCode = await kept.ended;
    });
}
