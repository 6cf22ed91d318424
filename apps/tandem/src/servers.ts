import type { Command } from "commander";

/** `tandem sip-server` and `tandem config-server`: one process each, until SIGTERM. */
export function addServerCommands(program: Command): void {
  program
    .command("sip-server")
    .description("run a SIP Server")
    .requiredOption("--settings <file>", "its settings, JSON")
    .action(async ({ settings }: { settings: string }) => {
      const { runSipServer } = await import("@tandem/sip-server");
      runSipServer(settings);
    });
  program
    .command("config-server")
    .description("run a Configuration Server")
    .requiredOption("--settings <file>", "its settings, JSON")
    .action(async ({ settings }: { settings: string }) => {
      const { runConfigServer } = await import("@tandem/config-server");
      await runConfigServer(settings);
    });
}
