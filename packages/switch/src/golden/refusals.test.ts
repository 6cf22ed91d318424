import type { Unreferenced } from "@tandem/cti";
import { expect, test } from "vitest";
import { play, queue, type Stage } from "./stage.ts";

/**
 * Requests that make no sense in the present state: EventError with a code of `docs/errors.md`, and
 * nothing is changed by them.
 */
const thisDN = "1002";
const nobody = "0000000000000000";

type Setting = keyof typeof settings;

/** How the stage stands when 1002's desktop asks. */
const settings = {
  "no call": () => undefined,
  "a call rings": (stage: Stage) =>
    stage.act("1001 dials 1002", () => stage.phone("1001").invite("1002")),
  "a call is dialled": (stage: Stage) =>
    stage.act("1002 dials 1003", () => stage.phone("1002").invite("1003")),
  "a call is established": (stage: Stage) => {
    stage.phone("1002").manner = "answer";
    stage.act("1001 dials 1002", () => stage.phone("1001").invite("1002"));
  },
  "a call is held": (stage: Stage) => {
    settings["a call is established"](stage);
    const connID = stage.connID();
    stage.act("HoldCall", () => stage.ask(thisDN, { request: "RequestHoldCall", thisDN, connID }));
  },
  "a consultation is under way": (stage: Stage) => {
    settings["a call is established"](stage);
    const connID = stage.connID();
    stage.act("InitiateTransfer", () =>
      stage.ask(thisDN, { request: "RequestInitiateTransfer", thisDN, connID, otherDN: "1003" }),
    );
    stage.act("1003 picks up", () => stage.phone("1003").take());
  },
  "DND is on": (stage: Stage) =>
    stage.act("SetDNDOn", () => stage.ask(thisDN, { request: "RequestSetDNDOn", thisDN })),
} as const;

const onCall = ["RequestAnswerCall", "RequestReleaseCall", "RequestClearCall"] as const;
const within = ["RequestHoldCall", "RequestRetrieveCall", "RequestSetMuteOn"] as const;
const other = { heldConnID: nobody, otherDN: "1003", transferConnID: nobody } as const;

/** `A` and `B` stand for the ConnIDs of the stage. */
const refusals: readonly (readonly [Setting, Unreferenced, string])[] = [
  ...[...onCall, ...within].map(
    (request) => ["no call", { request, thisDN, connID: nobody }, "call-unknown"] as const,
  ),
  ["no call", { request: "RequestDeletePair", thisDN, connID: nobody, key: "a" }, "call-unknown"],
  ["no call", { request: "RequestMuteTransfer", thisDN, connID: nobody, ...other }, "call-unknown"],
  ["no call", { request: "RequestCallForwardCancel", thisDN }, "forward-not-set"],
  ["no call", { request: "RequestSetDNDOff", thisDN }, "already-in-state"],
  ["no call", { request: "RequestMakeCall", thisDN, otherDN: "4711" }, "destination-unknown"],
  ["no call", { request: "RequestSetDNDOn", thisDN: "1003" }, "dn-not-registered"],
  ["a call rings", { request: "RequestHoldCall", thisDN, connID: "A" }, "call-not-established"],
  ["a call rings", { request: "RequestRetrieveCall", thisDN, connID: "A" }, "call-not-held"],
  ["a call rings", { request: "RequestSetMuteOn", thisDN, connID: "A" }, "call-not-established"],
  [
    "a call rings",
    { request: "RequestSendDTMF", thisDN, connID: "A", dtmfDigits: "1" },
    "call-not-established",
  ],
  [
    "a call rings",
    { request: "RequestInitiateTransfer", thisDN, connID: "A", otherDN: "1003" },
    "call-not-established",
  ],
  [
    "a call rings",
    { request: "RequestRedirectCall", thisDN, connID: "A", otherDN: "4711" },
    "destination-unknown",
  ],
  ["a call rings", { request: "RequestMakeCall", thisDN, otherDN: "1003" }, "call-in-progress"],
  ["a call is dialled", { request: "RequestAnswerCall", thisDN, connID: "A" }, "call-not-ringing"],
  [
    "a call is dialled",
    { request: "RequestRedirectCall", thisDN, connID: "A", otherDN: "1003" },
    "redirect-not-possible",
  ],
  [
    "a call is established",
    { request: "RequestAnswerCall", thisDN, connID: "A" },
    "call-not-ringing",
  ],
  [
    "a call is established",
    { request: "RequestRetrieveCall", thisDN, connID: "A" },
    "call-not-held",
  ],
  [
    "a call is established",
    { request: "RequestSetMuteOff", thisDN, connID: "A" },
    "already-in-state",
  ],
  [
    "a call is established",
    { request: "RequestCompleteTransfer", thisDN, connID: "A", transferConnID: nobody },
    "call-unknown",
  ],
  [
    "a call is established",
    { request: "RequestCompleteTransfer", thisDN, connID: "A", transferConnID: "A" },
    "no-consult-call",
  ],
  [
    "a call is established",
    { request: "RequestAlternateCall", thisDN, connID: "A", heldConnID: nobody },
    "call-unknown",
  ],
  [
    "a call is established",
    { request: "RequestDeletePair", thisDN, connID: "A", key: "none" },
    "key-unknown",
  ],
  [
    "a call is established",
    { request: "RequestSingleStepTransfer", thisDN, connID: "A", otherDN: "4711" },
    "destination-unknown",
  ],
  ["a call is held", { request: "RequestHoldCall", thisDN, connID: "A" }, "call-not-established"],
  [
    "a consultation is under way",
    { request: "RequestInitiateTransfer", thisDN, connID: "A", otherDN: "1004" },
    "consult-call-exists",
  ],
  [
    "a consultation is under way",
    { request: "RequestSingleStepTransfer", thisDN, connID: "B", otherDN: "1004" },
    "transfer-not-possible",
  ],
  [
    "a consultation is under way",
    { request: "RequestAlternateCall", thisDN, connID: "A", heldConnID: "B" },
    "call-not-established",
  ],
  ["DND is on", { request: "RequestSetDNDOn", thisDN }, "already-in-state"],
  ["DND is on", { request: "RequestMakeCall", thisDN: "1003", otherDN: "1002" }, "dnd-on"],
  ["no call", { request: "RequestAgentLogin", thisDN, agentID: "1003" }, "agent-not-permitted"],
  [
    "no call",
    { request: "RequestCallForwardSet", thisDN, otherDN: thisDN, forwardMode: "OnBusy" },
    "forward-invalid",
  ],
  [
    "no call",
    {
      request: "RequestMonitorNextCall",
      thisDN,
      otherDN: queue,
      monitorNextCallType: "MonitorOneCall",
    },
    "not-permitted",
  ],
];

test.each(refusals)("%s: %j → %s", (setting, asked, code) => {
  play((stage) => {
    settings[setting](stage);
    const asker = asked.request === "RequestMakeCall" ? asked.thisDN : thisDN;
    expect(stage.refused(asker, named(stage, asked))).toBe(code);
  });
});

/** With the ConnIDs that its letters stand for. */
function named(stage: Stage, asked: Unreferenced): Unreferenced {
  const entries = Object.entries(asked).map(([name, value]) => {
    const isLetter = value === "A" || value === "B";
    return [name, isLetter ? stage.connID(value) : value];
  });
  return Object.fromEntries(entries) as Unreferenced; // the same request
}
