import { describe, expect, test } from "vitest";
import { sampleRequest } from "../testing/samples.ts";
import { runScript, serverEvent } from "../testing/transaction-script.ts";
import { startNonInviteServer, stepNonInviteServer } from "./non-invite-server.ts";

const udp = { t1Ms: 500, t2Ms: 4_000, t4Ms: 5_000, reliable: false };
const tcp = { ...udp, reliable: true };
const bye = sampleRequest({ method: "BYE" });

function run(words: readonly string[], timing = udp): readonly string[] {
  return runScript(
    startNonInviteServer(bye),
    words,
    (word) => serverEvent<"J">(word, bye),
    (state, event) => stepNonInviteServer(state, event, timing),
  );
}

describe("server transaction of other requests", () => {
  test.each([
    ["RFC3261-17.2.2 the request goes up", [], ["trying", "up BYE"]],
    ["RFC3261-17.2.2 repeated ones are absorbed", ["BYE"], ["trying"]],
    ["RFC3261-17.2.2 1xx", [">100"], ["proceeding", "send 100"]],
    ["RFC3261-17.2.2 the last 1xx again", [">100", "BYE"], ["proceeding", "send 100"]],
    ["RFC3261-17.2.2 final", [">200"], ["completed", "send 200", "arm J 32000"]],
    ["RFC3261-17.2.2 final after 1xx", [">100", ">200"], ["completed", "send 200", "arm J 32000"]],
    ["RFC3261-17.2.2 the final one again", [">200", "BYE"], ["completed", "send 200"]],
    ["RFC3261-17.2.2 a second final one", [">200", ">500"], ["completed"]],
    ["RFC3261-17.2.2 timer J", [">200", "J"], ["over"]],
    ["RFC3261-17.2.4 transport", [">200", "failed"], ["over", "disarm J", "failed"]],
    ["RFC3261-17.2.4 transport before", ["failed"], ["over", "failed"]],
  ])("%s", (_rule, words, expected) => {
    expect(run(words)).toEqual(expected);
  });

  test("RFC3261-17.2.2 timer J is 0 over a reliable transport", () => {
    expect(run([">200"], tcp)).toEqual(["over", "send 200"]);
  });
});
