import type { ConformanceCase } from "./conformance-case.ts";
import {
  callEvent,
  callInfo,
  inService,
  lease,
  loggedIn,
  loggedOut,
  nodes,
  opened,
  phone,
  registered,
  steps,
  talking,
  timer,
} from "./material.ts";

/** Watching: R7, R8, R10, R11, R13. */
const lost = "report inService@site-1 > impaired@site-1: telephony-off";
const switched = [
  "close #1",
  "close configuration 1",
  "open configuration 2 ws://config-2",
  "open site 2 #2",
  "arm site/connect 5000",
];

export const watchCases: readonly ConformanceCase[] = [
  {
    name: "R7 losing one node, or a change of roles in time, is an HA event and nothing else",
    steps: [
      ...inService(),
      { event: nodes(1, "P3 -"), expect: [] },
      { event: nodes(1, "P3 B3"), expect: [] },
      { event: nodes(1, "- B3"), expect: ["arm telephony/no-primary 4000"] },
      { event: nodes(1, "- P4"), expect: ["disarm telephony/no-primary"] },
      { event: opened(1, true), expect: [] },
    ],
  },
  {
    name: "R7 OFF when both connections are lost",
    steps: [
      ...inService(),
      { event: nodes(1, "- -"), expect: [lost, "arm telephony/site-timeout 30000"] },
    ],
  },
  {
    name: "R7 OFF when none has served for no-primary-timeout",
    steps: [
      ...inService(),
      ...steps(nodes(1, "- B3")),
      {
        event: timer("telephony/no-primary"),
        expect: [lost, "arm telephony/site-timeout 30000"],
      },
    ],
  },
  {
    name: "R7 a node that says it serves in an epoch that is over is not believed",
    steps: [
      ...inService(),
      ...steps(nodes(1, "- P4")),
      { event: nodes(1, "P3 -"), expect: ["arm telephony/no-primary 4000"] },
    ],
  },
  {
    name: "R8 ON again in time: what was measured ends, and a resumed session goes on",
    steps: [
      ...inService(),
      ...steps(nodes(1, "- -")),
      { event: nodes(1, "P3 -"), expect: ["disarm telephony/site-timeout"] },
      {
        event: opened(1, true),
        expect: ["report impaired@site-1 > inService@site-1: telephony-on"],
      },
    ],
  },
  {
    name: "R8 it measures continuous outage: a second OFF begins anew",
    steps: [
      ...inService(),
      ...steps(nodes(1, "- -"), nodes(1, "P3 -"), opened(1, true)),
      { event: nodes(1, "- -"), expect: [lost, "arm telephony/site-timeout 30000"] },
    ],
  },
  {
    name: "R8 ON again with the login gone: log in here again at once, state as it was",
    steps: [
      ...inService(),
      ...steps(nodes(1, "- -"), nodes(1, "P3 -")),
      { event: opened(1, false, 8), expect: ["register 1001 #1"] },
      { event: registered(1), expect: ["log in 1001 above lease 1 as Ready #1"] },
      {
        event: loggedIn(1, 2),
        expect: ["report impaired@site-1 > inService@site-1: logged-in restored Ready"],
      },
    ],
  },
  {
    name: "R8 a session too old inside a pair: register and log in again, without a switchover",
    steps: [
      ...inService(),
      ...steps(nodes(1, "- B3"), nodes(1, "- P4")),
      { event: opened(1, false, 7), expect: ["register 1001 #1"] },
      {
        event: registered(1),
        expect: [
          "report inService@site-1 > impaired@site-1: telephony-on",
          "log in 1001 above lease 1 as Ready #1",
        ],
      },
    ],
  },
  {
    name: "R8 OFF for the whole of site-timeout: DR switchover",
    steps: [
      ...inService(),
      ...steps(nodes(1, "- -")),
      {
        event: timer("telephony/site-timeout"),
        expect: [
          "close #1",
          "report impaired@site-1 > switchingOver@site-2: site-timeout",
          ...switched.slice(1),
        ],
      },
    ],
  },
  {
    name: "R8 site-timeout 0: never on this ground",
    settings: { siteTimeoutMs: 0 },
    steps: [...inService({ siteTimeoutMs: 0 }), { event: nodes(1, "- -"), expect: [lost] }],
  },
  {
    name: "R8 without another site the desktop stays and says so",
    settings: { isAlone: true },
    steps: [
      ...inService({ isAlone: true }),
      ...steps(nodes(1, "- -")),
      { event: timer("telephony/site-timeout"), expect: ["warn no-other-site"] },
      ...steps(nodes(1, "P3 -")),
      {
        event: opened(1, true),
        expect: ["report impaired@site-1 > inService@site-1: telephony-on"],
      },
    ],
  },
  {
    name: "R10 configuration OFF warns and alarms, and never switches over",
    steps: [
      ...inService(),
      {
        event: { kind: "configurationOff", configuration: 1 },
        expect: ["warn configuration-off alarm"],
      },
      {
        event: { kind: "configurationOn", configuration: 1 },
        expect: ["warn configuration-on"],
      },
    ],
  },
  {
    name: "R10 statistics OFF warns and alarms, and never switches over",
    steps: [
      ...inService(),
      { event: { kind: "statistics", isOn: true }, expect: [] },
      { event: { kind: "statistics", isOn: false }, expect: ["warn statistics-off alarm"] },
      { event: { kind: "statistics", isOn: true }, expect: ["warn statistics-on"] },
    ],
  },
  {
    name: "R11 a logout that was asked for changes nothing else",
    steps: [
      ...inService(),
      ...steps({ kind: "logoutAsked" }),
      { event: loggedOut(1, null), expect: [] },
    ],
  },
  {
    name: "R11 a supervisor's logout changes nothing else",
    steps: [...inService(), { event: loggedOut(1, "end-of-shift"), expect: [] }],
  },
  {
    name: "R11 desktop-lost: log in here again at once, state as it was",
    steps: [
      ...inService(),
      {
        event: loggedOut(1, "desktop-lost"),
        expect: [
          "report inService@site-1 > impaired@site-1: desktop-lost",
          "log in 1001 above lease 1 as Ready #1",
        ],
      },
    ],
  },
  {
    name: "R11 dr-peer-login for a lease that is not ours is ignored",
    steps: [
      ...inService(),
      { event: loggedOut(1, "dr-peer-login", { lease: lease(9) }), expect: [] },
    ],
  },
  {
    name: "R11 dr-peer-login won by an earlier login of this desktop: log in here again",
    steps: [
      ...inService(),
      ...steps(loggedOut(1, "desktop-lost"), loggedIn(1, 2)),
      {
        event: loggedOut(1, "dr-peer-login", { lease: lease(2), wonBy: lease(1) }),
        expect: [
          "report inService@site-1 > impaired@site-1: dr-peer-login",
          "log in 1001 above lease 2 as Ready #1",
        ],
      },
    ],
  },
  {
    name: "R11 dr-peer-login won by another desktop: told to the user, no switchover",
    steps: [
      ...inService(),
      {
        event: loggedOut(1, "dr-peer-login", { wonBy: lease(5, "site-2") }),
        expect: ["warn logged-in-elsewhere"],
      },
    ],
  },
  {
    name: "R11 another desktop of the same person takes the login: told to the user",
    steps: [...inService(), { event: loggedIn(1, 2, false), expect: ["warn logged-in-elsewhere"] }],
  },
  {
    name: "R13 phone unregistered: wait for it, log in here again when it is back, state as it was",
    steps: [
      ...inService(),
      {
        event: phone(1, false),
        expect: [
          "report inService@site-1 > impaired@site-1: phone-unregistered",
          "warn phone-unregistered",
          "arm phone/register-timeout 30000",
        ],
      },
      { event: loggedOut(1, "dr-force_logout"), expect: [] },
      {
        event: phone(1, true),
        expect: ["disarm phone/register-timeout", "log in 1001 above lease 1 as Ready #1"],
      },
      {
        event: loggedIn(1, 2),
        expect: ["report impaired@site-1 > inService@site-1: logged-in restored Ready"],
      },
    ],
  },
  {
    name: "R13 an embedded endpoint registers again, and is launched again at half of the time",
    settings: { hasEndpoint: true },
    steps: [
      ...inService(),
      {
        event: loggedOut(1, "dr-force_logout"),
        expect: [
          "report inService@site-1 > impaired@site-1: phone-unregistered",
          "warn phone-unregistered",
          "endpoint reRegister",
          "arm phone/register-timeout 30000",
          "arm phone/relaunch 15000",
        ],
      },
      { event: timer("phone/relaunch"), expect: ["endpoint relaunch"] },
      { event: timer("phone/relaunch"), expect: [] },
    ],
  },
  {
    name: "R13 the phone does not come back: DR switchover",
    steps: [
      ...inService(),
      ...steps(loggedOut(1, "dr-force_logout")),
      {
        event: timer("phone/register-timeout"),
        expect: [
          "close #1",
          "report impaired@site-1 > switchingOver@site-2: site-sip-register-timeout",
          ...switched.slice(1),
        ],
      },
    ],
  },
  {
    name: "R13 with a call in progress expiry means draining",
    steps: [
      ...talking(),
      ...steps(loggedOut(1, "dr-force_logout")),
      {
        event: timer("phone/register-timeout"),
        expect: ["report impaired@site-1 > draining@site-1: site-sip-register-timeout"],
      },
      {
        event: callEvent(1, "EventReleased"),
        expect: [
          "close #1",
          "report draining@site-1 > switchingOver@site-2: calls-ended",
          ...switched.slice(1),
        ],
      },
    ],
  },
  {
    name: "R13 site-sip-register-timeout 0: never on this ground",
    settings: { sipRegisterTimeoutMs: 0 },
    steps: [
      ...inService({ sipRegisterTimeoutMs: 0 }),
      {
        event: loggedOut(1, "dr-force_logout"),
        expect: [
          "report inService@site-1 > impaired@site-1: phone-unregistered",
          "warn phone-unregistered",
        ],
      },
    ],
  },
  {
    name: "R13 telephony comes back with the phone still out: its time runs on",
    steps: [
      ...inService(),
      ...steps(loggedOut(1, "dr-force_logout")),
      { event: nodes(1, "- -"), expect: ["arm telephony/site-timeout 30000"] },
      { event: nodes(1, "P3 -"), expect: ["disarm telephony/site-timeout"] },
      { event: opened(1, false, 8), expect: ["register 1001 #1"] },
      {
        event: registered(1, false, [callInfo("Established")]),
        expect: ["warn phone-unregistered"],
      },
    ],
  },
];
