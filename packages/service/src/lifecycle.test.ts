import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { startLifecycle } from "./lifecycle.ts";
import { createLogger } from "./logger.ts";

function stage(supervisor?: PassThrough) {
  const events: string[] = [];
  const emitter = new EventEmitter();
  const lines: string[] = [];
  const log = createLogger({ name: "t", destination: { write: (line) => void lines.push(line) } });
  const exited = new Promise<number>((resolve) => {
    emitter.once("exit", resolve);
  });
  const face = {
    on: (event: string, listener: (argument: unknown) => void) => emitter.on(event, listener),
    exit: (code: number) => void emitter.emit("exit", code),
  };
  const lifecycle = startLifecycle({
    log,
    process: face,
    patienceMs: 20,
    ...(supervisor === undefined ? {} : { supervisor }),
  });
  return { events, emitter, exited, lifecycle, lines };
}

test("SIGTERM ends the parts in the opposite order, once, and exits with 0", async () => {
  const { events, emitter, exited, lifecycle } = stage();
  lifecycle.add("first", () => void events.push("first"));
  lifecycle.add("second", async () => void events.push("second"));
  expect(lifecycle.isRunning()).toBe(true);
  emitter.emit("SIGTERM");
  emitter.emit("SIGTERM");
  expect(lifecycle.isRunning()).toBe(false);
  expect(await exited).toBe(0);
  expect(events).toEqual(["second", "first"]);
});

test("a part that fails does not keep the others; one that hangs does not keep the process", async () => {
  const { events, exited, lifecycle, lines } = stage();
  lifecycle.add("hangs", () => new Promise(() => undefined));
  lifecycle.add("last", () => void events.push("last"));
  lifecycle.add("fails", () => Promise.reject(new Error("no")));
  void lifecycle.stop("test");
  expect(await exited).toBe(0);
  expect(events).toEqual(["last"]);
  expect(lines.join("")).toContain("did not end in time");
});

test("what nobody caught is logged and ends the process with 1", async () => {
  const { emitter, exited, lines } = stage();
  emitter.emit("uncaughtException", new Error("broken"));
  expect(await exited).toBe(1);
  expect(lines.join("")).toContain("broken");
});

test("the supervisor's end is ours", async () => {
  const supervisor = new PassThrough();
  const { exited } = stage(supervisor);
  supervisor.end();
  expect(await exited).toBe(0);
});
