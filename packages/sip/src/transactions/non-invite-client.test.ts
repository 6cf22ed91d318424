import { describe, expect, test } from "vitest";
import { sampleRequest, sampleRequestText } from "../testing/samples.ts";
import { clientEvent, runScript } from "../testing/transaction-script.ts";
import { startNonInviteClient, stepNonInviteClient } from "./non-invite-client.ts";

const udp = { t1Ms: 500, t2Ms: 4_000, t4Ms: 5_000, reliable: false };
const tcp = { ...udp, reliable: true };
const text = sampleRequestText({ method: "REGISTER" });
const register = sampleRequest({ method: "REGISTER" });

function run(words: readonly string[], timing = udp): readonly string[] {
  return runScript(
    startNonInviteClient(text, timing),
    words,
    (word) => clientEvent<"E">(word, register),
    (state, event) => stepNonInviteClient(state, event, timing),
  );
}

describe("client transaction of other requests", () => {
  test.each([
    [
      "RFC3261-17.1.2.2 sends and waits",
      [],
      ["trying", "send REGISTER", "arm F 32000", "arm E 500"],
    ],
    ["RFC3261-17.1.2.2 timer E doubles", ["E"], ["trying", "send REGISTER", "arm E 1000"]],
    ["RFC3261-17.1.2.2 up to T2", ["E", "E", "E", "E"], ["trying", "send REGISTER", "arm E 4000"]],
    [
      "RFC3261-17.1.2.2 after a 1xx it is T2",
      ["100", "E"],
      ["proceeding", "send REGISTER", "arm E 4000"],
    ],
    ["RFC3261-17.1.2.2 1xx goes up, timers go on", ["100"], ["proceeding", "up 100"]],
    ["RFC3261-17.1.2.2 timer F", ["F"], ["over", "disarm E", "disarm F", "timed out"]],
    [
      "RFC3261-17.1.2.2 timer F after a 1xx",
      ["100", "F"],
      ["over", "disarm E", "disarm F", "timed out"],
    ],
    [
      "RFC3261-17.1.2.2 a final response",
      ["401"],
      ["completed", "disarm E", "disarm F", "up 401", "arm K 5000"],
    ],
    ["RFC3261-17.1.2.2 repeated ones end here", ["200", "200"], ["completed"]],
    ["RFC3261-17.1.2.2 timer K", ["200", "K"], ["over"]],
    ["RFC3261-17.1.4 transport", ["100", "failed"], ["over", "disarm E", "disarm F", "failed"]],
    ["RFC3261-17.1.2.2 nothing of it matters at the end", ["200", "failed"], ["completed"]],
  ])("%s", (_rule, words, expected) => {
    expect(run(words)).toEqual(expected);
  });

  test.each([
    ["RFC3261-17.1.2.2 no timer E", [], ["trying", "send REGISTER", "arm F 32000"]],
    ["RFC3261-17.1.2.2 timer K is 0", ["200"], ["over", "disarm F", "up 200"]],
  ])("%s over a reliable transport", (_rule, words, expected) => {
    expect(run(words, tcp)).toEqual(expected);
  });
});
