/** Run in an own world (own-world.ts): plays one scenario and prints its facts as JSON. */
import { openNetScene } from "./net-scene.ts";
import { scenarios } from "./scenarios.ts";

const [, , name = ""] = process.argv;
const startedAt = performance.now();
const say = (line: string): void => {
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(2);
  process.stderr.write(`${seconds.padStart(7)} s  ${line}\n`);
};
process.stdin.on("end", () => process.exit(1)).resume();
const scenario = scenarios[name];
if (scenario === undefined) throw new Error(`there is no scenario ${name}`);
const net = await openNetScene(say);
let code = 0;
try {
  process.stdout.write(`${JSON.stringify(await scenario(net))}\n`);
} catch (error) {
  code = 1;
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
} finally {
  await net.stop();
}
process.exit(code);
