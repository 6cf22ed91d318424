import { checkObject, tokenClaimsSchema, type PublicKey, type TokenClaims } from "@tandem/cti";
import { importJWK, jwtVerify, errors, type CryptoKey } from "jose";
import type { Identity } from "@tandem/switch";

/**
 * Tokens, verified offline against the published keys of all Configuration Servers
 * (architecture.md, Edges). An expired one still says whose session it was, and may resume that.
 * A token that was good is known again: after a takeover every desktop comes at once with the one
 * that this node has seen before.
 */
export interface TokenVerifier {
  readonly setKeys: (keys: readonly PublicKey[]) => Promise<void>;
  readonly verify: (token: string) => Promise<Identity | null>;
}

export function createTokenVerifier(): TokenVerifier {
  let keys = new Map<string, CryptoKey>();
  /** By the token's text, oldest first. */
  const known = new Map<string, KnownToken>();
  function remember(token: string, identity: Identity | null, expiresAtMs: number): void {
    if (identity === null) return;
    known.set(token, { identity, expiresAtMs });
    if (known.size <= knownMax) return;
    for (const oldest of known.keys()) {
      known.delete(oldest);
      return;
    }
  }
  return {
    async setKeys(published) {
      const imported = new Map<string, CryptoKey>();
      for (const { kid, x } of published) {
        const key = await importJWK({ kty: "OKP", crv: "Ed25519", x }, "EdDSA");
        if (!(key instanceof Uint8Array)) imported.set(kid, key);
      }
      keys = imported;
      known.clear(); // the key that signed one may be gone
    },
    async verify(token) {
      const seen = known.get(token);
      if (seen !== undefined && Date.now() < seen.expiresAtMs) return seen.identity;
      const against = keys;
      try {
        const { payload } = await jwtVerify(token, (header) => keyOf(against, header.kid), {
          algorithms: ["EdDSA"],
        });
        const identity = identityOf(payload, false);
        // The keys may have changed meanwhile.
        if (keys === against) remember(token, identity, 1_000 * (payload.exp ?? 0));
        return identity;
      } catch (error) {
        // Its signature is good, as jose checks that first; only its time is over.
        if (error instanceof errors.JWTExpired) return identityOf(error.payload, true);
        return null; // no token of this deployment: the client is told so
      }
    },
  };
}

interface KnownToken {
  readonly identity: Identity;
  readonly expiresAtMs: number;
}

/** As many as there may be connections. */
const knownMax = 20_000;

function keyOf(keys: ReadonlyMap<string, CryptoKey>, kid: string | undefined): CryptoKey {
  const key = keys.get(kid ?? "");
  if (key === undefined) throw new Error("signed with a key that nobody published");
  return key;
}

function identityOf(payload: object, isExpired: boolean): Identity | null {
  const claims = checkObject<TokenClaims>({ ...payload }, tokenClaimsSchema);
  if (!claims.ok) return null;
  const { sub, role, agentLogins, dns } = claims.value;
  return { userName: sub, role, agentLogins, dns, isExpired };
}
