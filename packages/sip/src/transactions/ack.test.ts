import { expect, test } from "vitest";
import { buildResponse } from "../build.ts";
import { responseFrom, sampleRequest, sampleRequestText } from "../testing/samples.ts";
import { ackForFailure, cancelFor } from "./ack.ts";
import { clientKey, inviteKeyOf, serverKey } from "./key.ts";

const parts = { cseq: 4, headers: [["Route", "<sip:p1;lr>, <sip:p2;lr>"]] as const, body: "v=0" };
const response = responseFrom(buildResponse(sampleRequest(parts), 486, { toTag: "bob-1" }));
const common = [
  "Via: SIP/2.0/UDP a.example:5060;branch=z9hG4bK1;rport",
  'From: "Alice" <sip:alice@a.example>;tag=alice-1',
];
const end = ["Max-Forwards: 70", "Route: <sip:p1;lr>, <sip:p2;lr>", "Content-Length: 0", "", ""];

test("RFC3261-17.1.1.3 the ACK of a failure", () => {
  const ack = ackForFailure(sampleRequestText(parts), response);
  expect(ack.split("\r\n")).toEqual([
    "ACK sip:bob@b.example SIP/2.0",
    ...common,
    "To: <sip:bob@b.example>;tag=bob-1",
    "Call-ID: call-1@a.example",
    "CSeq: 4 ACK",
    ...end,
  ]);
  expect(
    ackForFailure(
      sampleRequest(parts),
      buildResponse(sampleRequest(parts), 486, { toTag: "bob-1" }),
    ),
  ).toBe(ack);
  expect(ackForFailure("nonsense", response)).toBe("");
});

test("RFC3261-9.1 CANCEL", () => {
  expect(cancelFor(sampleRequestText(parts)).split("\r\n")).toEqual([
    "CANCEL sip:bob@b.example SIP/2.0",
    ...common,
    "To: <sip:bob@b.example>",
    "Call-ID: call-1@a.example",
    "CSeq: 4 CANCEL",
    ...end,
  ]);
});

test("RFC3261-17.2.3 an ACK and a CANCEL find their INVITE", () => {
  const invite = sampleRequest();
  expect(serverKey(sampleRequest({ method: "ACK" }))).toBe(serverKey(invite));
  expect(serverKey(sampleRequest({ method: "CANCEL" }))).not.toBe(serverKey(invite));
  expect(inviteKeyOf(sampleRequest({ method: "CANCEL" }))).toBe(serverKey(invite));
  expect(serverKey(sampleRequest({ branch: "z9hG4bK2" }))).not.toBe(serverKey(invite));
});

test("RFC3261-17.2.3 an element of RFC 2543 is known by its fields", () => {
  const legacy = { branch: "1" };
  const invite = serverKey(sampleRequest(legacy));
  expect(serverKey(sampleRequest({ ...legacy, method: "ACK", toTag: "bob-1" }))).toBe(invite);
  expect(serverKey(sampleRequest({ ...legacy, cseq: 2 }))).not.toBe(invite);
  expect(serverKey(sampleRequest({ ...legacy, uri: "sip:c@b" }))).not.toBe(invite);
});

test("RFC3261-17.1.3 a response finds its request", () => {
  expect(clientKey(response)).toBe(clientKey(sampleRequest(parts)));
  const cancel = sampleRequest({ method: "CANCEL" });
  expect(clientKey(responseFrom(buildResponse(cancel, 200)))).not.toBe(clientKey(response));
});
