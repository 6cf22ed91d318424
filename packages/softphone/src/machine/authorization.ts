/**
 * The phone's side of digest authentication (RFC 3261 §22). A challenge is answered once or twice a
 * request, only with an account, and only to that account's or another account's registrar: whoever
 * calls us must not get an answer by challenging our BYE (attack class A04).
 */
import { nextHex } from "@tandem/kernel";
import {
  buildAuthorization,
  chooseChallenge,
  headersOf,
  type HeaderPair,
  parseChallenge,
  type SipResponse,
} from "@tandem/sip";
import type { Credentials } from "./phone-state.ts";
import type { Account, Address } from "./settings.ts";
import type { Turn } from "./turn.ts";

/** The account, when its credentials may be shown at this address. */
export function accountFor(
  turn: Turn,
  account: number | null,
  target: Address,
): Account | undefined {
  const { accounts } = turn.state.settings;
  const isRegistrar = accounts.some(({ registrar }) => registrar.host === target.host);
  return account === null || !isRegistrar ? undefined : accounts[account];
}

/**
 * Takes the challenge of a 401 or 407 into the account's credentials. False when there is none to
 * answer, or when it refuses what was just answered (the same nonce, not stale).
 */
export function takeChallenge(turn: Turn, account: number, response: SipResponse): boolean {
  const registration = turn.state.registrations[account];
  if (registration === undefined) return false;
  const isProxy = response.status === 407;
  const challenge = chooseChallenge(
    headersOf(response, isProxy ? "proxy-authenticate" : "www-authenticate"),
  );
  const parsed = challenge === undefined ? undefined : parseChallenge(challenge);
  if (challenge === undefined || parsed === undefined) return false;
  const last = registration.credentials;
  const lastNonce = last === null ? undefined : parseChallenge(last.challenge)?.nonce;
  const header = isProxy ? "proxy-authorization" : "authorization";
  const isSame = last !== null && last.header === header && lastNonce === parsed.nonce;
  if (isSame && last.nonceCount > 0 && !parsed.isStale) return false;
  registration.credentials = { challenge, header, nonceCount: 0 };
  return true;
}

/** The header that answers the account's last challenge for one request; none before the first. */
export function authorizationFor(
  turn: Turn,
  account: number | null,
  target: Address,
  method: string,
  uri: string,
): readonly HeaderPair[] {
  const settings = accountFor(turn, account, target);
  if (account === null || settings === undefined) return [];
  const credentials: Credentials | null | undefined =
    turn.state.registrations[account]?.credentials;
  if (credentials === null || credentials === undefined) return [];
  credentials.nonceCount += 1;
  const value = buildAuthorization(turn.context.hash, credentials.challenge, {
    user: settings.authUser,
    password: settings.password,
    method,
    uri,
    cnonce: nextHex(turn.context.random, 16),
    nc: credentials.nonceCount,
  });
  return value === "" ? [] : [[credentials.header, value]];
}
