/**
 * One short round of the drill; how long it took is a bench's matter (`tandem drill site-loss`).
 */
import { expect, test } from "vitest";
import { openDesktops } from "../sdk-desktop.ts";
import { siteLossReport } from "./site-loss-report.ts";
import { siteLossRound } from "./site-loss.ts";

test("a site dies silently: every agent is back with the state they had, and is called", async () => {
  const lines: string[] = [];
  const say = (line: string): void => void lines.push(line);
  const measures = await siteLossRound({ profile: "fast", agents: 5, openDesktops, say }, 1);
  const { agents, agentsRecovered, statesRestored, firstCallsAnswered, newCallsLost } =
    siteLossReport("fast", [measures]);
  expect(
    { agents, agentsRecovered, statesRestored, firstCallsAnswered, newCallsLost },
    lines.join("\n"),
  ).toEqual({
    agents: 5,
    agentsRecovered: 5,
    statesRestored: 5,
    firstCallsAnswered: 5,
    newCallsLost: 0,
  });
});
