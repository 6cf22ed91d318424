import { listOf, parseNameAddr, parseUri, type SipResponse } from "@tandem/sip";
import type { Turn } from "../turn.ts";
import { dnOf, type Call, type Leg } from "./call.ts";
import { uriOf } from "./identity.ts";
import { endCall } from "./release.ts";
import { redirect, redirectsMax } from "./request-on-call.ts";
import { decideRoute } from "./route.ts";

/**
 * 3xx from a phone of a DN (RFC 3261 §8.1.3.4): followed for it, in its own name: to a number that
 * this DN may dial itself, wherever the Contact points, and so often at most; or passed to the
 * caller, as numbers of ours, where the DN is configured so. What a trunk says is neither: it could
 * send our calls anywhere.
 */
export function followRedirection(
  turn: Turn,
  call: Call,
  leg: Leg,
  response: SipResponse,
): boolean {
  const dn = dnOf(leg);
  if (dn === null || leg !== call.destination || leg.state === "confirmed") return false;
  if (call.queue !== null || call.handover !== null) return false;
  const wish = turn.state.configured.dns.get(dn)?.redirection ?? "follow";
  if (wish === "pass") return passRedirection(turn, call, response);
  if (call.forwardedBy.length >= redirectsMax || wish === "refuse") return false;
  for (const number of numbersOf(response)) {
    if (number === dn || call.forwardedBy.includes(number)) continue;
    const route = decideRoute(turn, {
      number,
      callerDn: dn,
      hopsUsed: call.hopsUsed,
      isDialledHere: false,
      forwardedBy: [...call.forwardedBy, dn],
    });
    if (route.kind === "refused") continue;
    redirect(turn, call, { by: dn, route, reason: "deflection", answers: null });
    return true;
  }
  return false;
}

/** The caller is told where to call instead, at this server: it may know no other way there. */
function passRedirection(turn: Turn, call: Call, response: SipResponse): boolean {
  const { host, port } = turn.config;
  const contacts = numbersOf(response).map((number) => `<${uriOf(number, host, port)}>`);
  if (contacts.length === 0 || call.exchange.kind !== "setup") return false;
  endCall(turn, call, {
    by: null,
    status: 302,
    callState: "Redirected",
    contact: contacts.join(", "),
  });
  return true;
}

function numbersOf(response: SipResponse): string[] {
  return listOf(response, "contact")
    .slice(0, contactsMax)
    .flatMap((text) => {
      const user = parseUri(parseNameAddr(text)?.uri ?? "")?.user;
      return user === undefined || user === "" ? [] : [user];
    });
}

const contactsMax = 5;
