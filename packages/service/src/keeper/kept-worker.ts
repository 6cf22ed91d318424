/**
 * A process under a keeper, for tests: says its pid, beats, and does what its argument says.
 *
 *     beat | alone | loop (for ever, at SIGUSR2) | deaf (to SIGTERM)
 */
import { keepersFd, startHeartbeat } from "./heartbeat.ts";

const [, , manner = "beat"] = process.argv;
const fd = keepersFd();
if (fd !== null) startHeartbeat({ fd, isAlone: () => manner === "alone" });
process.on("SIGTERM", () => {
  if (manner !== "deaf") process.exit(0);
});
process.on("SIGUSR2", () => {
  for (;;) performance.now();
});
setInterval(() => undefined, 1_000);
process.stdout.write(`pid ${process.pid}\n`);
