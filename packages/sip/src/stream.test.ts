import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { messageBytesMax } from "./limits.ts";
import { createStream, pushStream } from "./stream.ts";
import { sampleRequestText } from "./testing/samples.ts";

const one = sampleRequestText({ body: "v=0\r\n\r\nINVITE sip:x SIP/2.0\r\nl: 0\r\n\r\n" });
const two = sampleRequestText({ method: "BYE" });
const compact = "OPTIONS sip:b SIP/2.0\r\nl : 2\r\n\r\nab";

describe("RFC3261-18.3 framing by Content-Length", () => {
  test("a message ends where it says, whatever its body looks like", () => {
    const output = pushStream(createStream(), one + two + compact);
    expect(output).toEqual({ messages: [one, two, compact], keepAlives: 0 });
  });

  test("any chunking gives the same messages and keep-alives", () => {
    const whole = `\r\n\r\n${one}\r\n\r\n\r\n\r\n${two}${compact}\r\n\r\n${two}`;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 60 }), (sizes) => {
        const stream = createStream();
        const messages: string[] = [];
        let keepAlives = 0;
        let at = 0;
        for (const size of [...sizes, whole.length]) {
          const output = pushStream(stream, whole.slice(at, at + size));
          expect(output.failure).toBeUndefined();
          messages.push(...output.messages);
          keepAlives += output.keepAlives;
          at += size;
        }
        expect([messages, keepAlives]).toEqual([[one, two, compact, two], 4]);
      }),
    );
  });
});

test("RFC5626-3.5.1 two line breaks are a keep-alive, one is the answer to ours", () => {
  const stream = createStream();
  expect(pushStream(stream, "\r\n").keepAlives).toBe(0);
  expect(pushStream(stream, "\r\n").keepAlives).toBe(1);
  expect(pushStream(stream, `\r\n${two}\r\n`)).toEqual({ messages: [two], keepAlives: 0 });
  expect(pushStream(stream, "\r\n\r\n").keepAlives).toBe(1);
});

const start = "OPTIONS sip:b SIP/2.0\r\n";

describe("what ends a stream", () => {
  test.each([
    ["RFC4475-3.1.2.3 negative", `${start}Content-Length: -1\r\n\r\n`, "bad-content-length"],
    [
      "RFC4475-3.3.9 two of them",
      `${start}l: 3\r\nContent-Length: 3\r\n\r\n`,
      "bad-content-length",
    ],
    ["a list", `${start}l: 3,3\r\n\r\n`, "bad-content-length"],
    ["hexadecimal", `${start}l: 0x3\r\n\r\n`, "bad-content-length"],
    ["folded", `${start}l:\r\n 3\r\n\r\n`, "bad-content-length"],
    ["2^32 + 3", `${start}l: 4294967299\r\n\r\n`, "too-long"],
    ["RFC3261-18.3 missing", `${start}X: 1\r\n\r\n`, "no-content-length"],
    ["ERR4 a body beyond the limit", `${start}l: ${messageBytesMax}\r\n\r\n`, "too-long"],
    ["ERR4 a head without end", `${start}X: ${"x".repeat(messageBytesMax)}`, "too-long"],
    ["ERR4 a flood of line breaks", "\r\n".repeat(5_000), "too-many-keep-alives"],
  ])("%s", (_rule, text, failure) => {
    const stream = createStream();
    const output = pushStream(stream, two + text);
    expect([output.messages, output.failure]).toEqual([[two], failure]);
    expect(pushStream(stream, two)).toEqual({ messages: [], keepAlives: 0, failure });
  });

  test("the head that could not be framed is there to be answered", () => {
    const bad = `${start}l: x\r\n\r\n`;
    expect(pushStream(createStream(), `${bad}body`).failedHead).toBe(bad);
  });
});
