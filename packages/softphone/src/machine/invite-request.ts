/** Writing and sending the INVITE of a call (RFC 3261 §13.2.1), and reading it back. */
import {
  buildRequest,
  type Dialog,
  dialogFromResponse,
  ownText,
  parseMessage,
  parseUri,
  type SipRequest,
  type SipResponse,
} from "@tandem/sip";
import { authorizationFor } from "./authorization.ts";
import { allowedMethods, userOf } from "./calls.ts";
import { writeOffer } from "./media.ts";
import type { Attempt, Call, Dialled, Way } from "./phone-state.ts";
import { startClient } from "./transactions.ts";
import { contactFor, newBranch, newTag, type Turn, viaFor } from "./turn.ts";

export interface InviteParts {
  readonly uri: string;
  readonly way: Way;
  readonly callId: string;
  /** With its tag. */
  readonly from: string;
  readonly cseq: number;
  readonly authTries: number;
}

/** What an attempt is before its INVITE is sent. */
export const noAttempt: Attempt = {
  clientId: "",
  request: "",
  authTries: 0,
  isProvisional: false,
  isRinging: false,
};

/** Sends the INVITE with an offer, and with credentials once the account was challenged. */
export function sendInvite(turn: Turn, call: Call, parts: InviteParts, dialled: Dialled): Attempt {
  const { uri, way } = parts;
  const branch = newBranch(turn);
  const request = ownText(
    buildRequest({
      method: "INVITE",
      uri,
      headers: [
        ["Via", viaFor(turn, way.address, branch)],
        ["Max-Forwards", "70"],
        ["From", parts.from],
        ["To", `<${uri}>`],
        ["Call-ID", parts.callId],
        ["CSeq", `${parts.cseq} INVITE`],
        ["Contact", contactFor(turn, userOf(turn, way.account), way.address)],
        ["Allow", allowedMethods],
        ...authorizationFor(turn, way.account, way.address, "INVITE", uri),
        ...dialled.headers,
        ["Content-Type", "application/sdp"],
      ],
      body: writeOffer(turn, call),
    }),
  );
  const owner = { kind: "invite", call: call.id } as const;
  const client = { text: request, branch, method: "INVITE", flow: way.address, owner };
  const clientId = startClient(turn, client);
  return { ...noAttempt, clientId, request, authTries: parts.authTries };
}

/** What was dialled as a Request-URI for this way. */
export function requestUri(turn: Turn, dialled: string, way: Way): string {
  if (parseUri(dialled) !== undefined) return dialled;
  const { host, port } = way.address;
  const account = way.account === null ? undefined : turn.state.settings.accounts[way.account];
  return `sip:${dialled}@${account?.domain ?? (port === 5060 ? host : `${host}:${port}`)}`;
}

/** From, with a new tag. */
export function fromValue(turn: Turn, way: Way): string {
  const { accounts, displayName, host } = turn.state.settings;
  const account = way.account === null ? undefined : accounts[way.account];
  const uri = `sip:${userOf(turn, way.account)}@${account?.domain ?? host}`;
  const display = displayName === "" ? "" : `"${displayName.replace(/["\\]/g, "")}" `;
  return `${display}<${uri}>;tag=${newTag(turn)}`;
}

/** The dialog that a response to an INVITE's text makes. */
export function dialogOf(request: string, response: SipResponse): Dialog | undefined {
  const invite = requestOf(request);
  return invite === undefined ? undefined : dialogFromResponse(invite, response);
}

/** A request's text that we wrote ourselves, parsed. */
export function requestOf(text: string): SipRequest | undefined {
  const parsed = parseMessage(text);
  return parsed.ok && parsed.value.kind === "request" ? parsed.value : undefined;
}
