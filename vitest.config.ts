import { type ViteUserConfig, defineConfig } from "vitest/config";

/** Suites by level: `unit` runs in seconds, `integration` starts real processes, `long` takes minutes. */
const conditions = ["@tandem/source"];
const config: ViteUserConfig = defineConfig({
  ssr: { resolve: { conditions } },
  test: {
    reporters: ["default", "./tools/closing-line.ts"],
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          // A guard against what never ends, not a measure: sweeps of thousands of messages share
          // two cores with whatever else runs.
          testTimeout: 60_000,
          include: ["{packages,apps,tools,examples}/**/*.test.ts"],
          exclude: ["**/node_modules/**", "**/*.{integration,long}.test.ts"],
        },
      },
      {
        extends: true,
        test: {
          name: "integration",
          include: ["{packages,apps,tools,examples}/**/*.integration.test.ts"],
          exclude: ["**/node_modules/**"],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: "long",
          include: ["{packages,apps,tools,examples}/**/*.long.test.ts"],
          exclude: ["**/node_modules/**"],
          fileParallelism: false,
          testTimeout: 1_800_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});

export default config;
