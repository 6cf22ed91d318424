import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { createHandshakeBudget } from "./handshake-budget.ts";

/** As much of a socket as the budget looks at. */
class Door extends EventEmitter {
  destroyed = false;
  destroy(): void {
    this.destroyed = true;
    this.emit("close");
  }
}

test("so many begin at once, the others in their turn; who left is not waited for", async () => {
  const budget = createHandshakeBudget(100);
  const begun: number[] = [];
  const doors = Array.from({ length: 14 }, () => new Door());
  doors.forEach((door, index) => {
    budget.enter(door as unknown as Socket, () => begun.push(index)); // as much as is looked at
  });
  expect(begun).toEqual([0, 1, 2, 3, 4]);
  doors[5]?.destroy();
  expect([budget.waiting(), budget.delayed()]).toEqual([8, 9]);
  await expect.poll(() => budget.waiting()).toBe(0);
  expect(begun).toEqual([0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13]);
  budget.close();
});

test("beyond a thousand that wait, and at the end, doors are shut", () => {
  const budget = createHandshakeBudget(20);
  const doors = Array.from({ length: 1_100 }, () => new Door());
  for (const door of doors) budget.enter(door as unknown as Socket, () => undefined); // as above
  expect([budget.waiting(), budget.refused()]).toEqual([1_000, 99]);
  budget.close();
  expect(doors.filter(({ destroyed }) => !destroyed)).toHaveLength(1);
});
