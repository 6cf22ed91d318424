import {
  headerOf,
  listOf,
  ownText,
  parseNameAddr,
  parseUri,
  serializeUri,
  type SipRequest,
} from "@tandem/sip";
import type { Turn } from "../turn.ts";
import { translate } from "../trunks/trunk.ts";
import { trunkOf, type Call, type DiversionReason, type Leg } from "./call.ts";

/**
 * Who calls, as the callee's side may know it: P-Asserted-Identity inside the trust domain (RFC
 * 3325: phones of the group, the peer, trunks that are trusted), an anonymous From beyond it for
 * whoever asked for privacy (RFC 3323), and who passed the call on (Diversion, RFC 5806, and
 * History-Info, RFC 7044).
 */
type Header = readonly [string, string];

/** From of the leg's INVITE, without its tag. */
export function fromOf(turn: Turn, call: Call, leg: Leg): string {
  const { host, port } = turn.config;
  if (leg.side === 0) return `<${uriOf(call.dnis, host, port)}>`;
  if (call.isPrivate) return '"Anonymous" <sip:anonymous@anonymous.invalid>';
  const { displayName } = call.origination;
  return `${displayOf(displayName)}<${uriOf(callerNumber(turn, call, leg), host, port)}>`;
}

/** As the trunk that it goes out over wants it. */
function callerNumber(turn: Turn, call: Call, leg: Leg): string {
  const { number } = call.origination.party;
  const name = trunkOf(leg);
  const trunk = name === null ? undefined : turn.state.configured.trunks.get(name);
  return translate(trunk?.callerOutRules, number);
}

export function identityHeaders(turn: Turn, call: Call, leg: Leg): Header[] {
  if (leg.side === 0) return [];
  const privacy: Header[] = call.isPrivate ? [["Privacy", "id"]] : [];
  if (!isTrusted(turn, leg)) return privacy;
  const { host, port } = turn.config;
  const { party, displayName } = call.origination;
  if (party.number === "anonymous") return privacy;
  const asserted = `${displayOf(displayName)}<${uriOf(callerNumber(turn, call, leg), host, port)}>`;
  return [["P-Asserted-Identity", asserted], ...privacy];
}

/** The peer, and trunks that are configured so; a phone is a person's, who may not know. */
function isTrusted(turn: Turn, leg: Leg): boolean {
  if (leg.hop !== null) return true;
  if (leg.party.kind === "dn") return false;
  const name = leg.party.trunk;
  return name !== null && turn.state.configured.trunks.get(name)?.isTrusted === true;
}

/** The number that a trusted source asserts; null where it asserts none. */
export function assertedNumber(request: SipRequest): string | null {
  for (const text of listOf(request, "p-asserted-identity")) {
    const uri = parseUri(parseNameAddr(text)?.uri ?? "");
    if (uri?.user !== undefined && uri.user !== "") return ownText(uri.user);
  }
  return null;
}

/** RFC 3323 §4.2: `id`, `user` and `header` ask for it; `none` forbids it. */
export function wantsPrivacy(request: SipRequest): boolean {
  const said = (headerOf(request, "privacy") ?? "").toLowerCase().split(/\s*;\s*/);
  return said.some((word) => word === "id" || word === "user" || word === "header");
}

/** The last one that passed it on stands first. */
export function diversionHeaders(turn: Turn, call: Call): Header[] {
  if (call.forwardedBy.length === 0) return [];
  const { host, port } = turn.config;
  const passed = call.forwardedBy.map((number) => ({ number, reason: reasonOf(call, number) }));
  const diversions = passed
    .toReversed()
    .map(
      ({ number, reason }): Header => [
        "Diversion",
        `<${uriOf(number, host, port)}>;reason=${reason};counter=1`,
      ],
    );
  const history = passed.map(({ number, reason }, index) => {
    const cause = causes[reason];
    const place = `${"1.".repeat(index)}1`;
    return `<${uriOf(number, host, port)}?Reason=SIP%3Bcause%3D${cause}>;index=${place}`;
  });
  return [...diversions, ["History-Info", history.join(", ")]];
}

function reasonOf(call: Call, number: string): DiversionReason {
  return call.diversions.find((each) => each.number === number)?.reason ?? "unconditional";
}

/** RFC 4458 §4 and RFC 7044 §10. */
const causes: Readonly<Record<DiversionReason, number>> = {
  unconditional: 302,
  "user-busy": 486,
  "no-answer": 408,
  deflection: 480,
  unavailable: 503,
  "time-of-day": 404,
};

export function uriOf(number: string, host: string, port: number): string {
  const where = port === sipPort ? host : `${host}:${port}`;
  if (plainNumber.test(number)) return `sip:${number}@${where}`;
  // A number may hold anything that its owner could escape: written plainly it breaks the line.
  const place = port === sipPort ? { host } : { host, port };
  return serializeUri({ scheme: "sip", user: number, ...place, params: new Map() });
}

const sipPort = 5060;
const plainNumber = /^[\w.+-]+$/;

function displayOf(name: string): string {
  return name === "" ? "" : `"${name.split("").filter(isQuotable).join("")}" `;
}

/** Neither the quote itself, nor a control character that was escaped; UTF-8 keeps its bytes. */
function isQuotable(character: string): boolean {
  return character >= " " && character !== "\u007f" && character !== '"' && character !== "\\";
}
