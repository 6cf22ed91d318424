/**
 * What `npm test`, `npm run test:long`, `npm run check` and `npm run prove` consist of, as data. A
 * stage is one process under our own Node; its last closing line is what it counted. A stage that
 * prints none (a type check) counts as one test.
 */
export interface Stage {
  readonly name: string;
  /** A file to run, relative to the root, and its arguments. */
  readonly command: readonly string[];
  /** Debian packages without which part of the stage's suites says that it is skipped. */
  readonly uses?: readonly string[];
}

const vitest = "node_modules/vitest/vitest.mjs";

const types: Stage = {
  name: "types",
  command: ["node_modules/@typescript/native/bin/tsc", "-b"],
};
const lint: Stage = {
  name: "lint",
  command: ["node_modules/oxlint/bin/oxlint", "--type-aware", "--quiet"],
};
const format: Stage = {
  name: "format",
  command: ["node_modules/@biomejs/biome/bin/biome", "format"],
};
const tidy: Stage = {
  name: "tidy",
  command: [vitest, "run", "--project", "unit", "tools/tidy"],
};
const unit: Stage = { name: "unit", command: [vitest, "run", "--project", "unit"] };
const endToEnd: Stage = {
  name: "integration",
  command: [vitest, "run", "--project", "integration"],
  uses: ["baresip-core", "sip-tester", "chromium"],
};
const long: Stage = {
  name: "long",
  command: [vitest, "run", "--project", "long"],
  uses: ["baresip-core", "sip-tester", "kamailio", "chromium"],
};

/** The tidy tests are among the unit tests, so `test` runs them there. */
export const plans: ReadonlyMap<string, readonly Stage[]> = new Map([
  ["check", [types, lint, format, tidy]],
  ["test", [types, lint, format, unit, endToEnd]],
  ["test-long", [long]],
  ["prove", [{ name: "prove", command: ["apps/tandem/src/main.ts", "prove"], uses: ["kamailio"] }]],
]);
