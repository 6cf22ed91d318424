import type { ConformanceCase } from "./conformance-case.ts";
import {
  afterCallWork,
  attached,
  callEvent,
  inService,
  leaving,
  loggedIn,
  loggedOut,
  nodes,
  notReady,
  opened,
  ready,
  registered,
  steps,
  talking,
} from "./material.ts";

/** What the agent is afterwards: R17. */
export const restoreCases: readonly ConformanceCase[] = [
  {
    name: "R17 Ready comes back",
    steps: [
      ...inService(),
      ...leaving,
      ...attached.slice(0, 2),
      { event: registered(2), expect: ["log in 1001 above lease 1 as Ready #2"] },
    ],
  },
  {
    name: "R17 Not Ready comes back with its reason",
    steps: [
      ...inService(),
      ...steps(notReady(1, { ReasonCode: "lunch" })),
      ...leaving,
      ...attached.slice(0, 2),
      { event: registered(2), expect: ["log in 1001 above lease 1 as NotReady (lunch) #2"] },
    ],
  },
  {
    name: "R17 after-call work comes back with what is left of it",
    steps: [
      ...inService(),
      ...steps(afterCallWork(1, 1_020_000)),
      ...leaving,
      ...attached.slice(0, 2),
      {
        at: 1_012_000,
        event: registered(2),
        expect: ["log in 1001 above lease 1 as AfterCallWork for 8000 #2"],
      },
    ],
  },
  {
    name: "R17 after-call work whose time has passed comes back as Ready",
    steps: [
      ...inService(),
      ...steps(afterCallWork(1, 1_020_000)),
      ...leaving,
      ...attached.slice(0, 2),
      {
        at: 1_020_000,
        event: registered(2),
        expect: ["log in 1001 above lease 1 as Ready #2"],
      },
    ],
  },
  {
    name: "R17 Not Ready by the server's or the desktop's own reason is not the former state",
    steps: [
      ...inService(),
      ...steps(notReady(1, { ReasonCode: "desktop-lost" })),
      ...leaving,
      ...attached.slice(0, 2),
      { event: registered(2), expect: ["log in 1001 above lease 1 as Ready #2"] },
    ],
  },
  {
    name: "R17 restore-state not-ready",
    settings: { restoreState: "not-ready" },
    steps: [
      ...inService({ restoreState: "not-ready" }),
      ...leaving,
      ...attached.slice(0, 2),
      { event: registered(2), expect: ["log in 1001 above lease 1 as NotReady #2"] },
    ],
  },
  {
    name: "R17 restore-state never: the login and nothing else",
    settings: { restoreState: "never" },
    steps: [
      ...inService({ restoreState: "never" }),
      ...leaving,
      ...attached.slice(0, 2),
      { event: registered(2), expect: ["log in 1001 above lease 1 #2"] },
    ],
  },
  {
    name: "R17 an agent who was logged out stays logged out",
    steps: [
      ...inService(),
      ...steps({ kind: "logoutAsked" }, loggedOut(1, null)),
      ...leaving,
      ...attached.slice(0, 2),
      {
        event: registered(2),
        expect: ["report switchingOver@site-2 > inService@site-2: telephony-on"],
      },
    ],
  },
  {
    name: "R17 a call at the lost site: Not Ready until the agent says that it is over",
    steps: [
      ...talking(),
      ...leaving,
      ...attached.slice(0, 2),
      {
        event: registered(2),
        expect: ["log in 1001 above lease 1 as NotReady (call-in-progress) #2"],
      },
      ...steps(loggedIn(2), notReady(2, { ReasonCode: "call-in-progress" })),
      { event: { kind: "callOver" }, expect: ["restore 1001 Ready #2"] },
      { event: ready(2), expect: [] },
      { event: { kind: "callOver" }, expect: [] },
    ],
  },
  {
    name: "R17 the call is over before the login: the former state comes back with it",
    steps: [
      ...talking(),
      ...leaving,
      { event: { kind: "callOver" }, expect: [] },
      ...attached.slice(0, 2),
      { event: registered(2), expect: ["log in 1001 above lease 1 as Ready #2"] },
    ],
  },
  {
    name: "R17 a call that only rang holds nobody",
    steps: [
      ...inService(),
      ...steps(callEvent(1, "EventRinging")),
      ...leaving,
      ...attached.slice(0, 2),
      { event: registered(2), expect: ["log in 1001 above lease 1 as Ready #2"] },
    ],
  },
  {
    name: "R17 a server that started anew has lost the call as well",
    steps: [
      ...talking(),
      ...steps(nodes(1, "- -"), nodes(1, "P4 -"), opened(1, false, 8)),
      {
        event: registered(1),
        expect: ["log in 1001 above lease 1 as NotReady (call-in-progress) #1"],
      },
    ],
  },
  {
    name: "R17 a call that ended while nobody looked holds nobody",
    steps: [
      ...talking(),
      ...steps(nodes(1, "- -"), nodes(1, "P3 -"), opened(1, false, 7)),
      { event: registered(1), expect: ["log in 1001 above lease 1 as Ready #1"] },
    ],
  },
];
