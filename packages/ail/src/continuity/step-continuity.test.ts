import fc from "fast-check";
import { expect, test } from "vitest";
import type { ContinuityEffect, ContinuityEvent, TimelineEntry } from "./events.ts";
import {
  afterCallWork,
  callEvent,
  contextOf,
  inService,
  located,
  loggedIn,
  loggedOut,
  loginRefused,
  nodes,
  opened,
  phone,
  ready,
  registered,
  talking,
  timer,
} from "../testing/conformance/material.ts";
import { createContinuity, type Continuity } from "./state.ts";
import { stepContinuity } from "./step-continuity.ts";

test("R23 an entry says what was in progress, what was lost, and what came back", () => {
  const entries: TimelineEntry[] = [];
  let state = createContinuity();
  const take = (event: ContinuityEvent): void => {
    const step = stepContinuity(state, event, contextOf({}, 1_700_000_000_000));
    state = step.next;
    for (const effect of step.effects) if (effect.kind === "report") entries.push(effect.entry);
  };
  for (const { event } of talking()) take(event);
  take(nodes(1, "- -"));
  take(timer("telephony/site-timeout"));
  take({ kind: "switchoverAsked" });
  for (const event of [nodes(2, "P1 -"), opened(2), registered(2), loggedIn(2)]) take(event);
  expect(entries.slice(-2)).toEqual([
    {
      number: 2,
      cause: { code: "site-timeout" },
      from: { state: "impaired", site: "site-1" },
      to: { state: "switchingOver", site: "site-2" },
      at: 1_700_000_000_000,
      inProgress: { calls: [], agentState: { state: "Ready" } },
      restored: null,
      lost: ["00000000000000a1"],
      recorded: [],
    },
    {
      number: 2,
      cause: { code: "logged-in" },
      from: { state: "switchingOver", site: "site-2" },
      to: { state: "inService", site: "site-2" },
      at: 1_700_000_000_000,
      inProgress: { calls: [], agentState: { state: "Ready" } },
      restored: { state: "NotReady", reasons: { ReasonCode: "call-in-progress" } },
      lost: [],
      recorded: [{ code: "asked-by-user" }],
    },
  ]);
});

test("calls as they are told: muted, renamed by a transfer, not those that are observed", () => {
  let state = createContinuity();
  const take = (event: ContinuityEvent): void => {
    state = stepContinuity(state, event, contextOf({}, 1_700_000_000_000)).next;
  };
  type Named = Parameters<typeof callEvent>;
  const tell = (name: Named[1], own: Named[2]): void => take(callEvent(1, name, own));
  const shown = (): unknown[] =>
    state.agent.calls.map(({ connID, partyState, isMuted }) => [connID, partyState, isMuted]);
  for (const { event } of inService()) take(event);
  tell("EventEstablished", { connID: "00000000000000c1" });
  tell("EventMuteOn", { connID: "00000000000000c1" });
  expect(shown()).toEqual([["00000000000000c1", "Established", true]]);
  tell("EventMuteOff", { connID: "00000000000000c1" });
  const renamed = { connID: "00000000000000c2", previousConnID: "00000000000000c1" };
  tell("EventPartyChanged", renamed);
  expect(shown()).toEqual([["00000000000000c2", "Established", undefined]]);
  tell("EventRinging", { connID: "00000000000000c3", thisDNRole: "Observer" });
  tell("EventReleased", { connID: "00000000000000c2" });
  expect(shown()).toEqual([]);
});

const arbitraryEvent: fc.Arbitrary<ContinuityEvent> = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.nat(40))
  .map(([number, choice]) => {
    const events: readonly ContinuityEvent[] = [
      { kind: "start" },
      located(number),
      located(number, {}, 1),
      { kind: "configurationUnreachable", configuration: number },
      { kind: "configurationOff", configuration: number },
      { kind: "configurationOn", configuration: number },
      nodes(number, "P3 B3"),
      nodes(number, "- -"),
      nodes(number, "B3 -"),
      nodes(number, "- P4"),
      opened(number),
      opened(number, true),
      opened(number, false, 9),
      registered(number),
      registered(number, false),
      loggedIn(number),
      loggedIn(number, number, false),
      loggedOut(number, null),
      loggedOut(number, "desktop-lost"),
      loggedOut(number, "dr-force_logout"),
      loggedOut(number, "graceful_shutdown_logout"),
      loggedOut(number, "dr-peer-login"),
      loginRefused(number, "not-in-service"),
      loginRefused(number, "try-later"),
      loginRefused(number, "dn-taken"),
      { kind: "loginUnknown", number },
      ready(number),
      afterCallWork(number, 2_000_000),
      phone(number, false),
      phone(number, true),
      callEvent(number, "EventEstablished"),
      callEvent(number, "EventReleased"),
      { kind: "switchoverAsked" },
      { kind: "callOver" },
      { kind: "loginAsked" },
      { kind: "logoutAsked" },
      timer("site/connect"),
      timer("telephony/site-timeout"),
      timer("phone/register-timeout"),
      timer("no-site/retry"),
      timer("drain/telephony"),
    ];
    return events[choice] ?? { kind: "start" };
  });

test("whatever comes: each site and timer is opened and closed in pairs, and the end ends all", () => {
  fc.assert(
    fc.property(fc.array(arbitraryEvent, { maxLength: 60 }), fc.boolean(), (events, begun) => {
      const open = new Set<string>();
      let state: Continuity = createContinuity();
      const take = (event: ContinuityEvent): void => {
        const step = stepContinuity(state, event, contextOf({}, 1_000_000));
        state = step.next;
        if (event.kind === "timer") open.delete(`timer ${event.key}`);
        for (const effect of step.effects) perform(effect, open);
        const armed = [...open].filter((each) => each.startsWith("timer "));
        expect(armed.toSorted()).toEqual(state.armed.map((key) => `timer ${key}`).toSorted());
      };
      if (begun) for (const { event } of inService()) take(event);
      for (const event of events) take(event);
      take({ kind: "close" });
      expect([...open]).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

function perform(effect: ContinuityEffect, open: Set<string>): void {
  switch (effect.kind) {
    case "openSite":
      expect([...open].filter((each) => each.startsWith("site ")).length).toBeLessThan(2);
      open.add(`site ${effect.number}`);
      return;
    case "closeSite":
      expect(open.delete(`site ${effect.number}`), `close ${effect.number}`).toBe(true);
      return;
    case "openConfiguration":
      open.add(`configuration ${effect.configuration}`);
      return;
    case "closeConfiguration":
      expect(open.delete(`configuration ${effect.configuration}`)).toBe(true);
      return;
    case "arm":
      open.add(`timer ${effect.key}`);
      return;
    case "disarm":
      expect(open.delete(`timer ${effect.key}`), `disarm ${effect.key}`).toBe(true);
      return;
    case "registerDns":
    case "logIn":
    case "restoreState":
      expect(open.has(`site ${effect.number}`), `${effect.kind} ${effect.number}`).toBe(true);
      return;
    case "endpoint":
    case "warn":
    case "report":
      return;
  }
}
