import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const index = fileURLToPath(new URL("./index.ts", import.meta.url));

/** A server without parts, whose supervisor holds its standard input. */
const program = `
  import { createLogger, startLifecycle } from ${JSON.stringify(index)};
  const log = createLogger({ name: "server" });
  startLifecycle({ log, supervisor: process.stdin });
  log.info("in service");
  setInterval(() => log.info("still here"), 10);
`;

test("a server whose log nobody reads any more ends with its supervisor", async () => {
  const child = spawn(process.execPath, [
    "--conditions=@tandem/source",
    "--input-type=module",
    "--eval",
    program,
  ]);
  try {
    const exited = once(child, "exit");
    await once(child.stdout, "data");
    child.stdout.destroy();
    child.stderr.destroy();
    child.stdin.end();
    expect(await exited).toEqual([0, null]);
  } finally {
    child.kill("SIGKILL");
  }
});
