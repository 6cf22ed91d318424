/**
 * H4: a node may die after any frame, with the effects of its last frames or without them. Whatever
 * the call flow and the moment, the call goes on, and every desktop is told everything once.
 */
import { describe, expect, test } from "vitest";
import { playWithDeath, type TakeOverStage } from "../testing/take-over-stage.ts";

type Scenario = (stage: TakeOverStage) => void;

const plainCall: Scenario = ({ phone, act }) => {
  act(() => phone("1001").invite("1002"));
  act(() => phone("1002").take());
  act(() => phone("1002").leave());
};

const refused: Scenario = ({ phone, act }) => {
  phone("1002").manner = "busy";
  act(() => phone("1001").invite("1002"));
};

const cancelled: Scenario = ({ phone, act }) => {
  act(() => phone("1001").invite("1002"));
  act(() => phone("1001").leave());
};

const desktopCall: Scenario = ({ phone, desktop, act }) => {
  phone("1001").manner = "answer";
  const thisDN = "1001";
  act(() => desktop(thisDN).send({ request: "RequestMakeCall", thisDN, otherDN: "1002" }));
  const connID = desktop(thisDN).connID();
  act(() => desktop("1002").send({ request: "RequestAnswerCall", thisDN: "1002", connID }));
  act(() => desktop(thisDN).send({ request: "RequestHoldCall", thisDN, connID }));
  act(() => desktop(thisDN).send({ request: "RequestRetrieveCall", thisDN, connID }));
  act(() => desktop(thisDN).send({ request: "RequestReleaseCall", thisDN, connID }));
};

const transfer: Scenario = ({ phone, desktop, act }) => {
  phone("1002").manner = "answer";
  const thisDN = "1002";
  act(() => phone("1001").invite("1002"));
  const connID = desktop(thisDN).connID();
  const consult = { request: "RequestInitiateTransfer", thisDN, connID, otherDN: "1003" } as const;
  act(() => desktop(thisDN).send(consult));
  act(() => phone("1003").take());
  const transferConnID = desktop(thisDN).connID();
  act(() =>
    desktop(thisDN).send({ request: "RequestCompleteTransfer", thisDN, connID, transferConnID }),
  );
  act(() => phone("1003").leave());
};

const phoneHold: Scenario = ({ phone, act }) => {
  phone("1002").manner = "answer";
  act(() => phone("1001").invite("1002"));
  act(() => phone("1001").offerAgain("sendonly"));
  act(() => phone("1001").offerAgain("sendrecv"));
  act(() => phone("1001").leave());
};

const scenarios = { plainCall, refused, cancelled, phoneHold, desktopCall, transfer };

describe.each(Object.entries(scenarios))("H4 %s", (_name, scenario) => {
  const transports = ["UDP", "TCP"] as const;
  test.each(transports)("over %s, a takeover after each frame", (transport) => {
    const whole = playWithDeath(scenario, transport, null);
    expect(whole.outcome).toMatchObject({ calls: 0, transactions: [], open: 0, failures: [] });
    const told = Object.values(whole.outcome.told).flat();
    expect(told.length).toBeGreaterThan(2);
    const faults: unknown[] = [];
    for (const frame of whole.frames) {
      for (const lost of [0, 1, 3]) {
        const { outcome } = playWithDeath(scenario, transport, { frame, lost });
        if (JSON.stringify(outcome) !== JSON.stringify(whole.outcome)) {
          faults.push({ frame, lost, outcome });
        }
      }
    }
    expect(faults).toEqual([]);
  });
});

/** JsSIP ends its transactions with its connection: what it had not finished is asked for again. */
test.each(Object.entries({ desktopCall, transfer }))(
  "H4 %s, with phones that forget their transactions",
  (_name, scenario) => {
    const whole = playWithDeath(scenario, "TCP", null);
    const faults: unknown[] = [];
    for (const frame of whole.frames) {
      for (const lost of [0, 1, 3]) {
        const { outcome } = playWithDeath(scenario, "TCP", { frame, lost }, "forgets");
        // A call that such a phone answered in vain is its own to forget.
        const seen = { ...outcome, open: 0 };
        if (JSON.stringify(seen) !== JSON.stringify(whole.outcome)) faults.push({ frame, lost });
      }
    }
    expect(faults).toEqual([]);
  },
);
