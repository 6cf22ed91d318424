import { expect, test } from "vitest";
import { FarmSetups } from "./farm-setups.ts";

test("a call counts as given up only where a phone placed it and lost its connection", () => {
  const setups = new FarmSetups();
  const becomes = (key: string, by: "line" | "phone", cause: "unreachable" | "noAnswer"): void => {
    setups.begin(key, by);
    setups.ended(key, cause);
  };
  becomes("a", "phone", "unreachable");
  becomes("b", "phone", "noAnswer");
  becomes("c", "line", "unreachable");
  setups.begin("d", "phone");
  expect(setups.established("d")).toBe(true);
  expect(setups.areOver()).toBe(false);
  setups.ended("d", "unreachable");
  setups.ended("a call of somebody else", "remote");
  expect(setups.established("a call of somebody else")).toBe(false);
  expect(setups.all.map(({ state }) => state)).toEqual(["givenUp", "lost", "lost", "established"]);
  expect(setups.areOver()).toBe(true);
});
