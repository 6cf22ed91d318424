import type { FlowTarget } from "@tandem/switch";
import { expect, test } from "vitest";
import { createLargeRequests } from "./large-request.ts";

const phone: FlowTarget = { transport: "UDP", name: "", host: "192.0.2.7", port: 5062 };
const request = (bytes: number): string => {
  const head = "INVITE sip:1@192.0.2.7 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=b\r\n\r\n";
  return head + "x".repeat(bytes - head.length);
};

test("RFC 3261 §18.1.1: above 1,300 bytes a request goes over TCP, and its Via says so", () => {
  const large = createLargeRequests();
  expect(large.overTcp(phone, request(1_300), 0)).toBeNull();
  const over = large.overTcp(phone, request(1_301), 0);
  expect(over?.target).toEqual({ transport: "TCP", name: "", host: "192.0.2.7", port: 5062 });
  expect(over?.text.split("\r\n")[1]).toBe("Via: SIP/2.0/TCP 192.0.2.1:5060;branch=b");
});

test("responses, and what goes over connections, stay as they are", () => {
  const large = createLargeRequests();
  expect(large.overTcp(phone, `SIP/2.0 200 OK\r\n${"x".repeat(2_000)}`, 0)).toBeNull();
  expect(large.overTcp({ ...phone, transport: "TLS" }, request(2_000), 0)).toBeNull();
});

test("who did not answer over TCP gets datagrams for five minutes", () => {
  const large = createLargeRequests();
  large.remember(phone, 1_000);
  expect(large.overTcp(phone, request(2_000), 300_999)).toBeNull();
  expect(large.overTcp({ ...phone, port: 1 }, request(2_000), 2_000)).not.toBeNull();
  expect(large.overTcp(phone, request(2_000), 301_000)).not.toBeNull();
});
