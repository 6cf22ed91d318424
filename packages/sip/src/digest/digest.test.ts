import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { buildChallenge, parseAuthorization, parseChallenge } from "./challenge.ts";
import {
  buildAuthorization,
  chooseChallenge,
  digestResponse,
  ha1Of,
  type HashFunction,
  ha2Of,
  verifyDigest,
} from "./digest.ts";

const hash: HashFunction = (algorithm, text) =>
  createHash(algorithm === "MD5" ? "md5" : "sha256")
    .update(text, "latin1")
    .digest("hex");

const rfc7616 = {
  user: "Mufasa",
  realm: "http-auth@example.org",
  password: "Circle of Life",
  method: "GET",
  uri: "/dir/index.html",
  nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
  cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
};
const rfc2617 = {
  user: "Mufasa",
  realm: "testrealm@host.com",
  password: "Circle Of Life",
  method: "GET",
  uri: "/dir/index.html",
  nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093",
  cnonce: "0a4f113b",
};

describe("printed answers", () => {
  test.each([
    ["RFC7616-3.9.1 MD5", "MD5", rfc7616, "8ca523f5e9506fed4657c9700eebdbec"],
    [
      "RFC7616-3.9.1 SHA-256",
      "SHA-256",
      rfc7616,
      "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
    ],
    ["RFC2617-3.5 MD5", "MD5", rfc2617, "6629fae49393a05397450978507c4ef1"],
  ] as const)("%s", (_rule, algorithm, given, response) => {
    const ha1 = ha1Of(hash, algorithm, given.user, given.realm, given.password);
    const parts = { ...given, algorithm, ha1, nc: "00000001", qop: "auth" } as const;
    expect(digestResponse(hash, parts)).toBe(response);
    const challenge = buildChallenge({ ...given, algorithm, qop: "auth" });
    const credentials = parseAuthorization(
      buildAuthorization(hash, challenge, { ...given, nc: 1 }),
    );
    expect(credentials).toEqual({
      username: given.user,
      realm: given.realm,
      nonce: given.nonce,
      uri: given.uri,
      response,
      algorithm,
      qop: "auth",
      cnonce: given.cnonce,
      nc: "00000001",
    });
    if (credentials === undefined) return;
    const ha2 = ha2Of(hash, algorithm, given.method, given.uri);
    expect(verifyDigest(hash, credentials, { ha1, ha2 })).toBe(true);
    const other = ha2Of(hash, algorithm, "POST", given.uri);
    expect(verifyDigest(hash, credentials, { ha1, ha2: other })).toBe(false);
    expect(verifyDigest(hash, credentials, { ha1: `${ha1}0`, ha2 })).toBe(false);
  });
});

describe("RFC7616-3.3 challenges", () => {
  test("what is built is read", () => {
    const parts = {
      realm: 'a "quoted\\" one',
      nonce: "n",
      algorithm: "SHA-256",
      qop: "auth",
    } as const;
    expect(parseChallenge(buildChallenge(parts))).toEqual({ ...parts, isStale: false });
    expect(parseChallenge(buildChallenge({ ...parts, stale: true, opaque: "o" }))).toEqual({
      ...parts,
      isStale: true,
      opaque: "o",
    });
  });

  test.each([
    ['digest  realm="r",nonce="n" , QOP="auth-int, AUTH"', { algorithm: "MD5", qop: "auth" }],
    ['Digest realm="r", nonce="n"', { algorithm: "MD5" }],
    [
      "Digest realm=r, nonce=bm9uY2U=, algorithm=md5, stale=TRUE",
      { nonce: "bm9uY2U=", isStale: true },
    ],
  ])("%s", (value, fields) => {
    expect(parseChallenge(value)).toMatchObject(fields);
  });

  test.each([
    "Basic realm=r",
    "Digest",
    'Digest realm="r"',
    'Digest realm="r", nonce="n", nonce="m"',
    'Digest realm="r", nonce="n", qop="auth-int"',
    'Digest realm="r", nonce="n", algorithm=SHA-512-256',
    'Digest realm="r", nonce="n", algorithm=MD5-sess',
    'Digest realm="r", nonce="n',
    'Digest realm="r" nonce="n"',
    'Digest realm="r", nonce="n",',
    "Digest ,",
    'DigestX realm="r", nonce="n"',
  ])("%s is none that can be answered", (value) => {
    expect(parseChallenge(value)).toBeUndefined();
    const none = { user: "u", password: "p", method: "M", uri: "sip:a", cnonce: "c", nc: 1 };
    expect(buildAuthorization(hash, value, none)).toBe("");
  });

  test("RFC8760-2.4 the first one that is understood", () => {
    const values = [
      'Digest realm="r", nonce="n", algorithm=SHA-512-256',
      'Digest realm="r", nonce="m"',
    ];
    expect(chooseChallenge(values)).toBe(values[1]);
    expect(chooseChallenge([])).toBeUndefined();
  });
});

describe("RFC7616-3.4 credentials", () => {
  const sound =
    'Digest username="u", realm="r", nonce="n", uri="sip:a", ' +
    'response="0123456789ABCDEF0123456789abcdef", ' +
    "qop=auth, nc=0000000a, cnonce=c";

  test("a sound one, the response in lower case", () => {
    expect(parseAuthorization(sound)).toMatchObject({
      response: "0123456789abcdef0123456789abcdef",
      nc: "0000000a",
    });
  });

  test.each([
    ["a username missing", 'username="u", ', ""],
    ["a response too short", "0123456789ABCDEF", "01"],
    ["a response of another alphabet", "ABCDEF", "ghijkl"],
    ["SHA-256 with a response of MD5", "qop=auth", "algorithm=SHA-256, qop=auth"],
    ["qop without cnonce", ", cnonce=c", ""],
    ["qop with an empty cnonce", "cnonce=c", 'cnonce=""'],
    ["qop without nc", "nc=0000000a, ", ""],
    ["nc of nine digits", "nc=0000000a", "nc=00000000a"],
    ["auth-int", "qop=auth", "qop=auth-int"],
    ["A05 a parameter twice", "qop=auth", 'username="admin", qop=auth'],
    ["a comma too many", ", realm", ",, realm"],
  ])("%s is worth nothing", (_what, from, to) => {
    expect(parseAuthorization(sound.replace(from, to))).toBeUndefined();
  });
});
