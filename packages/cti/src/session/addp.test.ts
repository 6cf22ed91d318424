import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Addp, AddpEffect, AddpTimes } from "./addp.ts";
import { addpDeadline, clientAddpTimes, createAddp, serverAddpTimes, stepAddp } from "./addp.ts";

const times = clientAddpTimes(20);

describe("ADDP", () => {
  test.each([
    ["silence for half of the timeout makes a poll", "10000", "listening@0 poll1@10000"],
    ["silence for the whole means loss", "10000 20000", "poll1@10000 lost@20000"],
    ["an answer ends the silence", "10000 a12000 22000", "poll1@10000 poll2@22000"],
    ["whatever comes ends the silence", "x9000 10000 19000 29000", "poll1@19000 lost@29000"],
    ["a poll is answered and ends the silence", "p9000 10000 19000", "answer7@9000 poll1@19000"],
    ["a loss found a second late is one", "10000 21000", "poll1@10000 lost@21000"],
    [
      "a loss found later counts after one more poll",
      "10000 21001 31001",
      "poll1@10000 poll2@21001 lost@31001",
    ],
    [
      "one more poll only, however late",
      "10000 70000 130000",
      "poll1@10000 poll2@70000 lost@130000",
    ],
    ["an answer to the extra poll saves it", "70000 a70001 80001", "poll1@70000 poll2@80001"],
    [
      "a poll sent late leaves half the timeout for its answer",
      "19900 20000 29900",
      "poll1@19900 lost@29900",
    ],
    ["after the loss nothing comes", "10000 20000 a20001 30000", "poll1@10000 lost@20000"],
  ])("%s", (_rule, inputs, expected) => {
    expect(run(times, inputs)).toBe(expected.replace("listening@0 ", ""));
  });

  test("without timeouts there are no polls, but polls are answered", () => {
    expect(run({ timeoutMs: 0, pollAfterMs: 0 }, "10000 p20000 90000")).toBe("answer7@20000");
  });

  test("a server that was not asked to watch still polls for the client's sake", () => {
    expect(serverAddpTimes(20, undefined)).toEqual({ timeoutMs: 0, pollAfterMs: 10_000 });
    expect(run(serverAddpTimes(20, 0), "10000 20000 30000")).toBe(
      "poll1@10000 poll2@20000 poll3@30000",
    );
  });

  test("the server polls at half of the smaller timeout", () => {
    expect(serverAddpTimes(20, 6)).toEqual({ timeoutMs: 6_000, pollAfterMs: 3_000 });
    expect(serverAddpTimes(2, 20)).toEqual({ timeoutMs: 20_000, pollAfterMs: 1_000 });
    expect(serverAddpTimes(undefined, undefined)).toEqual({ timeoutMs: 0, pollAfterMs: 0 });
  });

  test("with a punctual clock loss comes exactly one timeout after the last frame", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 19_999 }), { maxLength: 20 }),
        (silencesMs) => {
          let addp = createAddp(times, 0);
          let now = 0;
          for (const silenceMs of silencesMs) {
            addp = clockUntil(addp, now + silenceMs).addp;
            now += silenceMs;
            addp = stepAddp(addp, { kind: "received", frame: null }, times, now).next;
          }
          expect(clockUntil(addp, now + 100_000).lostAt).toBe(now + 20_000);
        },
      ),
    );
  });
});

function clockUntil(start: Addp, untilMs: number): { addp: Addp; lostAt: number | undefined } {
  let addp = start;
  let lostAt: number | undefined;
  for (let deadline = addpDeadline(addp); deadline !== undefined; deadline = addpDeadline(addp)) {
    if (deadline > untilMs) break;
    const step = stepAddp(addp, { kind: "clock" }, times, deadline);
    addp = step.next;
    if (step.effects.some((effect) => effect.kind === "lost")) lostAt = deadline;
  }
  return { addp, lostAt };
}

/** Inputs: a time is the clock, `a` an answer, `p` a poll with number 7, `x` another frame. */
function run(addpTimes: AddpTimes, inputs: string): string {
  let addp = createAddp(addpTimes, 0);
  const seen: string[] = [];
  for (const input of inputs.split(" ")) {
    const kind = /^\d/.test(input) ? "clock" : input[0];
    const now = Number(kind === "clock" ? input : input.slice(1));
    const frame =
      kind === "a"
        ? { addp: "answer" as const, id: 1 }
        : kind === "p"
          ? { addp: "poll" as const, id: 7 }
          : null;
    const step = stepAddp(
      addp,
      kind === "clock" ? { kind: "clock" } : { kind: "received", frame },
      addpTimes,
      now,
    );
    addp = step.next;
    seen.push(...step.effects.map((effect) => `${describeEffect(effect)}@${now}`));
  }
  return seen.join(" ");
}

function describeEffect(effect: AddpEffect): string {
  return effect.kind === "lost" ? "lost" : `${effect.frame.addp}${effect.frame.id}`;
}
