import { expect, test } from "vitest";
import { createLogDestination, waitingBytesMax } from "./log-destination.ts";

function failing(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** A reader that takes so many bytes a write, or refuses with a code. */
function reader(): { taken: string; takes: number | string; write: (bytes: Uint8Array) => number } {
  const it = {
    taken: "",
    takes: 1_000_000_000 as number | string,
    write(bytes: Uint8Array): number {
      if (typeof it.takes === "string") throw failing(it.takes);
      const part = bytes.subarray(0, it.takes);
      it.taken += Buffer.from(part).toString("latin1");
      return part.length;
    },
  };
  return it;
}

test("a line is written at once, in as many pieces as the reader takes", () => {
  const to = reader();
  const log = createLogDestination(to.write);
  to.takes = 3;
  log.write("eins äöü\n");
  log.write("zwei\n");
  expect(Buffer.from(to.taken, "latin1").toString("utf8")).toBe("eins äöü\nzwei\n");
});

test("a reader that takes nothing now gets the lines later, in order", () => {
  const to = reader();
  const log = createLogDestination(to.write);
  to.takes = "EAGAIN";
  log.write("one\n");
  log.write("two\n");
  expect(to.taken).toBe("");
  to.takes = 1_000;
  log.write("three\n");
  expect(to.taken).toBe("one\ntwo\nthree\n");
});

test("what a reader leaves for too long is dropped and counted", () => {
  const to = reader();
  const log = createLogDestination(to.write);
  to.takes = "EAGAIN";
  log.write("x".repeat(waitingBytesMax));
  log.write("two\n");
  log.write("three\n");
  to.takes = 1_000_000_000;
  log.write("four\n");
  expect(to.taken.slice(waitingBytesMax)).toBe(
    '{"level":"warn","msg":"2 lines were dropped"}\nfour\n',
  );
});

test("a reader that is gone is written to no more", () => {
  const to = reader();
  const log = createLogDestination(to.write);
  to.takes = "EPIPE";
  log.write("one\n");
  to.takes = 1_000;
  log.write("two\n");
  expect(to.taken).toBe("");
});
