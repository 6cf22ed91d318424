import { headersOf, parseChallenge, type SipResponse } from "@tandem/sip";
import { nextHex } from "@tandem/kernel";
import type { TrunkConfig } from "../config.ts";
import type { Effect } from "../effect.ts";
import { newIdentifier, type Turn } from "../turn.ts";

/**
 * Credentials of a trunk (RFC 7616): bound to the trunk and to its realm, so that no other next hop
 * and no other challenge ever gets an answer made with them. The machine keeps no secret: effect
 * `sign` asks the edge, and input `signed` brings the header.
 */
export interface Challenge {
  readonly value: string;
  /** `Authorization` or `Proxy-Authorization`. */
  readonly header: string;
}

export type Signing =
  | {
      readonly kind: "register";
      readonly trunk: string;
      readonly method: "REGISTER";
      readonly uri: string;
    }
  | {
      readonly kind: "invite";
      readonly trunk: string;
      readonly method: "INVITE";
      readonly uri: string;
      readonly call: string;
      readonly leg: number;
      /** The INVITE as it was sent. */
      readonly text: string;
    };

/** A challenge whose answer the edge is making: `effect` asks for it. */
export interface PendingSigning {
  readonly signing: Signing;
  readonly header: string;
  readonly effect: Extract<Effect, { kind: "sign" }>;
}

/** The challenge that this trunk's credentials are for; null when it is for somebody else's. */
export function credentialsFor(config: TrunkConfig, response: SipResponse): Challenge | null {
  const { credentials } = config;
  if (credentials === undefined) return null;
  const challenges = [
    ...headersOf(response, "www-authenticate").map((value) => ({ value, header: "Authorization" })),
    ...headersOf(response, "proxy-authenticate").map((value) => ({
      value,
      header: "Proxy-Authorization",
    })),
  ];
  const fitting = challenges.flatMap(({ value, header }) => {
    const parsed = parseChallenge(value);
    if (parsed === undefined || parsed.realm !== credentials.realm) return [];
    return [{ value, header, algorithm: parsed.algorithm }];
  });
  const strong = fitting.find(({ algorithm }) => algorithm === "SHA-256");
  const plain = fitting.find(({ algorithm }) => algorithm === "MD5");
  return (credentials.hasSha256 ? strong : undefined) ?? plain ?? null;
}

export function wantSignature(
  turn: Turn,
  config: TrunkConfig,
  challenge: Challenge,
  signing: Signing,
): void {
  if (turn.state.signings.size >= signingsMax) return;
  const id = newIdentifier(turn);
  const effect = {
    kind: "sign",
    id,
    trunk: config.name,
    challenge: challenge.value,
    method: signing.method,
    uri: signing.uri,
    cnonce: nextHex(turn.random, 16),
    nonceCount: 1,
  } as const;
  turn.state.signings.set(id, { signing, header: challenge.header, effect });
  turn.effects.push(effect);
}

/** After a takeover: the edge that was asked is gone. */
export function askAgain(turn: Turn): void {
  for (const { effect } of turn.state.signings.values()) turn.effects.push(effect);
}

const signingsMax = 10_000;
