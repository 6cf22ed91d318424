import { headerOf, listOf, parseNameAddr, type SipResponse } from "@tandem/sip";
import { logTime } from "@tandem/kernel";
import type { TrunkConfig } from "../config.ts";
import { uriOf } from "../calls/identity.ts";
import { arm, newBranch, newIdentifier, notice, type Turn } from "../turn.ts";
import { plainRequest, sendRequest } from "../transactions/client.ts";
import { credentialsFor, wantSignature } from "./sign.ts";
import { targetsOf } from "./locate.ts";
import { trunkRow } from "./trunk.ts";

/**
 * Registration at a carrier (RFC 3261 §10.2), with digest: kept up at nine tenths of what the
 * carrier grants, tried again after a while when it fails. The secret stays at the edge, which
 * signs.
 */
export function startRegistration(turn: Turn, config: TrunkConfig): void {
  if (config.registration === undefined) return;
  const trunk = trunkRow(turn, config.name);
  trunk.registration ??= {
    callId: newIdentifier(turn),
    localTag: newIdentifier(turn),
    cseq: 0,
    nonceCount: 0,
    nonce: "",
    isRegistered: false,
    until: null,
  };
  arm(turn, registerKey(config.name), soonMs);
}

/** After a takeover: a carrier that calls over the connection of the registration has lost it. */
export function registerAgain(turn: Turn, config: TrunkConfig): void {
  if (config.registration === undefined || (config.transport ?? "UDP") === "UDP") return;
  arm(turn, registerKey(config.name), 0);
}

/** `trunk/<name>/register`. */
export function onRegisterTimer(turn: Turn, name: string): void {
  sendRegister(turn, name, null);
}

export function sendRegister(turn: Turn, name: string, authorization: Header | null): void {
  const config = turn.state.configured.trunks.get(name);
  const registration = turn.state.trunks.get(name)?.registration ?? null;
  if (config?.registration === undefined || registration === null) return;
  const [target] = targetsOf(turn, config);
  if (target === undefined) return arm(turn, registerKey(name), againMs);
  registration.cseq += 1;
  const { user, expiresSeconds } = config.registration;
  const aor = uriOf(user, config.host, 5060);
  const request = plainRequest(turn, {
    method: "REGISTER",
    requestUri: `sip:${config.host}`,
    toUri: aor,
    fromUri: aor,
    contactUser: user,
    cseq: registration.cseq,
    callId: registration.callId,
    branch: newBranch(turn),
    fromTag: registration.localTag,
    target,
    headers: [
      ["Expires", String(expiresSeconds)],
      ...(authorization === null ? [] : [authorization]),
    ],
  });
  const isSigned = authorization !== null;
  sendRequest(turn, request, target, { kind: "trunkRegister", trunk: name, isSigned });
}

type Header = readonly [string, string];

export function onRegisterAnswered(
  turn: Turn,
  owner: { readonly trunk: string; readonly isSigned: boolean },
  status: number,
  response: SipResponse | null,
): void {
  const { trunk: name, isSigned } = owner;
  const config = turn.state.configured.trunks.get(name);
  const registration = turn.state.trunks.get(name)?.registration ?? null;
  if (config?.registration === undefined || registration === null) return;
  if ((status === 401 || status === 407) && response !== null && !isSigned) {
    const challenge = credentialsFor(config, response);
    if (challenge !== null) {
      return wantSignature(turn, config, challenge, {
        kind: "register",
        trunk: name,
        method: "REGISTER",
        uri: `sip:${config.host}`,
      });
    }
  }
  if (status === 423 && response !== null) return arm(turn, registerKey(name), againMs);
  const isOk = status < 300 && response !== null;
  if (isOk !== registration.isRegistered) {
    notice(turn, "trunk", isOk ? `${name} is registered` : `${name} is not registered: ${status}`);
  }
  registration.isRegistered = isOk;
  if (!isOk) return arm(turn, registerKey(name), againMs);
  const seconds = grantedOf(response, config.registration.expiresSeconds);
  registration.until = logTime(turn.now + seconds * 1_000);
  arm(turn, registerKey(name), Math.max(seconds * 900, 1_000));
}

function grantedOf(response: SipResponse, asked: number): number {
  const own = listOf(response, "contact")
    .map((text) => parseNameAddr(text)?.params.get("expires"))
    .find((text) => text !== undefined);
  const text = own ?? headerOf(response, "expires");
  return text !== undefined && /^\d{1,9}$/.test(text) ? Math.max(Number(text), 1) : asked;
}

function registerKey(name: string): string {
  return `trunk/${name}/register`;
}

/** After a start or a change of the configuration. */
const soonMs = 500;
const againMs = 30_000;
