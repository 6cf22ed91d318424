/** Registers a phone for a DN, its user proven, so that calls to the DN go to the address. */
import { buildRequest } from "@tandem/sip";
import type { Address, Subject } from "./subject.ts";

let count = 0;

export function bindPhone(subject: Subject, dn: string, at: Address, seconds = 3_600): void {
  count += 1;
  const user = encodeURIComponent(dn).replace(
    /[()!*']/g,
    (c) => `%${c.charCodeAt(0).toString(16)}`,
  );
  const text = buildRequest({
    method: "REGISTER",
    uri: "sip:127.0.1.10",
    headers: [
      ["Via", `SIP/2.0/${at.transport} ${at.host}:${at.port};branch=z9hG4bKbind${count};rport`],
      ["Max-Forwards", "70"],
      ["From", `<sip:${user}@127.0.1.10>;tag=bind`],
      ["To", `<sip:${user}@127.0.1.10>`],
      ["Call-ID", `bind-${count}`],
      ["CSeq", "1 REGISTER"],
      ["Contact", `<sip:${user}@${at.host}:${at.port}>`],
      ["Expires", String(seconds)],
    ],
  });
  subject.receiveFrom(at, text, dn);
  subject.take(({ to, message }) => to.host === at.host && message.kind === "response");
}
