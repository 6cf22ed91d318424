import { describe, expect, test } from "vitest";
import { sampleRequest } from "../testing/samples.ts";
import { runScript, serverEvent } from "../testing/transaction-script.ts";
import { startInviteServer, stepInviteServer } from "./invite-server.ts";

const udp = { t1Ms: 500, t2Ms: 4_000, t4Ms: 5_000, reliable: false };
const tcp = { ...udp, reliable: true };
const invite = sampleRequest();

function run(words: readonly string[], timing = udp): readonly string[] {
  return runScript(
    startInviteServer(invite),
    words,
    (word) => serverEvent<"G">(word, invite),
    (state, event) => stepInviteServer(state, event, timing),
  );
}

describe("INVITE server transaction", () => {
  test.each([
    ["RFC3261-17.2.1 the INVITE goes up", [], ["proceeding", "up INVITE"]],
    ["RFC3261-17.2.1 nothing to repeat yet", ["INVITE"], ["proceeding"]],
    ["RFC3261-17.2.1 1xx", [">100"], ["proceeding", "send 100"]],
    ["RFC3261-17.2.1 the last 1xx again", [">100", ">180", "INVITE"], ["proceeding", "send 180"]],
    ["RFC3261-17.2.1 a stray ACK", [">180", "ACK"], ["proceeding"]],
    ["RFC3261-17.2.1 transport", [">180", "failed"], ["over", "failed"]],
    ["RFC6026-7.1 2xx", [">180", ">200"], ["accepted", "send 200", "arm L 32000"]],
    ["RFC6026-7.1 the user repeats it", [">200", ">200"], ["accepted", "send 200"]],
    ["RFC6026-7.1 only a 2xx", [">200", ">486"], ["accepted"]],
    ["RFC6026-7.1 an INVITE is absorbed", [">200", "INVITE"], ["accepted"]],
    ["RFC6026-7.1 an ACK goes up", [">200", "ACK"], ["accepted", "up ACK"]],
    ["RFC6026-8.7 transport", [">200", "failed"], ["accepted", "failed"]],
    ["RFC6026-7.1 timer L", [">200", "L"], ["over"]],
    ["RFC3261-17.2.1 failure", [">486"], ["completed", "send 486", "arm H 32000", "arm G 500"]],
    ["RFC3261-17.2.1 timer G", [">486", "G"], ["completed", "send 486", "arm G 1000"]],
    [
      "RFC3261-17.2.1 timer G up to T2",
      [">486", "G", "G", "G", "G"],
      ["completed", "send 486", "arm G 4000"],
    ],
    ["RFC3261-17.2.1 the INVITE again", [">486", "INVITE"], ["completed", "send 486"]],
    ["RFC3261-17.2.1 a second final response", [">486", ">200"], ["completed"]],
    ["RFC3261-17.2.1 ACK", [">486", "ACK"], ["confirmed", "disarm G", "disarm H", "arm I 5000"]],
    ["RFC3261-17.2.1 more ACKs end here", [">486", "ACK", "ACK"], ["confirmed"]],
    ["RFC3261-17.2.1 and so do INVITEs", [">486", "ACK", "INVITE"], ["confirmed"]],
    ["RFC3261-17.2.1 timer I", [">486", "ACK", "I"], ["over"]],
    ["RFC3261-17.2.1 timer H", [">486", "H"], ["over", "disarm G", "timed out"]],
    ["RFC3261-17.2.4 transport", [">486", "failed"], ["over", "disarm G", "disarm H", "failed"]],
  ])("%s", (_rule, words, expected) => {
    expect(run(words)).toEqual(expected);
  });

  test.each([
    ["RFC3261-17.2.1 no timer G", [">486"], ["completed", "send 486", "arm H 32000"]],
    ["RFC3261-17.2.1 timer I is 0", [">486", "ACK"], ["over", "disarm H"]],
  ])("%s over a reliable transport", (_rule, words, expected) => {
    expect(run(words, tcp)).toEqual(expected);
  });
});
