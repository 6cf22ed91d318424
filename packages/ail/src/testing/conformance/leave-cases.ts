import type { ConformanceCase } from "./conformance-case.ts";
import {
  attached,
  callEvent,
  inService,
  leaving,
  located,
  loggedIn,
  loggedOut,
  loginRefused,
  nodes,
  opened,
  phone,
  registered,
  steps,
  talking,
  timer,
} from "./material.ts";

/** Leaving a site: R14, R15, R16. */
const switched = [
  "close configuration 1",
  "open configuration 2 ws://config-2",
  "open site 2 #2",
  "arm site/connect 5000",
];
const graceful = loggedOut(1, "graceful_shutdown_logout");

export const leaveCases: readonly ConformanceCase[] = [
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
];
