import type { ConformanceCase } from "./conformance-case.ts";
import {
  attached,
  inService,
  leaving,
  located,
  loggedIn,
  loginRefused,
  nodes,
  opened,
  registered,
  steps,
  timer,
} from "./material.ts";

/** When nothing serves, and what is told: R20, R23. */
export const noSiteCases: readonly ConformanceCase[] = [
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
