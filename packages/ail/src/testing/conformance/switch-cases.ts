import type { ConformanceCase } from "./conformance-case.ts";
import {
  afterCallWork,
  callEvent,
  inService,
  located,
  loggedIn,
  loggedOut,
  loginRefused,
  nodes,
  notReady,
  opened,
  phone,
  ready,
  registered,
  steps,
  talking,
  timer,
} from "./material.ts";

/** Switching over: R14, R15, R16, R17, R20, R23. */
const switched = [
  "close configuration 1",
  "open configuration 2 ws://config-2",
  "open site 2 #2",
  "arm site/connect 5000",
];
const graceful = loggedOut(1, "graceful_shutdown_logout");
/** At site 2, attachment 2, as far as the login. */
const attached = steps(nodes(2, "P1 -"), opened(2), registered(2));
/** Switched over because site 1 was lost, and no further. */
const leaving = steps(nodes(1, "- -"), timer("telephony/site-timeout"));

export const switchCases: readonly ConformanceCase[] = [
  {
    name: "R14 graceful shutdown: DR switchover at once",
    steps: [
      ...inService(),
      {
        event: graceful,
        expect: [
          "close #1",
          "report inService@site-1 > switchingOver@site-2: graceful-shutdown",
          ...switched,
        ],
      },
    ],
  },
  {
    name: "R14 with a call in progress draining, until the last call is over",
    steps: [
      ...talking(),
      { event: graceful, expect: ["report inService@site-1 > draining@site-1: graceful-shutdown"] },
      {
        event: callEvent(1, "EventReleased"),
        expect: [
          "close #1",
          "report draining@site-1 > switchingOver@site-2: calls-ended",
          ...switched,
        ],
      },
    ],
  },
  {
    name: "R14 draining ends when telephony has been OFF for site-timeout",
    steps: [
      ...talking(),
      ...steps(graceful),
      { event: nodes(1, "- -"), expect: ["arm drain/telephony 30000"] },
      { event: nodes(1, "P3 -"), expect: ["disarm drain/telephony"] },
      { event: nodes(1, "- -"), expect: ["arm drain/telephony 30000"] },
      {
        event: timer("drain/telephony"),
        expect: [
          "close #1",
          "report draining@site-1 > switchingOver@site-2: drain-timeout lost 1",
          ...switched,
        ],
      },
    ],
  },
  {
    name: "R14 draining waits 30 s where site-timeout is 0",
    settings: { siteTimeoutMs: 0 },
    steps: [
      ...talking({ siteTimeoutMs: 0 }),
      ...steps(graceful),
      { event: nodes(1, "- -"), expect: ["arm drain/telephony 30000"] },
    ],
  },
  {
    name: "R14 draining ends when the user says so",
    steps: [
      ...talking(),
      ...steps(graceful),
      {
        event: { kind: "switchoverAsked" },
        expect: [
          "close #1",
          "report draining@site-1 > switchingOver@site-2: asked-by-user lost 1",
          ...switched,
        ],
      },
    ],
  },
  {
    name: "R14 without another site the desktop waits for its own",
    settings: { isAlone: true },
    steps: [
      ...inService({ isAlone: true }),
      {
        event: graceful,
        expect: [
          "warn no-other-site",
          "close #1",
          "report inService@site-1 > noSite: graceful-shutdown",
          "open site 1 #2",
          "arm site/connect 5000",
        ],
      },
    ],
  },
  {
    name: "R15 one at a time: what comes meanwhile is recorded and told at the end",
    steps: [
      ...inService(),
      ...leaving,
      { event: { kind: "switchoverAsked" }, expect: ["warn cause-recorded"] },
      ...attached,
      {
        event: loggedIn(2),
        expect: ["report switchingOver@site-2 > inService@site-2: logged-in restored Ready"],
      },
    ],
  },
  {
    name: "R15 at the end the new site's present state is read: the phone is out there too",
    steps: [
      ...inService(),
      ...leaving,
      ...steps(nodes(2, "P1 -"), opened(2)),
      {
        event: registered(2, false),
        expect: [
          "report switchingOver@site-2 > impaired@site-2: phone-unregistered",
          "warn phone-unregistered",
          "arm phone/register-timeout 30000",
        ],
      },
      {
        event: phone(2, true),
        expect: ["disarm phone/register-timeout", "log in 1001 above lease 1 as Ready #2"],
      },
    ],
  },
  {
    name: "R15 the new site's proxies do not answer: told, asked again, and no reason to leave",
    steps: [
      ...inService(),
      ...leaving,
      {
        event: { kind: "configurationUnreachable", configuration: 2 },
        expect: [
          "close configuration 2",
          "warn configuration-off alarm",
          "arm configuration/retry 500",
        ],
      },
      {
        event: timer("configuration/retry"),
        expect: ["open configuration 3 ws://config-2"],
      },
      {
        event: located(3),
        expect: ["warn configuration-on"],
      },
    ],
  },
  {
    name: "R16 late messages of the old site are dropped",
    steps: [
      ...inService(),
      ...leaving,
      { event: nodes(1, "P3 B3"), expect: [] },
      { event: opened(1, true), expect: [] },
      { event: loggedOut(1, "graceful_shutdown_logout"), expect: [] },
      { event: loginRefused(1, "not-in-service"), expect: [] },
      { event: timer("telephony/site-timeout"), expect: [] },
    ],
  },
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
  {
    name: "R20 no node of the target serves: both sites at the same time, the first that serves wins",
    steps: [
      ...inService(),
      ...leaving,
      {
        event: timer("site/connect"),
        expect: [
          "close #2",
          "report switchingOver@site-2 > noSite: connect-timeout",
          "open site 1 #3",
          "open site 2 #4",
          "arm site/connect 5000",
        ],
      },
      {
        event: timer("site/connect"),
        expect: ["close #3", "close #4", "arm no-site/retry 500"],
      },
      {
        event: timer("no-site/retry"),
        expect: ["open site 1 #5", "open site 2 #6", "arm site/connect 5000"],
      },
      { event: nodes(5, "B3 -"), expect: [] },
      {
        event: nodes(5, "P4 -"),
        expect: [
          "close #6",
          "disarm site/connect",
          "report noSite > connecting@site-1: served-first",
        ],
      },
      { event: opened(5), expect: ["register 1001 #5"] },
      { event: registered(5), expect: ["log in 1001 above lease 1 as Ready #5"] },
      {
        event: loggedIn(5, 2),
        expect: ["report connecting@site-1 > inService@site-1: logged-in restored Ready"],
      },
    ],
  },
  {
    name: "R20 a target that says not in service here fails; the other is heard first",
    steps: [
      ...inService(),
      ...leaving,
      ...attached,
      {
        event: loginRefused(2, "not-in-service"),
        expect: [
          "close #2",
          "report switchingOver@site-2 > noSite: not-in-service",
          "arm no-site/retry 500",
        ],
      },
      {
        event: timer("no-site/retry"),
        expect: ["open site 1 #3", "open site 2 #4", "arm site/connect 5000"],
      },
      { event: nodes(4, "P1 -"), expect: [] },
      {
        event: nodes(3, "P4 -"),
        expect: [
          "close #4",
          "disarm site/connect",
          "report noSite > connecting@site-1: served-first",
        ],
      },
    ],
  },
  {
    name: "R20 a site that said no is taken when the other does not serve in time",
    steps: [
      ...inService(),
      ...leaving,
      ...attached,
      ...steps(
        loginRefused(2, "not-in-service"),
        timer("no-site/retry"),
        nodes(4, "P1 -"),
        opened(4),
      ),
      {
        event: timer("site/connect"),
        expect: ["close #3", "report noSite > connecting@site-2: served-first", "register 1001 #4"],
      },
    ],
  },
  {
    name: "R20 both sites failed at the start: the same",
    steps: [
      ...steps({ kind: "start" }, located(1), timer("site/connect")),
      {
        event: timer("site/connect"),
        expect: [
          "close #2",
          "report connecting@site-2 > noSite: connect-timeout",
          "open site 1 #3",
          "open site 2 #4",
          "arm site/connect 5000",
        ],
      },
    ],
  },
  {
    name: "R20 a target that stops serving before the login is made has connect-timeout again",
    steps: [
      ...inService(),
      ...leaving,
      ...steps(nodes(2, "P1 -"), opened(2)),
      { event: nodes(2, "B1 -"), expect: ["arm site/connect 5000"] },
    ],
  },
  {
    name: "R23 every change of state is reported, closing too, and nothing comes after it",
    steps: [
      ...inService(),
      {
        event: { kind: "close" },
        expect: ["close #1", "close configuration 1", "report inService@site-1 > closed: closed"],
      },
      { event: { kind: "start" }, expect: [] },
      { event: nodes(1, "- -"), expect: [] },
    ],
  },
];
