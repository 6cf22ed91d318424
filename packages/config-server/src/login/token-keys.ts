/**
 * Tokens: EdDSA JWTs (RFC 8037), signed with this server's own Ed25519 key, good wherever its
 * public half is in the configuration, so at both sites. The private half is a JWK file of the
 * process (mode 0600), the public one a configuration object; `/jwks.json` publishes all of them.
 */
import { readFileSync } from "node:fs";
import {
  type ApplicationObject,
  type PublicKey,
  type TokenClaims,
  checkObject,
  tokenClaimsSchema,
} from "@tandem/cti";
import { type Result, fail, ok } from "@tandem/kernel";
import {
  type CryptoKey,
  SignJWT,
  calculateJwkThumbprint,
  errors,
  exportJWK,
  generateKeyPair,
  importJWK,
  jwtVerify,
} from "jose";
import * as z from "zod";

/** A key pair as it stands in the file. */
export interface TokenKey {
  readonly kid: string;
  /** base64url of the 32 public bytes. */
  readonly x: string;
  /** base64url of the 32 private bytes. */
  readonly d: string;
}

const base64url32 = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const tokenKeySchema = z.object({
  kty: z.literal("OKP"),
  crv: z.literal("Ed25519"),
  kid: z.string().min(1).max(128),
  x: base64url32,
  d: base64url32,
});

/** A new pair, named by its thumbprint (RFC 7638). */
export async function generateTokenKey(): Promise<TokenKey> {
  const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  const jwk = await exportJWK(privateKey);
  return { kid: await calculateJwkThumbprint(jwk), x: jwk.x ?? "", d: jwk.d ?? "" };
}

/** The file's text. */
export function tokenKeyText({ kid, x, d }: TokenKey): string {
  return `${JSON.stringify({ kty: "OKP", crv: "Ed25519", kid, x, d })}\n`;
}

/** Fails with a sentence. */
export function readTokenKey(file: string): Result<TokenKey, string> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const why = error instanceof SyntaxError ? "is not JSON" : "cannot be read";
    return fail(`${file}: ${why}; make a key with: tandem config key --out FILE`);
  }
  const parsed = tokenKeySchema.safeParse(value);
  if (!parsed.success) return fail(`${file}: is no private Ed25519 JWK with a kid`);
  return ok(parsed.data);
}

export interface TokenSigner {
  readonly key: PublicKey;
  readonly sign: (claims: Omit<TokenClaims, "iss">) => Promise<string>;
}

/** `issuer`: the server's Application. */
export async function createTokenSigner(issuer: string, key: TokenKey): Promise<TokenSigner> {
  const { kid, x, d } = key;
  const secret = await importJWK({ kty: "OKP", crv: "Ed25519", x, d }, "EdDSA");
  return {
    key: { kid, x },
    sign: (claims) =>
      new SignJWT({ ...claims, iss: issuer })
        .setProtectedHeader({ alg: "EdDSA", kid, typ: "JWT" })
        .sign(secret),
  };
}

export type TokenVerdict =
  | { readonly kind: "good"; readonly claims: TokenClaims }
  | { readonly kind: "expired" }
  | { readonly kind: "invalid" };

export interface TokenVerifier {
  readonly verify: (token: string) => Promise<TokenVerdict>;
}

export async function createTokenVerifier(keys: readonly PublicKey[]): Promise<TokenVerifier> {
  const imported = new Map<string, CryptoKey>();
  for (const { kid, x } of keys) {
    const key = await importJWK({ kty: "OKP", crv: "Ed25519", x }, "EdDSA");
    if (!(key instanceof Uint8Array)) imported.set(kid, key);
  }
  return {
    async verify(token) {
      try {
        const { payload } = await jwtVerify(
          token,
          ({ kid = "" }) => {
            const key = imported.get(kid);
            if (key === undefined) throw new errors.JWKSNoMatchingKey();
            return key;
          },
          { algorithms: ["EdDSA"] },
        );
        const claims = checkObject({ ...payload }, tokenClaimsSchema);
        return claims.ok ? { kind: "good", claims: claims.value } : { kind: "invalid" };
      } catch (error) {
        if (error instanceof errors.JWTExpired) return { kind: "expired" };
        if (error instanceof errors.JOSEError) return { kind: "invalid" };
        throw error;
      }
    },
  };
}

export function publicKeysOf(applications: readonly ApplicationObject[]): readonly PublicKey[] {
  return applications.flatMap(({ publicKeys }) => publicKeys ?? []);
}
