/**
 * The command line: one word a command, each in a file of its own, which loads only the room that
 * it is about.
 */
import { Command } from "commander";
import { addBenchCommand } from "./bench.ts";
import { addCertsCommand } from "./certs.ts";
import { addConfigCommands } from "./config.ts";
import { addConformanceCommand } from "./conformance.ts";
import { addDrillCommand } from "./drill.ts";
import { addKeepCommand } from "./keep.ts";
import { addLabCommand } from "./lab.ts";
import { addProveCommand } from "./prove.ts";
import { addReplayCommand } from "./replay.ts";
import { addServerCommands } from "./servers.ts";
import { addSimCommand } from "./sim.ts";
import { addStatusCommand } from "./status.ts";

const program = new Command("tandem")
  .description("SIP call control for contact centres that survives the loss of a site")
  .showHelpAfterError("(tandem --help lists the commands)");
addBenchCommand(program);
addCertsCommand(program);
addConfigCommands(program);
addConformanceCommand(program);
addDrillCommand(program);
addKeepCommand(program);
addLabCommand(program);
addProveCommand(program);
addReplayCommand(program);
addServerCommands(program);
addSimCommand(program);
addStatusCommand(program);
await program.parseAsync();
