import { expect, test } from "vitest";
import { decidePackages, installCommand, parsePackages } from "./debian-packages.ts";

const debianRoot = { isRoot: true, hasApt: true, isForbidden: false };

test("the list: a name and a reason a line", () => {
  expect(parsePackages("# why\n\nkamailio   beside it\n")).toEqual([
    { name: "kamailio", reason: "beside it" },
  ]);
  expect(() => parsePackages("kamailio\n")).toThrow("needs a name and a reason");
});

test("missing packages are installed by root only, and only where that is allowed", () => {
  expect(decidePackages([], debianRoot)).toEqual({ kind: "nothing" });
  expect(decidePackages(["a"], debianRoot)).toEqual({ kind: "install", names: ["a"] });
  for (const machine of [
    { ...debianRoot, isForbidden: true },
    { ...debianRoot, isRoot: false },
    { ...debianRoot, hasApt: false },
  ]) {
    expect(decidePackages(["a"], machine)).toMatchObject({ kind: "skip", names: ["a"] });
  }
});

test("the command takes no recommended packages along", () => {
  expect(installCommand(["a", "b"])).toBe("apt-get install -y --no-install-recommends a b");
});
