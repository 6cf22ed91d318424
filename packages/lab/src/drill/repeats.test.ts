import { expect, test } from "vitest";
import { Repeats } from "./repeats.ts";

function request(method: string, branch: string): string {
  return `${method} sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=${branch};rport\r\n\r\n`;
}

test("a message that is sent again is counted, while it is counted at all", () => {
  const repeats = new Repeats();
  repeats.onTrace("out", null, request("BYE", "z1"));
  repeats.begin();
  repeats.onTrace("out", null, request("BYE", "z1"));
  repeats.onTrace("out", null, request("BYE", "z1"));
  repeats.onTrace("in", null, request("BYE", "z1"));
  repeats.onTrace("out", null, request("INVITE", "z2"));
  repeats.onTrace("out", null, "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z2\r\n\r\n");
  expect(repeats.end()).toBe(1);
  repeats.onTrace("out", null, request("INVITE", "z2"));
  expect(repeats.end()).toBe(1);
});
