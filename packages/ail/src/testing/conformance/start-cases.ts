import type { ConformanceCase } from "./conformance-case.ts";
import {
  inService,
  located,
  loggedIn,
  loginRefused,
  nodes,
  opened,
  phone,
  registered,
  steps,
  timer,
} from "./material.ts";

/** Start: R1, R3, R5, R6. */
const connecting = steps({ kind: "start" }, located(1), nodes(1, "P3 B3"), opened(1));

export const startCases: readonly ConformanceCase[] = [
  {
    name: "R1 the first site of the local configuration, then the other, then both later and later",
    steps: [
      {
        event: { kind: "start" },
        expect: ["report offline > locating: started", "open configuration 1 ws://config-1"],
      },
      {
        event: { kind: "configurationUnreachable", configuration: 1 },
        expect: ["close configuration 1", "open configuration 2 ws://config-2"],
      },
      {
        event: { kind: "configurationUnreachable", configuration: 2 },
        expect: ["close configuration 2", "arm locate/retry 500"],
      },
      { event: timer("locate/retry"), expect: ["open configuration 3 ws://config-1"] },
      {
        event: { kind: "configurationUnreachable", configuration: 3 },
        expect: ["close configuration 3", "open configuration 4 ws://config-2"],
      },
      {
        event: { kind: "configurationUnreachable", configuration: 4 },
        expect: ["close configuration 4", "arm locate/retry 1000"],
      },
    ],
  },
  {
    name: "R1 wrong credentials end the attempt at once",
    steps: [
      ...steps({ kind: "start" }),
      {
        event: {
          kind: "configurationRefused",
          configuration: 1,
          errorCode: "wrong-credentials",
          errorMessage: "",
        },
        expect: ["close configuration 1", "report locating > offline: configuration-refused"],
      },
    ],
  },
  {
    name: "R3 the proxy in use is not the preferred site's: move there",
    steps: [
      ...steps({ kind: "start" }),
      { event: located(1, {}, 1), expect: ["open configuration 2 ws://config-2"] },
      {
        event: located(2, {}, 1),
        expect: [
          "close configuration 1",
          "open site 1 #1",
          "report locating > connecting@site-2: located",
          "arm site/connect 5000",
        ],
      },
    ],
  },
  {
    name: "R3 the preferred site cannot be reached: stay at the other one",
    steps: [
      ...steps({ kind: "start" }, located(1, {}, 1)),
      {
        event: { kind: "configurationUnreachable", configuration: 2 },
        expect: [
          "close configuration 2",
          "open site 2 #1",
          "report locating > connecting@site-1: preferred-unreachable",
          "arm site/connect 5000",
        ],
      },
    ],
  },
  {
    name: "R5 the pair, the DNs of the Place, the login",
    steps: [
      ...steps({ kind: "start" }, located(1)),
      { event: nodes(1, "P3 B3"), expect: ["disarm site/connect"] },
      { event: opened(1), expect: ["register 1001 #1"] },
      { event: registered(1), expect: ["log in 1001 above lease 0 #1"] },
      {
        event: loggedIn(1),
        expect: ["report connecting@site-1 > inService@site-1: logged-in"],
      },
    ],
  },
  {
    name: "R5 no node serves within connect-timeout, whatever site-timeout is: the other site",
    settings: { siteTimeoutMs: 0 },
    steps: [
      ...steps({ kind: "start" }, located(1, { siteTimeoutMs: 0 })),
      { event: nodes(1, "B3 -"), expect: [] },
      {
        event: timer("site/connect"),
        expect: [
          "close #1",
          "open site 2 #2",
          "report connecting@site-1 > connecting@site-2: connect-timeout",
          "arm site/connect 5000",
        ],
      },
    ],
  },
  {
    name: "R6 a refused login is shown, and is no reason to change site",
    steps: [
      ...connecting,
      ...steps(registered(1)),
      {
        event: loginRefused(1, "dn-taken"),
        expect: [
          "warn login-refused",
          "report connecting@site-1 > inService@site-1: login-refused",
        ],
      },
      { event: { kind: "loginAsked" } },
    ],
  },
  {
    name: "R6 on a DN out of service the desktop stays, R13's timer runs, and it logs in later",
    steps: [
      ...connecting,
      ...steps(registered(1)),
      {
        event: loginRefused(1, "dn-out-of-service"),
        expect: [
          "report connecting@site-1 > impaired@site-1: phone-unregistered",
          "warn phone-unregistered",
          "arm phone/register-timeout 30000",
        ],
      },
      {
        event: phone(1, true),
        expect: ["disarm phone/register-timeout", "log in 1001 above lease 0 #1"],
      },
      {
        event: loggedIn(1),
        expect: ["report impaired@site-1 > inService@site-1: logged-in"],
      },
    ],
  },
  {
    name: "R6 a server that is busy with logins is asked again when it said",
    steps: [
      ...connecting,
      ...steps(registered(1)),
      { event: loginRefused(1, "try-later", 2_500), expect: ["arm login/retry 2500"] },
      { event: timer("login/retry"), expect: ["log in 1001 above lease 0 #1"] },
    ],
  },
  {
    name: "R6 a login without an answer is asked for again",
    steps: [
      ...connecting,
      ...steps(registered(1)),
      { event: { kind: "loginUnknown", number: 1 }, expect: ["arm login/retry 500"] },
      { event: timer("login/retry"), expect: ["log in 1001 above lease 0 #1"] },
    ],
  },
  {
    name: "R6 after a refusal the agent may ask again",
    steps: [
      ...connecting,
      ...steps(registered(1), loginRefused(1, "dn-taken")),
      {
        event: { kind: "loginAsked" },
        expect: [
          "report inService@site-1 > impaired@site-1: asked-by-user",
          "log in 1001 above lease 0 #1",
        ],
      },
      { event: loggedIn(1), expect: ["report impaired@site-1 > inService@site-1: logged-in"] },
    ],
  },
  {
    name: "R5 a desktop in service that is started again does nothing",
    steps: [...inService(), { event: { kind: "start" }, expect: [] }],
  },
];
