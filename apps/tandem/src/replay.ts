import { Option, type Command } from "commander";
import { wholeNumber } from "./whole-number.ts";

/**
 * `tandem replay FILE`: steps a recording of a SIP Server's node again, and says where it ends: the
 * state's digest, counts, alarms; with `--print call CONNID` that call's messages and events.
 */
export function addReplayCommand(program: Command): void {
  program
    .command("replay")
    .description("step a recording of a SIP Server again")
    .argument("<file>", "a file of the node's recording")
    .addOption(
      new Option("--until <index>", "stop after this input").argParser(
        wholeNumber(0, Number.MAX_SAFE_INTEGER),
      ),
    )
    .option("--print <what...>", "call CONNID: its SIP ladder and its events")
    .option("--json", "print one object")
    .action(async (file: string, options: ReplayChoice) => {
      process.exitCode = await replay(file, options);
    });
}

interface ReplayChoice {
  readonly until?: number;
  readonly print?: readonly string[];
  readonly json?: true;
}

async function replay(file: string, { until, print, json }: ReplayChoice): Promise<number> {
  const [what, connID = "", ...more] = print ?? [];
  if (what !== undefined && (what !== "call" || connID === "" || more.length > 0)) {
    process.stderr.write("--print takes: call CONNID\n");
    return 1;
  }
  const { createLadder, ladderText, replayFile } = await import("@tandem/sip-server");
  const ladder = what === undefined ? null : createLadder(connID);
  const result = await replayFile(file, {
    ...(until === undefined ? {} : { until }),
    ...(ladder === null ? {} : { onFrame: ladder.onFrame }),
  });
  if (!result.ok) {
    process.stderr.write(`${file}: ${result.why}\n`);
    return 1;
  }
  const { state, alarms, warnings, ...rest } = result.replayed;
  const rows = {
    dns: state.dns.size,
    calls: state.calls.size,
    agents: state.agents.size,
    sessions: state.sessions.size,
    transactions: state.transactions.size,
  };
  for (const warning of warnings) process.stderr.write(`${file}: ${warning}\n`);
  const steps = ladder?.steps ?? [];
  if (json === true) {
    const call = ladder === null ? {} : { call: { connID, steps } };
    process.stdout.write(`${JSON.stringify({ ...rest, rows, alarms, warnings, ...call })}\n`);
  } else {
    process.stdout.write(ladderText(steps));
    for (const text of alarms) process.stdout.write(`alarm ${text}\n`);
    const { node, firstIndex, lastIndex, frames, digest } = rest;
    process.stdout.write(`${node}: inputs ${firstIndex} to ${lastIndex} in ${frames} frames\n`);
    const counts = Object.entries(rows).map(([name, count]) => `${count} ${name}`);
    process.stdout.write(`then: ${counts.join(", ")}\ndigest ${digest}\n`);
  }
  if (ladder === null || steps.length > 0) return 0;
  process.stderr.write(`no call ${connID} in ${file}\n`);
  return 1;
}
