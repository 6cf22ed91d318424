import { testConfig } from "@tandem/switch/testing";
import { expect, test } from "vitest";
import { createSteppedConfig } from "./stepped-config.ts";

const given = testConfig();
const other = testConfig({ site: "another" });

test("an equal configuration is not stepped again, another is", () => {
  const config = createSteppedConfig();
  expect(config.isOther(given)).toBe(true);
  config.stepped(testConfig());
  expect([config.isOther(given), config.isOther(other)]).toEqual([false, true]);
});

test("a machine that comes as a state brings its configuration along", () => {
  const config = createSteppedConfig();
  config.stepped(other);
  config.learn(given, given); // it was seen being stepped, which is newer
  expect(config.isOther(given)).toBe(true);
  config.forget();
  config.learn(null, given);
  expect(config.isOther(given)).toBe(true);
  config.learn(testConfig(), given);
  expect(config.isOther(given)).toBe(false);
});
