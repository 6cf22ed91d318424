/** The command line: one word a command, each in a file of its own. */
import { Command } from "commander";
import { addServerCommands } from "./servers.ts";
import { addSimCommand } from "./sim.ts";

const program = new Command("tandem")
  .description("SIP call control for contact centres that survives the loss of a site")
  .showHelpAfterError("(tandem --help lists the commands)");
addServerCommands(program);
addSimCommand(program);
await program.parseAsync();
