import { readFileSync } from "node:fs";
import { AilLoader, parseBcProperties } from "@tandem/ail";
import { listen } from "./listen.ts";
import { createPrinter } from "./printer.ts";

/**
 * The seed's sample, BusinessContinuity.java, on this SDK: reads the same `bc.properties`, logs the
 * agent in, and listens to the three services and to the DN. The switchover itself, which the
 * sample spells out in a hundred lines, is inside: nothing is scheduled or made anew here.
 *
 *   node --conditions=@tandem/source examples/business-continuity/main.ts [bc.properties] [--json]
 *        [--ready]
 *
 * One line per event; with `--json` one JSON object per line. Ends on SIGINT or SIGTERM, or with
 * exit code 1 when the file is wrong or the credentials are refused.
 */
const words = process.argv.slice(2);
const path = words.find((word) => !word.startsWith("--")) ?? "bc.properties";
const print = createPrinter(words.includes("--json"));

const read = parseBcProperties(readFile(path));
if (!read.ok) {
  print("error", { sentence: read.failure.sentence });
  process.exit(1);
}
const loader = new AilLoader({ ...read.value, profile: "seed" });
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    loader.killFactory();
    process.exit(0);
  });
}
const factory = await loader.getAilFactory();
if (factory === null) {
  print("error", { sentence: loader.getInitException()?.message ?? "closed" });
  process.exit(1);
}
listen(factory, read.value.userName, print, words.includes("--ready"));

function readFile(name: string): string {
  try {
    return readFileSync(name, "utf8");
  } catch (error) {
    print("error", { sentence: `Did not find ${name}: ${String(error)}` });
    process.exit(1);
  }
}
