import { runConfigServer } from "@tandem/config-server";
import { runSipServer } from "@tandem/sip-server";
import type { Command } from "commander";

/** `tandem sip-server` and `tandem config-server`: one process each, until SIGTERM. */
export function addServerCommands(program: Command): void {
  program
    .command("sip-server")
    .description("run a SIP Server")
    .requiredOption("--settings <file>", "its settings, JSON")
    .action(({ settings }: { settings: string }) => runSipServer(settings));
  program
    .command("config-server")
    .description("run a Configuration Server")
    .requiredOption("--settings <file>", "its settings, JSON")
    .action(({ settings }: { settings: string }) => runConfigServer(settings));
}
