/**
 * DET2 for every reader of a header: whatever text comes, it gives a value or says that it cannot,
 * and what it gives reads the same when it is written again.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { ha1Of, ha2Of, verifyDigest } from "./digest/digest.ts";
import { parseAuthorization, parseChallenge } from "./digest/challenge.ts";
import { parseNameAddr, withoutTag } from "./name-addr.ts";
import { parseMessage } from "./parse.ts";
import { sampleRequestText } from "./testing/samples.ts";
import { validateRequest } from "./validate.ts";
import { parseVia, stampVia } from "./via.ts";

/** Pieces of which headers are made, and any characters between them. */
const pieces = fc
  .array(
    fc.oneof(
      fc.constantFrom("<", ">", '"', "\\", ";", ",", "=", ":", "@", "%41", "sip:", "tag=", " "),
      fc.constantFrom("SIP/2.0/UDP ", "branch=z9hG4bK1", "rport", "[::1]", "Digest ", "nonce="),
      fc.string({ maxLength: 6, unit: "binary" }).map((text) => text.replace(/[\r\n]/g, "")),
    ),
    { maxLength: 24 },
  )
  .map((parts) => parts.join(""));

test("name-addr: total, and what is without its tag has none", () => {
  fc.assert(
    fc.property(pieces, (text) => {
      const address = parseNameAddr(text);
      if (address === undefined) return;
      expect(parseNameAddr(withoutTag(text))?.params.has("tag")).toBe(false);
    }),
    { numRuns: 2_000 },
  );
});

test("Via: total, and a sound one stamped twice says the same", () => {
  fc.assert(
    fc.property(pieces, (text) => {
      parseVia(text);
      const whole = sampleRequestText().replace(/^Via: .*$/m, () => `Via: SIP/2.0/UDP a;x=${text}`);
      const stamped = stampVia(whole, "192.0.2.9", 5099);
      const parsed = parseMessage(whole);
      const isSound =
        parsed.ok && parsed.value.kind === "request" && validateRequest(parsed.value).ok;
      if (isSound) expect(stampVia(stamped, "192.0.2.9", 5099)).toBe(stamped);
    }),
    { numRuns: 2_000 },
  );
});

test("digest: total, and no credentials that chance makes are right", () => {
  const hash = (_: string, text: string): string => String(text.length).padStart(32, "0");
  const ha1 = ha1Of(hash, "MD5", "user", "realm", "secret");
  fc.assert(
    fc.property(pieces, (text) => {
      parseChallenge(`Digest ${text}`);
      const credentials = parseAuthorization(`Digest username="user", ${text}`);
      if (credentials === undefined) return;
      const ha2 = ha2Of(hash, "MD5", "REGISTER", credentials.uri);
      expect(verifyDigest(hash, credentials, { ha1, ha2 })).toBe(false);
    }),
    { numRuns: 2_000 },
  );
});

test("a message with any text for a header is taken, refused, or answered with a status", () => {
  const names = ["Via", "From", "To", "Contact", "CSeq", "Route", "Content-Length", "Max-Forwards"];
  fc.assert(
    fc.property(fc.constantFrom(...names), pieces, (name, text) => {
      const whole = sampleRequestText().replace("\r\n", `\r\n${name}: ${text}\r\n`);
      const parsed = parseMessage(whole);
      if (!parsed.ok || parsed.value.kind !== "request") return;
      const valid = validateRequest(parsed.value);
      if (!valid.ok) expect(valid.failure.status).toBeGreaterThanOrEqual(400);
    }),
    { numRuns: 2_000 },
  );
});
