import { describe, expect, test } from "vitest";
import { sampleRequest, sampleRequestText } from "../testing/samples.ts";
import { clientEvent, runScript } from "../testing/transaction-script.ts";
import { startInviteClient, stepInviteClient } from "./invite-client.ts";

const udp = { t1Ms: 500, t2Ms: 4_000, t4Ms: 5_000, reliable: false };
const tcp = { ...udp, reliable: true };
const text = sampleRequestText();
const invite = sampleRequest();

function run(words: readonly string[], timing = udp): readonly string[] {
  return runScript(
    startInviteClient(text, timing),
    words,
    (word) => clientEvent<"A">(word, invite),
    (state, event) => stepInviteClient(state, event, timing),
  );
}

describe("INVITE client transaction", () => {
  test.each([
    [
      "RFC3261-17.1.1.2 sends and waits",
      [],
      ["calling", "send INVITE", "arm B 32000", "arm A 500"],
    ],
    ["RFC3261-17.1.1.2 timer A doubles", ["A", "A"], ["calling", "send INVITE", "arm A 2000"]],
    [
      "RFC3261-17.1.1.2 timer A has no upper bound",
      ["A", "A", "A", "A", "A", "A"],
      ["calling", "send INVITE", "arm A 32000"],
    ],
    ["RFC3261-17.1.1.2 timer B gives up", ["B"], ["over", "disarm A", "disarm B", "timed out"]],
    [
      "RFC3261-17.1.1.2 1xx ends retransmission",
      ["180"],
      ["proceeding", "disarm A", "disarm B", "up 180"],
    ],
    ["RFC3261-17.1.1.2 each 1xx goes up", ["100", "180"], ["proceeding", "up 180"]],
    ["RFC3261-17.1.1.2 late timers are ignored", ["100", "A"], ["proceeding"]],
    ["RFC3261-17.1.1.2 B does not end proceeding", ["100", "B"], ["proceeding"]],
    [
      "RFC6026-7.2 2xx is accepted",
      ["200"],
      ["accepted", "disarm A", "disarm B", "up 200", "arm M 32000"],
    ],
    ["RFC6026-7.2 2xx after 1xx", ["180", "200"], ["accepted", "up 200", "arm M 32000"]],
    ["RFC6026-7.2 each 2xx of a fork goes up", ["200", "200"], ["accepted", "up 200"]],
    ["RFC6026-7.2 only a 2xx goes up then", ["200", "180"], ["accepted"]],
    ["RFC6026-7.2 a failure does not, either", ["200", "486"], ["accepted"]],
    ["RFC6026-7.2 timer M ends it", ["200", "M"], ["over"]],
    [
      "RFC3261-17.1.1.3 a failure is acknowledged here",
      ["486"],
      ["completed", "disarm A", "disarm B", "send ACK", "up 486", "arm D 32000"],
    ],
    [
      "RFC3261-17.1.1.2 a repeated failure repeats the ACK",
      ["486", "486"],
      ["completed", "send ACK"],
    ],
    ["RFC3261-17.1.1.2 a late 1xx is ignored", ["486", "180"], ["completed"]],
    ["RFC3261-17.1.1.2 timer D ends it", ["486", "D"], ["over"]],
    ["RFC3261-17.1.4 transport", ["failed"], ["over", "disarm A", "disarm B", "failed"]],
    ["RFC3261-17.1.1.2 the ACK could not leave", ["486", "failed"], ["over", "disarm D", "failed"]],
  ])("%s", (_rule, words, expected) => {
    expect(run(words)).toEqual(expected);
  });

  test.each([
    ["RFC3261-17.1.1.2 no timer A", [], ["calling", "send INVITE", "arm B 32000"]],
    ["RFC3261-17.1.1.2 timer D is 0", ["100", "486"], ["over", "send ACK", "up 486"]],
    ["RFC3261-17.1.4 transport", ["failed"], ["over", "disarm B", "failed"]],
  ])("%s over a reliable transport", (_rule, words, expected) => {
    expect(run(words, tcp)).toEqual(expected);
  });
});
