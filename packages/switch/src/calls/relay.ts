import { headerOf, type SipRequest, type SipResponse } from "@tandem/sip";
import { answer } from "../transactions/server.ts";
import type { Owner } from "../transactions/transaction.ts";
import type { Turn } from "../turn.ts";
import { keyOf, legById, legOf, otherSide, type Call, type Leg } from "./call.ts";
import { readDescription } from "./hop.ts";
import { sendInDialog } from "./leg.ts";
import { endCall } from "./release.ts";
import { describeTo, keepReceived } from "./session-description.ts";

/**
 * Requests in a dialog that mean something to the other party only: INFO (RFC 6086), PRACK and
 * UPDATE. Each is sent on in the other leg's dialog, and its answer comes back; of the headers only
 * those named here pass.
 */
export type Relay = Extract<Owner, { kind: "relay" }>;

const passedHeaders = ["content-type", "content-disposition", "info-package", "content-encoding"];
const headerNames: Readonly<Record<string, string>> = {
  "content-type": "Content-Type",
  "content-disposition": "Content-Disposition",
  "info-package": "Info-Package",
  "content-encoding": "Content-Encoding",
};

/** The party at the other end of a leg that takes part in the conversation. */
export function counterpart(call: Call, leg: Leg): Leg | null {
  if (leg !== call.origination && leg !== call.destination) return null;
  return legOf(call, otherSide(leg.side));
}

/** False when there is nobody to send it to. */
export function relayRequest(
  turn: Turn,
  call: Call,
  from: Leg,
  transaction: string,
  request: SipRequest,
  headers: readonly (readonly [string, string])[] = [],
): boolean {
  const to = counterpart(call, from);
  if (to === null || to.dialog === null || to.state === "ended" || to.state === "closing") {
    return false;
  }
  const owner = { kind: "relay", ...keyOf(call, to), asker: from.id, transaction } as const;
  sendInDialog(turn, to, request.method, owner, {
    headers: [...headers, ...passing(request)],
    body: bodyFor(to, request),
  });
  return true;
}

function passing(message: SipRequest | SipResponse): (readonly [string, string])[] {
  if (message.body === "") return [];
  return passedHeaders.flatMap((name) => {
    const value = headerOf(message, name);
    return value === undefined ? [] : [[headerNames[name] ?? name, value] as const];
  });
}

function bodyFor(to: Leg, message: SipRequest | SipResponse): string {
  return readDescription(message) === message.body && message.body !== ""
    ? describeTo(to, message.body)
    : message.body;
}

/** The answer of the other party; null means none at all. */
export function onRelayAnswered(
  turn: Turn,
  call: Call,
  leg: Leg,
  owner: Relay,
  response: SipResponse | null,
  status: number,
): void {
  const asker = legById(call, owner.asker);
  if (call.updatedBy === owner.asker) call.updatedBy = null;
  if (asker === null) answer(turn, owner.transaction, 481, {});
  else {
    const isOk = response !== null && status < 300;
    if (isOk) keepReceived(leg, readDescription(response));
    const shown = status === 401 || status === 407 ? 403 : status;
    answer(turn, owner.transaction, status === 408 ? 480 : shown, {
      ...(isOk && response.body !== ""
        ? { headers: passing(response), body: bodyFor(asker, response) }
        : {}),
    });
  }
  const isGone = status === 481 || (status === 408 && leg.state === "confirmed");
  if (isGone) endCall(turn, call, { by: null, status: 480, callState: "Dropped" });
}

/** INFO, from either party at any time. */
export function onInfo(
  turn: Turn,
  call: Call,
  leg: Leg,
  transaction: string,
  request: SipRequest,
): void {
  if (relayRequest(turn, call, leg, transaction, request)) return;
  answer(turn, transaction, 480, {});
}
