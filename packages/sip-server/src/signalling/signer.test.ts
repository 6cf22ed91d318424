import { ha2Of, parseAuthorization, verifyDigest } from "@tandem/sip";
import { describe, expect, test } from "vitest";
import { digestHash } from "./screen.ts";
import { sign } from "./signer.ts";

const md5 = digestHash("MD5", "tandem:carrier.example:secret");
const sha256 = digestHash("SHA-256", "tandem:carrier.example:secret");
const secrets = new Map([["carrier", { user: "tandem", md5, sha256 }]]);
const wanted = {
  kind: "sign",
  id: "1",
  trunk: "carrier",
  method: "INVITE",
  uri: "sip:0123@carrier.example",
  cnonce: "abc",
  nonceCount: 1,
} as const;

describe("signatures for a carrier", () => {
  test.each([
    ["MD5", md5],
    ["SHA-256", sha256],
  ] as const)("%s, as the carrier checks it", (algorithm, ha1) => {
    const challenge = `Digest realm="carrier.example", nonce="n", algorithm=${algorithm}, qop="auth"`;
    const { value } = sign({ ...wanted, challenge }, secrets);
    const credentials = parseAuthorization(value ?? "");
    if (credentials === undefined) throw new Error(`no credentials: ${value}`);
    const ha2 = ha2Of(digestHash, algorithm, "INVITE", credentials.uri);
    expect(verifyDigest(digestHash, credentials, { ha1, ha2 })).toBe(true);
  });

  test.each([
    ["another trunk", { ...wanted, trunk: "other", challenge: 'Digest realm="r", nonce="n"' }],
    ["what is no challenge", { ...wanted, challenge: "Basic realm=x" }],
  ])("%s: none", (_, effect) => {
    expect(sign(effect, secrets)).toEqual({ kind: "signed", id: "1", value: null });
  });
});
