import { logTime } from "@tandem/kernel";
import { describe, expect, test } from "vitest";
import { decideAssignment, decidePeerOffer } from "./choose.ts";
import { addRow, createQueues, removeRow, type QueuedCall, type Queues } from "./queue.ts";

function row(call: string, since: number, own: Partial<QueuedCall> = {}): QueuedCall {
  return {
    call,
    since: logTime(since),
    enteredAt: logTime(since),
    stage: { kind: "waiting" },
    isDiverted: false,
    passed: [],
    ...own,
  };
}

function queuesOf(rows: Record<string, QueuedCall[]>, idle: string[] = []): Queues {
  const queues = createQueues();
  for (const [queue, each] of Object.entries(rows)) {
    for (const one of each) addRow(queues, queue, one);
  }
  for (const dn of idle) queues.idle.add(dn);
  return queues;
}

describe("the order of a queue", () => {
  test("is by age, whenever a call came in; of one age the first to come", () => {
    const queues = queuesOf({ q: [row("b", 20), row("c", 30), row("a", 10), row("d", 30)] });
    expect(queues.waiting.get("q")?.map(({ call }) => call)).toEqual(["a", "b", "c", "d"]);
    removeRow(queues, "b");
    addRow(queues, "q", row("b", 20));
    expect(queues.waiting.get("q")?.map(({ call }) => call)).toEqual(["a", "b", "c", "d"]);
    for (const call of ["a", "b", "c", "d"]) removeRow(queues, call);
    expect([queues.waiting.size, queues.queueByCall.size]).toEqual([0, 0]);
  });
});

describe("which call goes to whom", () => {
  const serves = new Map([
    ["1001", ["q"]],
    ["1002", ["p", "q"]],
    ["1003", ["p"]],
  ]);
  const of = (dn: string): string[] => serves.get(dn) ?? [];
  const offered = { kind: "offered", dn: "9" } as const;

  test.each([
    ["nobody waits", {}, ["1001"], null],
    ["nobody is available", { q: [row("a", 1)] }, [], null],
    ["nobody available serves it", { q: [row("a", 1)] }, ["1003"], null],
    ["the longest available takes it", { q: [row("a", 1)] }, ["1002", "1001"], "a 1002"],
    ["the oldest first", { q: [row("a", 5), row("b", 2)] }, ["1001"], "b 1001"],
    ["the older of two queues", { q: [row("a", 5)], p: [row("b", 4)] }, ["1002"], "b 1002"],
    [
      "what is offered is not offered twice",
      { q: [row("a", 1, { stage: offered })] },
      ["1001"],
      null,
    ],
  ])("%s", (_, rows, idle, expected) => {
    const next = decideAssignment(queuesOf(rows, idle), of);
    expect(next === null ? null : `${next.call} ${next.dn}`).toBe(expected);
  });

  test("P7 one offer under way for each Ready agent that the peer reported", () => {
    const queues = queuesOf({ q: [row("a", 1), row("b", 2), row("c", 3)] });
    expect(decidePeerOffer(queues, () => true)).toBe(null);
    queues.readyAtPeer.set("q", 2);
    const offers: (string | null)[] = [];
    for (let count = 0; count < 3; count += 1) {
      const next = decidePeerOffer(queues, (call) => call !== "b");
      offers.push(next?.call ?? null);
      const taken = queues.waiting.get("q")?.find(({ call }) => call === next?.call);
      if (taken !== undefined) taken.stage = { kind: "offeredToPeer" };
    }
    expect(offers).toEqual(["a", "c", null]);
  });
});
