/**
 * Registrations (RFC 3261 §10.2), one machine an account, each for itself.
 *
 *   idle ─start─▶ registering ──2xx──▶ registered ──90 % of the expiry──▶ registering
 *                   │ 401, 407, 423: again, changed
 *                   └─anything else, no answer──▶ waiting ──retry──▶ registering
 *   stop: registering, registered ──▶ unregistering ──any answer──▶ idle
 */
import {
  buildRequest,
  cseqOf,
  headerOf,
  listOf,
  parseDecimal,
  parseNameAddr,
  parseUri,
  type SipResponse,
} from "@tandem/sip";
import { authorizationFor, takeChallenge } from "./authorization.ts";
import type { PhoneReport } from "./phone-event.ts";
import type { Registration } from "./phone-state.ts";
import { authTriesMax, renewPercent } from "./settings.ts";
import { startClient } from "./transactions.ts";
import {
  arm,
  contactFor,
  disarm,
  newBranch,
  newCallId,
  newTag,
  report,
  type Turn,
  viaFor,
} from "./turn.ts";

/** Every account registers. */
export function startRegistrations(turn: Turn): void {
  const { accounts } = turn.state.settings;
  for (let account = turn.state.registrations.length; account < accounts.length; account += 1) {
    turn.state.registrations.push({
      account,
      callId: newCallId(turn),
      fromTag: newTag(turn),
      cseq: 0,
      phase: { kind: "idle" },
      credentials: null,
      expiresSeconds: accounts[account]?.expiresSeconds ?? 0,
    });
  }
  for (const registration of turn.state.registrations) register(turn, registration);
}

/** A renewal or a retry is due, or was asked for. */
export function registerAgain(turn: Turn, account: number): void {
  const registration = turn.state.registrations[account];
  if (registration !== undefined) register(turn, registration);
}

/** Takes back what is registered, and forgets what waits. */
export function stopRegistrations(turn: Turn): void {
  for (const registration of turn.state.registrations) {
    disarm(turn, renewKey(registration));
    const { kind } = registration.phase;
    if (kind === "registered" || kind === "registering") {
      registration.phase = { kind: "unregistering", authTries: 0 };
      sendRegister(turn, registration, 0);
    } else {
      registration.phase = { kind: "idle" };
    }
  }
}

/** The connection to a registrar is gone: what was registered over it is registered anew. */
export function onRegistrarLost(turn: Turn, account: number): void {
  const registration = turn.state.registrations[account];
  if (registration?.phase.kind !== "registered") return;
  fail(turn, registration, { reason: "transport" }, 0);
}

export function onRegisterResponse(turn: Turn, account: number, response: SipResponse): void {
  const registration = turn.state.registrations[account];
  // An answer to a request before the last one is of no interest.
  if (registration === undefined || cseqOf(response)?.number !== registration.cseq) return;
  if (response.status < 200) return;
  const { phase } = registration;
  if (phase.kind !== "registering" && phase.kind !== "unregistering") return;
  if (response.status < 300) {
    succeed(turn, registration, response);
    return;
  }
  const isChallenge = response.status === 401 || response.status === 407;
  const isTooBrief = response.status === 423 && takeMinimum(registration, response);
  const mayTry = phase.authTries < authTriesMax;
  if (mayTry && ((isChallenge && takeChallenge(turn, account, response)) || isTooBrief)) {
    registration.phase = { ...phase, authTries: phase.authTries + 1 };
    sendRegister(
      turn,
      registration,
      phase.kind === "registering" ? registration.expiresSeconds : 0,
    );
    return;
  }
  if (isChallenge) registration.credentials = null;
  const retryAfter = parseDecimal(
    (headerOf(response, "retry-after") ?? "").split(/[ ;(]/, 1)[0] ?? "",
    6,
  );
  fail(
    turn,
    registration,
    { reason: "refused", status: response.status },
    (retryAfter ?? 0) * 1_000,
  );
}

/** The REGISTER of this number got no answer; only the last one counts. */
export function onRegisterSilent(
  turn: Turn,
  account: number,
  cseq: number,
  why: "timeout" | "transport",
): void {
  const registration = turn.state.registrations[account];
  if (registration?.cseq === cseq) fail(turn, registration, { reason: why }, 0);
}

function register(turn: Turn, registration: Registration): void {
  const { kind } = registration.phase;
  if (kind === "registering" || kind === "unregistering" || turn.state.stopping !== "no") return;
  registration.phase = { kind: "registering", authTries: 0, wasRegistered: kind === "registered" };
  sendRegister(turn, registration, registration.expiresSeconds);
}

function sendRegister(turn: Turn, registration: Registration, expiresSeconds: number): void {
  const account = turn.state.settings.accounts[registration.account];
  if (account === undefined) return;
  registration.cseq += 1;
  const branch = newBranch(turn);
  const uri = `sip:${account.domain}`;
  const address = `<sip:${account.user}@${account.domain}>`;
  const text = buildRequest({
    method: "REGISTER",
    uri,
    headers: [
      ["Via", viaFor(turn, account.registrar, branch)],
      ["Max-Forwards", "70"],
      ["From", `${address};tag=${registration.fromTag}`],
      ["To", address],
      ["Call-ID", registration.callId],
      ["CSeq", `${registration.cseq} REGISTER`],
      ["Contact", `${contactFor(turn, account.user, account.registrar)};expires=${expiresSeconds}`],
      ["Expires", String(expiresSeconds)],
      ...authorizationFor(turn, registration.account, account.registrar, "REGISTER", uri),
    ],
  });
  const { cseq } = registration;
  const owner = { kind: "register", account: registration.account, cseq } as const;
  startClient(turn, { text, branch, method: "REGISTER", flow: account.registrar, owner });
}

function succeed(turn: Turn, registration: Registration, response: SipResponse): void {
  const { account, phase } = registration;
  if (phase.kind === "unregistering") {
    registration.phase = { kind: "idle" };
    report(turn, { kind: "unregistered", account });
    return;
  }
  const isRenewal = phase.kind === "registering" && phase.wasRegistered;
  const expiresSeconds = grantedSeconds(turn, registration, response);
  registration.phase = { kind: "registered" };
  // §10.2.4: renewed before it ends.
  arm(turn, renewKey(registration), expiresSeconds * 10 * renewPercent);
  report(turn, { kind: "registered", account, expiresSeconds, isRenewal });
}

/** The registrar says how long; it may have shortened what was asked for (§10.2.4). */
function grantedSeconds(turn: Turn, registration: Registration, response: SipResponse): number {
  const { host, port } = turn.state.settings;
  for (const value of listOf(response, "contact")) {
    const contact = parseNameAddr(value);
    const uri = contact === undefined ? undefined : parseUri(contact.uri);
    if (uri?.host !== host || (uri.port ?? 5060) !== port) continue;
    const granted = parseDecimal(contact?.params.get("expires") ?? "", 9);
    if (granted !== undefined && granted > 0) return granted;
  }
  const granted = parseDecimal(headerOf(response, "expires") ?? "", 9);
  return granted === undefined || granted === 0 ? registration.expiresSeconds : granted;
}

function takeMinimum(registration: Registration, response: SipResponse): boolean {
  const minimum = parseDecimal(headerOf(response, "min-expires") ?? "", 6);
  if (minimum === undefined || minimum <= registration.expiresSeconds) return false;
  registration.expiresSeconds = minimum;
  return true;
}

function fail(
  turn: Turn,
  registration: Registration,
  cause: Pick<Extract<PhoneReport, { kind: "registrationFailed" }>, "reason" | "status">,
  atLeastMs: number,
): void {
  const { account } = registration;
  if (registration.phase.kind === "unregistering") {
    registration.phase = { kind: "idle" };
    report(turn, { kind: "unregistered", account });
    return;
  }
  const retryInMs = Math.max(turn.state.settings.registerRetryMs, atLeastMs);
  registration.phase = { kind: "waiting" };
  arm(turn, renewKey(registration), retryInMs);
  report(turn, { kind: "registrationFailed", account, ...cause, retryInMs });
}

function renewKey(registration: Registration): string {
  return `registration/${registration.account}/renew`;
}
