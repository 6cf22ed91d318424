import { expect, test } from "vitest";
import { requestFrom, responseFrom, sampleRequestText } from "./testing/samples.ts";
import { validateRequest, validateResponse } from "./validate.ts";

const sound = sampleRequestText();

/** The verdict on the sample with one text replaced. */
function verdict(from: string | RegExp, to: string): string {
  const result = validateRequest(requestFrom(sound.replace(from, to)));
  return result.ok ? "ok" : `${result.failure.status} ${result.failure.detail}`;
}

test.each<[string, string | RegExp, string, string]>([
  ["RFC3261-8.1.1 a sound one", "", "", "ok"],
  ["RFC3261-21.5.6 another version", "SIP/2.0\r\n", "SIP/3.0\r\n", "505 SIP/3.0"],
  ["RFC3261-8.1.1 no Via", /^Via.*\r\n/m, "", "400 no Via"],
  ["RFC3261-8.1.1 no From", /^From.*\r\n/m, "", "400 no From"],
  ["RFC3261-8.1.1 no To", /^To.*\r\n/m, "", "400 no To"],
  ["RFC3261-8.1.1 no Call-ID", /^Call-ID.*\r\n/m, "", "400 no Call-ID"],
  ["RFC3261-8.1.1 no CSeq", /^CSeq.*\r\n/m, "", "400 no CSeq"],
  ["RFC2543 no Max-Forwards", /^Max-Forwards.*\r\n/m, "", "ok"],
  ["RFC4475-3.3.8 two From", "To:", "f: <sip:x@x>;tag=2\r\nTo:", "400 two From"],
  ["RFC4475-3.3.8 two Call-ID", "To:", "i: 2\r\nTo:", "400 two Call-ID"],
  ["RFC4475-3.3.8 two Expires", "To:", "Expires: 1\r\nexpires: 2\r\nTo:", "400 two Expires"],
  ["lists may be repeated", "To:", "Allow: A\r\nAllow: B\r\nTo:", "ok"],
  ["RFC3261-20.22 Max-Forwards 256", ": 70", ": 256", "400 Max-Forwards is wrong"],
  ["RFC3261-20.22 Max-Forwards -1", ": 70", ": -1", "400 Max-Forwards is wrong"],
  ["RFC4475-3.1.1.1 Max-Forwards 0068", ": 70", ": 0068", "ok"],
  ["RFC4475-3.3.11 Max-Forwards 0", ": 70", ": 0", "ok"],
  [
    "RFC4475-3.1.2.17 CSeq of another method",
    "1 INVITE",
    "1 invite",
    "400 CSeq names another method",
  ],
  ["RFC3261-8.1.1.5 CSeq of 2^31", "1 INVITE", "2147483648 INVITE", "400 CSeq is wrong"],
  ["RFC3261-8.1.1.5 the largest CSeq", "1 INVITE", "2147483647 INVITE", "ok"],
  ["RFC3261-20.16 CSeq without a space", "1 INVITE", "1INVITE", "400 CSeq is wrong"],
  ["RFC3261-20.8 Call-ID with a blank", "call-1", "call 1", "400 Call-ID is wrong"],
  ["RFC3261-20.42 Via", "UDP a.example", "UDP a.example x", "400 Via is wrong"],
  ["RFC4475-3.1.2.1 Via parameters", ";rport", ";;,;,,", "400 Via is wrong"],
  ["RFC4475-3.2.1 an empty branch", "z9hG4bK1", "z9hG4bK", "400 Via branch is empty"],
  ["RFC2543 no branch", ";branch=z9hG4bK1", "", "ok"],
  ["RFC2543 no From tag", ";tag=alice-1", "", "ok"],
  ["RFC4475-3.1.2.6 an open quote", "<sip:bob", '"bob <sip:bob', "400 To is wrong"],
  ["two tags", ";tag=alice-1", ";tag=1;tag=2", "400 From is wrong"],
  [
    "RFC4475-3.1.2.14 blanks in brackets",
    "<sip:bob@b.example>",
    "< sip:bob@b >",
    "400 To is wrong",
  ],
  ["RFC4475-3.3.4 schemes of others", "<sip:bob@b.example>", "<isbn:2983792873>", "ok"],
  [
    "RFC4475-3.1.2.7 brackets",
    "INVITE sip:bob@b.example",
    "INVITE <sip:bob@b>",
    "400 Request-URI is wrong",
  ],
  [
    "RFC5118-4.2 a bare IPv6",
    "sip:bob@b.example S",
    "sip:2001:db8::10 S",
    "400 Request-URI is wrong",
  ],
  ["RFC4475-3.3.2 an unknown scheme", "sip:bob@b.example S", "nobody:x S", "ok"],
  ["no scheme", "sip:bob@b.example S", "bob S", "400 Request-URI is wrong"],
  [
    "RFC4475-3.1.2.11 headers",
    "sip:bob@b.example S",
    "sip:b@b?Route=x S",
    "400 headers in Request-URI",
  ],
  ["RFC4475-3.1.1.2 a ? in the user", "sip:bob@b.example S", "sip:b?,/;@b S", "ok"],
  ["RFC4475-3.1.2.13 Contact", "<sip:alice@a.example:5062>", "sip:a@a?x=y", "400 Contact is wrong"],
  ["Contact *", "<sip:alice@a.example:5062>", "*", "ok"],
  ["an empty Contact element", "Contact: ", "Contact: <sip:a@a>,,", "400 Contact is wrong"],
  ["RFC3261-20.34 Route", "To:", "Route: b\r\nTo:", "400 Route is wrong"],
  ["ERR4 routes", "To:", `Route: ${"<sip:r;lr>,".repeat(40)}<sip:r>\r\nTo:`, "400 too many Route"],
  ["ERR4 Contact", "To:", `m: ${"<sip:a>,".repeat(80)}<sip:a>\r\nTo:`, "400 too many Contact"],
  [
    "ERR4 Via",
    "To:",
    `Via: ${"SIP/2.0/UDP a,".repeat(80)}SIP/2.0/UDP a\r\nTo:`,
    "400 too many Via",
  ],
])("%s", (_rule, from, to, expected) => {
  expect(verdict(from, to)).toBe(expected);
});

test.each([
  ["RFC3261-8.1.3.3 a sound one", "1 INVITE", true],
  ["RFC4475-3.1.2.5 scalars too large", "9292394834772304023312 OPTIONS", false],
])("%s", (_rule, cseq, isOk) => {
  const response = responseFrom(
    `SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a\r\nFrom: <sip:a@a>;tag=1\r\nTo: <sip:b@b>\r\n` +
      `Call-ID: 1\r\nCSeq: ${cseq}\r\n\r\n`,
  );
  expect(validateResponse(response).ok).toBe(isOk);
});

test("a response may carry its tag twice, but no address that cannot be read", () => {
  const answer = (to: string): ReturnType<typeof validateResponse> =>
    validateResponse(
      responseFrom(
        [
          "SIP/2.0 200 OK",
          "Via: SIP/2.0/UDP a.example;branch=z9hG4bK1",
          "From: <sip:a@a.example>;tag=1",
          `To: ${to}`,
          "Call-ID: 1",
          "CSeq: 1 INVITE\r\n\r\n",
        ].join("\r\n"),
      ),
    );
  expect(answer("<sip:b@b.example>;tag=2;tag=2").ok).toBe(true);
  expect(answer("<sip:b@b.example:x>;tag=2").ok).toBe(false);
});

test.each(["sip:noone@", "other:noone@"])(
  "a Contact %s… that fits no start line is refused",
  (uri) => {
    const contact = `<${uri}${"a.".repeat(1_000)}a>`;
    const text = sampleRequestText().replace("<sip:alice@a.example:5062>", contact);
    expect(validateRequest(requestFrom(text))).toMatchObject({ failure: { status: 400 } });
  },
);
