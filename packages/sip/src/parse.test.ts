import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildRequest } from "./build.ts";
import { callIdOf, cseqOf } from "./cseq.ts";
import { headerLines, headerOf, headersOf, listOf } from "./header-table.ts";
import { headerLinesMax, headerValueBytesMax, messageBytesMax, uriBytesMax } from "./limits.ts";
import { tagOf } from "./name-addr.ts";
import { parseMessage } from "./parse.ts";
import { requestFrom, responseFrom, sampleRequestText } from "./testing/samples.ts";
import { validateRequest, validateResponse } from "./validate.ts";
import { viaOf } from "./via.ts";

const head = "OPTIONS sip:bob@b.example SIP/2.0\r\n";
const five =
  "Via: SIP/2.0/UDP a;branch=z9hG4bK1\r\nFrom: <sip:a@a>;tag=1\r\nTo: <sip:b@b>\r\n" +
  "Call-ID: 1\r\nCSeq: 1 OPTIONS\r\n";

describe("what is read", () => {
  test("RFC3261-7.3.1 names are compared without case and in either form", () => {
    const request = requestFrom(
      `${head}v: SIP/2.0/UDP a\r\nF: <sip:a@a>;tag=1\r\nto : <sip:b@b>\r\n` +
        `i\t:  1 \r\ncSEQ:1 OPTIONS\r\n` +
        `l: 0\r\nk: timer\r\nX-own:  Value \r\nx-OWN: 2\r\n\r\n`,
    );
    expect(headerLines(request)).toEqual([
      { name: "via", value: "SIP/2.0/UDP a" },
      { name: "from", value: "<sip:a@a>;tag=1" },
      { name: "to", value: "<sip:b@b>" },
      { name: "call-id", value: "1" },
      { name: "cseq", value: "1 OPTIONS" },
      { name: "content-length", value: "0" },
      { name: "supported", value: "timer" },
      { name: "x-own", value: "Value" },
      { name: "x-own", value: "2" },
    ]);
    expect(headerOf(request, "x-own")).toBe("Value");
    expect(headersOf(request, "x-own")).toEqual(["Value", "2"]);
    expect(headerOf(request, "expires")).toBeUndefined();
  });

  test("RFC3261-7.3.1 a fold is one space, also before the first character", () => {
    const request = requestFrom(`${head}${five}Subject:\r\n  one \r\n\ttwo\r\nX-a: \r\n \r\n\r\n`);
    expect(headerOf(request, "subject")).toBe("one two");
    expect(headerOf(request, "x-a")).toBe("");
  });

  test("RFC3261-7.3.1 lists are joined and split outside quotes and brackets", () => {
    const request = requestFrom(
      `${head}${five}Contact: "a, \\"b" <sip:a@a?x=1,2>, <sip:b@b>\r\nm: sip:c@c\r\nAllow:\r\n\r\n`,
    );
    expect(listOf(request, "contact")).toEqual([
      '"a, \\"b" <sip:a@a?x=1,2>',
      "<sip:b@b>",
      "sip:c@c",
    ]);
    expect(listOf(request, "allow")).toEqual([]);
  });

  test("RFC3261-18.3 characters after Content-Length are not part of the message", () => {
    expect(requestFrom(`${head}${five}l: 3\r\n\r\nabcINVITE`).body).toBe("abc");
    expect(requestFrom(`${head}${five}\r\nabc`).body).toBe("abc");
  });

  test("RFC3261-7.5 line breaks before the start line are ignored", () => {
    expect(requestFrom(`\r\n\r\n${head}${five}\r\n`).method).toBe("OPTIONS");
  });

  test.each([
    ["SIP/2.0 200 OK", 200, "OK"],
    ["sip/2.0 180 ", 180, ""],
    ["SIP/2.0 180", 180, ""],
    ["SIP/2.0 699 Nö 200", 699, "Nö 200"],
  ])("RFC3261-7.2 status line %s", (line, status, reason) => {
    expect(responseFrom(`${line}\r\n${five}\r\n`)).toMatchObject({ status, reason });
  });
});

describe("what is refused", () => {
  const long = "x".repeat(headerValueBytesMax + 1);
  test.each([
    ["RFC3261-7.1 two spaces", `OPTIONS  sip:b SIP/2.0\r\n${five}\r\n`, "start-line", 400],
    ["RFC3261-7.1 trailing space", `OPTIONS sip:b SIP/2.0 \r\n${five}\r\n`, "start-line", 400],
    ["RFC3261-7.1 blank in the URI", `OPTIONS sip:b; lr SIP/2.0\r\n${five}\r\n`, "start-line", 400],
    ["RFC3261-7.1 method no token", `OPT(IONS sip:b SIP/2.0\r\n${five}\r\n`, "start-line", 400],
    [
      "RFC3261-21.4.12 long URI",
      `OPTIONS sip:${"b".repeat(uriBytesMax)} SIP/2.0\r\n${five}\r\n`,
      "start-line",
      414,
    ],
    ["RFC3261-7.1 no version", `OPTIONS sip:b\r\n${five}\r\n`, "start-line", undefined],
    [
      "RFC3261-7.2 status of four digits",
      `SIP/2.0 2000 OK\r\n${five}\r\n`,
      "start-line",
      undefined,
    ],
    ["bare LF in the URI", `OPTIONS x:a\nb SIP/2.0\r\n${five}\r\n`, "start-line", undefined],
    ["bare CR in the reason", `SIP/2.0 200 OK\rX\r\n${five}\r\n`, "start-line", undefined],
    ["RFC3261-7.2 status below 100", `SIP/2.0 099 OK\r\n${five}\r\n`, "start-line", undefined],
    ["RFC3261-7.5 no empty line", `${head}${five}`, "no-empty-line", 400],
    ["bare LF ends no line", `${head}${five}X: a\nY: b\r\n\r\n`, "line-end", 400],
    ["bare CR ends no line", `${head}${five}X: a\rb\r\n\r\n`, "line-end", 400],
    ["NUL in a value", `${head}${five}X: a\0b\r\n\r\n`, "control-character", 400],
    ["A08 octet before the colon", `${head}${five}X\v: a\r\n\r\n`, "header-name", 400],
    ["a line without a colon", `${head}${five}nothing\r\n\r\n`, "header-name", 400],
    ["a line without a name", `${head}${five}: a\r\n\r\n`, "header-name", 400],
    ["ERR4 long value", `${head}${five}X: ${long}\r\n\r\n`, "header-too-long", 400],
    ["ERR4 long name", `${head}${five}${"x".repeat(200)}: 1\r\n\r\n`, "header-too-long", 400],
    [
      "ERR4 many lines",
      `${head}${five}${"X: 1\r\n".repeat(headerLinesMax)}\r\n`,
      "too-many-headers",
      400,
    ],
    [
      "RFC4475-3.1.2.2 larger than the rest",
      `${head}${five}l: 4\r\n\r\nabc`,
      "content-length",
      400,
    ],
    ["RFC4475-3.1.2.3 negative", `${head}${five}l: -1\r\n\r\nabc`, "content-length", 400],
    ["RFC4475-3.3.9 two lengths", `${head}${five}l: 3\r\nl: 3\r\n\r\nabc`, "content-length", 400],
    ["a list of lengths", `${head}${five}l: 3, 3\r\n\r\nabc`, "content-length", 400],
    ["2^32 + 3", `${head}${five}l: 4294967299\r\n\r\nabc`, "content-length", 400],
    ["nothing to answer to", `${head}X\r\n\r\n`, "header-name", undefined],
    ["RFC3261-17 never an ACK", `ACK  sip:b SIP/2.0\r\n${five}\r\n`, "start-line", undefined],
    ["never a response", `SIP/2.0 200 OK\r\n${five}l: 9\r\n\r\n`, "content-length", undefined],
    ["empty", "", "start-line", undefined],
  ])("%s", (_rule, text, code, status) => {
    const parsed = parseMessage(text);
    expect(parsed.ok).toBe(false);
    if (parsed.ok) return;
    expect([parsed.failure.code, parsed.failure.status]).toEqual([code, status]);
    expect(parsed.failure.request !== undefined).toBe(status !== undefined);
  });

  test("ERR4 a message beyond 64 KiB", () => {
    const parsed = parseMessage(`${head}${five}\r\n${"x".repeat(messageBytesMax)}`);
    expect(parsed).toMatchObject({ ok: false, failure: { code: "too-long" } });
  });

  test("RFC3261-25.1 a quoted control character is no reason", () => {
    const request = requestFrom(`${head}${five}Subject: "\\\x07\\\0"\r\n\r\n`);
    expect(headerOf(request, "subject")).toBe('"\\\x07\\\0"');
  });
});

describe("properties", () => {
  const name = fc.stringMatching(/^X-[A-Za-z0-9]{1,12}$/);
  const value = fc.stringMatching(/^[!-~]([ -~]{0,40}[!-~])?$/);
  const body = fc.string({ unit: "binary-ascii", maxLength: 200 });

  test("parse after serialize is the identity", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 20 }), body, (headers, content) => {
        const text = buildRequest({ method: "INFO", uri: "sip:b@b", headers, body: content });
        const request = requestFrom(text);
        expect(headerLines(request)).toEqual([
          ...headers.map(([header, text_]) => ({ name: header.toLowerCase(), value: text_ })),
          { name: "content-length", value: String(content.length) },
        ]);
        expect(request.body).toBe(content);
        const written = headerLines(request).slice(0, -1);
        const again = buildRequest({
          method: request.method,
          uri: request.uri,
          headers: written.map((line, index) => [headers[index]?.[0] ?? "", line.value]),
          body: request.body,
        });
        expect(again).toBe(text);
      }),
    );
  });

  test("DET2 no text throws, and every accessor takes what comes out", () => {
    const sample = sampleRequestText({ body: "v=0\r\n" });
    const pieces = fc.oneof(
      fc.constantFrom(...sample.split(/(?<=[ ;:,=<>"\r\n])/)),
      fc.constantFrom("\r\n", "\r\n\r\n", '"', "\\", "<", ">", ",", ";", "=", " ", "\0", "%", "@"),
      fc.string({ unit: "binary-ascii", maxLength: 8 }),
    );
    fc.assert(
      fc.property(
        fc.array(pieces, { maxLength: 40 }),
        fc.nat(sample.length),
        fc.nat(40),
        (inserted, at, removed) => {
          touch(sample.slice(0, at) + inserted.join("") + sample.slice(at + removed));
          touch(inserted.join(""));
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

/** Reads everything that can be read of a text. */
function touch(text: string): void {
  const parsed = parseMessage(text);
  const message = parsed.ok ? parsed.value : parsed.failure.request;
  if (message === undefined) return;
  const verdict = message.kind === "request" ? validateRequest(message) : validateResponse(message);
  const found = [viaOf(message), cseqOf(message), tagOf(message, "from"), callIdOf(message)];
  for (const line of headerLines(message)) found.push(...listOf(message, line.name));
  if (verdict.ok) expect(found.slice(0, 2)).not.toContain(undefined);
}

test("ERR4 what an answer would repeat is bounded: the message is dropped, and not answered", () => {
  const long = `<sip:${"b".repeat(4_200)}@b.example>`;
  const text = sampleRequestText().replace("<sip:bob@b.example>", long);
  const parsed = parseMessage(text);
  expect(parsed.ok ? "taken" : [parsed.failure.code, parsed.failure.request]).toEqual([
    "header-too-long",
    undefined,
  ]);
});
