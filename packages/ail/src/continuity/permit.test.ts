import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  contextOf,
  inService,
  nodes,
  steps,
  talking,
  timer,
} from "../testing/conformance/material.ts";
import type { ConformanceStep } from "../testing/conformance/conformance-case.ts";
import { loggedOut } from "../testing/conformance/material.ts";
import { desktopErrorCodes, permitCommand, type CommandKind } from "./permit.ts";
import { createContinuity, type Continuity } from "./state.ts";
import { stepContinuity } from "./step-continuity.ts";

const lost = steps(nodes(1, "- -"));
const kinds: readonly CommandKind[] = ["agent", "newCall", "onCall", "switchover", "login"];

describe("what a desktop may ask for", () => {
  test.each<[string, readonly ConformanceStep[], readonly string[]]>([
    ["R24 offline", [], repeat("not-started")],
    ["R24 in service", inService(), repeat("permitted")],
    [
      "R24 in service, logged out by a supervisor",
      [...inService(), ...steps(loggedOut(1, null))],
      ["agent-not-logged-in", "permitted", "permitted", "permitted", "permitted"],
    ],
    [
      "R24 telephony OFF",
      [...inService(), ...lost],
      repeat("site-unavailable", { switchover: "permitted" }),
    ],
    [
      "R24 phone unregistered",
      [...inService(), ...steps(loggedOut(1, "dr-force_logout"))],
      repeat("phone-unregistered", { switchover: "permitted" }),
    ],
    [
      "R24 draining: the calls that are there, and nothing new",
      [...talking(), ...steps(loggedOut(1, "graceful_shutdown_logout"))],
      repeat("leaving-site", { switchover: "permitted", onCall: "permitted" }),
    ],
    [
      "R24 switching over",
      [...inService(), ...lost, ...steps(timer("telephony/site-timeout"))],
      repeat("switching-over"),
    ],
    [
      "R24 no site",
      [...inService(), ...lost, ...steps(timer("telephony/site-timeout"), timer("site/connect"))],
      repeat("no-site"),
    ],
    ["R24 closed", steps({ kind: "close" }), repeat("desktop-closed")],
  ])("%s", (_rule, begun, expected) => {
    const state = stateAfter(begun);
    const permits = kinds.map((kind) => {
      const permit = permitCommand(state, kind);
      return permit.kind === "permitted" ? "permitted" : permit.code;
    });
    expect(permits).toEqual(expected);
  });

  test("R24 no other site", () => {
    const state = stateAfter(inService({ isAlone: true }));
    expect(permitCommand(state, "switchover")).toMatchObject({ code: "no-other-site" });
  });
});

function stateAfter(begun: readonly ConformanceStep[]): Continuity {
  let state = createContinuity();
  for (const { event } of begun) state = stepContinuity(state, event, contextOf({}, 0)).next;
  return state;
}

function repeat(code: string, but: Partial<Record<CommandKind, string>> = {}): readonly string[] {
  return kinds.map((kind) => but[kind] ?? code);
}

test("docs/errors.md has a row for each code of the desktop, with its sentence", () => {
  const page = readFileSync(new URL("../../../../docs/errors.md", import.meta.url), "utf8");
  const section = page.split("## Desktop")[1]?.split("\n## ")[0] ?? "";
  const rows = [...section.matchAll(/^\| `([^`]+)` \| (.*) \|$/gm)];
  expect(rows.map(([, code, sentence]) => [code, sentence])).toEqual(
    Object.entries(desktopErrorCodes),
  );
});
