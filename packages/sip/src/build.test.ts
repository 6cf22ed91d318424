import { expect, test } from "vitest";
import { buildRequest, buildResponse } from "./build.ts";
import { reasonPhrase } from "./reason-phrase.ts";
import { requestFrom, sampleRequest } from "./testing/samples.ts";

test("RFC3261-8.1.1 a request, names in their usual form, Content-Length last", () => {
  const text = buildRequest({
    method: "MESSAGE",
    uri: "sip:b@b",
    headers: [
      ["via", "SIP/2.0/UDP a"],
      ["call-id", "1"],
      ["X-Own", "x"],
      ["x-other-name", "y"],
    ],
    body: "h\xe9",
  });
  expect(text).toBe(
    "MESSAGE sip:b@b SIP/2.0\r\nVia: SIP/2.0/UDP a\r\n" +
      "Call-ID: 1\r\nX-Own: x\r\nX-Other-Name: y\r\n" +
      "Content-Length: 2\r\n\r\nh\xe9",
  );
});

test("A08 a line break in a value begins no header", () => {
  const text = buildRequest({
    method: "INFO",
    uri: "sip:b",
    headers: [["Subject", "a\r\nRoute: <sip:evil>\nX: y"]],
  });
  expect(text.split("\r\n")[1]).toBe("Subject: a  Route: <sip:evil> X: y");
});

test("RFC3261-8.2.6.2 a response copies Via, From, To, Call-ID and CSeq", () => {
  const request = requestFrom(
    "INVITE sip:b SIP/2.0\r\nVia: SIP/2.0/UDP a;rport;branch=z9hG4bK1, SIP/2.0/UDP b\r\n" +
      "v: SIP/2.0/TCP c\r\n" +
      "f: A <sip:a@a>;tag=1\r\nt: <sip:b@b>\r\ni: 7\r\nCSeq: 3 INVITE\r\nContact: <sip:a>\r\n\r\n",
  );
  const text = buildResponse(request, 200, {
    toTag: "t",
    headers: [["contact", "<sip:b>"]],
    body: "v=0\r\n",
    source: { host: "10.0.0.1", port: 7 },
  });
  expect(text.split("\r\n")).toEqual([
    "SIP/2.0 200 OK",
    "Via: SIP/2.0/UDP a;branch=z9hG4bK1;received=10.0.0.1;rport=7, SIP/2.0/UDP b",
    "Via: SIP/2.0/TCP c",
    "From: A <sip:a@a>;tag=1",
    "To: <sip:b@b>;tag=t",
    "Call-ID: 7",
    "CSeq: 3 INVITE",
    "Contact: <sip:b>",
    "Content-Type: application/sdp",
    "Content-Length: 5",
    "",
    "v=0",
    "",
  ]);
});

test.each([
  [100, undefined, "<sip:bob@b.example>"],
  [180, undefined, "<sip:bob@b.example>;tag=mine"],
  [200, "theirs", "<sip:bob@b.example>;tag=theirs"],
])("RFC3261-8.2.6.2 To of a %i to a request with tag %s", (status, toTag, to) => {
  const request = sampleRequest(toTag === undefined ? {} : { toTag });
  expect(buildResponse(request, status, { toTag: "mine" })).toContain(`\r\nTo: ${to}\r\n`);
});

test("RFC3261-21 reason phrases, also of codes that are not registered", () => {
  expect([180, 486, 603, 699, 499, 299].map(reasonPhrase)).toEqual([
    "Ringing",
    "Busy Here",
    "Decline",
    "Busy Everywhere",
    "Bad Request",
    "OK",
  ]);
});
