import { expect, test } from "vitest";
import { createVisitors } from "./visitors.ts";

function house(connectionsMax: number, unprovenPerSourceMax: number) {
  const gone: string[] = [];
  const visitors = createVisitors({ connectionsMax, unprovenPerSourceMax, unprovenIdleMs: 100 });
  const enter = (source: string, name: string, nowMs = 0) => {
    const visit = visitors.admit(
      source,
      () => {
        gone.push(name);
        visit?.leave();
      },
      nowMs,
    );
    return visit;
  };
  return { visitors, gone, enter };
}

test("the oldest unproven connection of a source makes room; proven ones and others stay", () => {
  const { visitors, gone, enter } = house(100, 2);
  enter("nat", "phone")?.prove();
  for (const name of ["a", "b", "c", "d"]) enter("nat", name);
  enter("other", "e");
  expect(gone).toEqual(["a", "b"]);
  expect([visitors.size(), visitors.unproven(), visitors.counts.evicted]).toEqual([4, 3, 2]);
});

test("a full house gives an unproven place away, and refuses when all are proven", () => {
  const { visitors, gone, enter } = house(2, 10);
  enter("a", "first")?.prove();
  const second = enter("b", "second");
  const third = enter("c", "third");
  expect(gone).toEqual(["second"]);
  second?.leave(); // twice is once
  third?.prove();
  expect(enter("d", "fourth")).toBeNull();
  expect([visitors.size(), visitors.counts.refused]).toEqual([2, 1]);
});

test("whoever says nothing whole goes; whoever speaks or is proven stays", () => {
  const { visitors, gone, enter } = house(10, 10);
  enter("a", "silent", 0);
  const speaker = enter("a", "speaker", 0);
  enter("a", "proven", 0)?.prove();
  speaker?.heard(60);
  visitors.sweep(99);
  expect(gone).toEqual([]);
  visitors.sweep(100);
  expect(gone).toEqual(["silent"]);
  visitors.sweep(160);
  expect(gone).toEqual(["silent", "speaker"]);
  expect([visitors.size(), visitors.counts.idle]).toEqual([1, 2]);
});
