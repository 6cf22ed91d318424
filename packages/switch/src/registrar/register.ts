import {
  callIdOf,
  cseqOf,
  headerOf,
  listOf,
  ownText,
  parseNameAddr,
  parseUri,
  type NameAddr,
  type SipRequest,
  uriOf,
  type SipUri,
} from "@tandem/sip";
import { logTime } from "@tandem/kernel";
import { isLost } from "../flows/flow.ts";
import { followPhone } from "../flows/moved.ts";
import type { Authenticated, Flow, FlowTarget } from "../input.ts";
import { answer } from "../transactions/server.ts";
import { arm, optionsOf, type Turn } from "../turn.ts";
import { acceptNonce, type Binding, type Dn } from "./dn.ts";
import { armExpiry, dnRow, refreshService } from "./service-state.ts";

/**
 * The registrar, RFC 3261 §10.3: several bindings a DN, each with its own expiry, for the DN's own
 * user only. The edge has verified the digest; here stands what needs the machine's memory: nonce
 * counts, CSeq order, limits.
 */
export function register(
  turn: Turn,
  transaction: string,
  request: SipRequest,
  flow: Flow,
  authenticated: Authenticated | null,
): void {
  const number = addressOfRecord(request);
  const isKnown = number !== null && turn.state.configured.dns.has(number);
  if (!isKnown || authenticated === null || authenticated.user !== number) {
    return void answer(turn, transaction, 403, { reason: "Not Your Address" });
  }
  const dn = dnRow(turn, number);
  if (!acceptNonce(dn, authenticated)) {
    return void answer(turn, transaction, 401, {
      headers: [["WWW-Authenticate", authenticated.challenge]],
    });
  }
  const moved: Moved[] = [];
  const refused = applyContacts(turn, dn, request, flow, moved);
  if (refused !== null) return void answer(turn, transaction, refused.status, refused);
  const headers: (readonly [string, string])[] = contactHeaders(turn, dn);
  if (headerOf(request, "path") !== undefined) {
    for (const value of listOf(request, "path")) headers.push(["Path", value]);
  }
  if (headerOf(request, "supported") !== undefined && isOutbound(request)) {
    headers.push(["Require", "outbound"]);
  }
  answer(turn, transaction, 200, { headers });
  armExpiry(turn, dn);
  refreshService(turn, dn);
  for (const { before, binding } of moved) followPhone(turn, dn, before, binding);
}

/** A binding, and the one of the same phone that it replaces. */
interface Moved {
  readonly before: Binding | null;
  readonly binding: Binding;
}

/** RFC 5626 §6: the phone names a flow and understands what that means. */
function isOutbound(request: SipRequest): boolean {
  if (!listOf(request, "supported").includes("outbound")) return false;
  return listOf(request, "contact").some((text) => /;\s*reg-id=/i.test(text));
}

function addressOfRecord(request: SipRequest): string | null {
  return parseUri(uriOf(request, "to") ?? "")?.user ?? null;
}

interface Refused {
  readonly status: number;
  readonly reason?: string;
  readonly headers?: readonly (readonly [string, string])[];
}

function applyContacts(
  turn: Turn,
  dn: Dn,
  request: SipRequest,
  flow: Flow,
  moved: Moved[],
): Refused | null {
  const contacts = listOf(request, "contact");
  const callId = callIdOf(request);
  const cseq = cseqOf(request)?.number ?? 0;
  const expiresHeader = parseExpires(headerOf(request, "expires"));
  if (contacts.length === 1 && contacts[0] === "*") {
    if (expiresHeader !== 0) return { status: 400, reason: "Wildcard Needs Expires 0" };
    dn.bindings.length = 0;
    return null;
  }
  if (contacts.length > contactsMax) return { status: 400, reason: "Too Many Contacts" };
  const wanted: { contact: NameAddr; expires: number }[] = [];
  for (const text of contacts) {
    const contact = parseNameAddr(text);
    const uri = contact === undefined ? undefined : parseUri(contact.uri);
    if (contact === undefined || uri === undefined) return { status: 400, reason: "Bad Contact" };
    const own = parseExpires(contact.params.get("expires"));
    if (isOwnAddress(turn, uri)) return { status: 403, reason: "Not Your Address" };
    const granted = grantExpires(turn, own ?? expiresHeader, flow);
    if (granted === "tooBrief") return tooBrief(turn);
    const before = dn.bindings.find((binding) => binding.contact === contact.uri);
    if (before !== undefined && before.callId === callId && before.cseq >= cseq) {
      return { status: 400, reason: "CSeq Out Of Order" };
    }
    wanted.push({ contact, expires: granted });
  }
  const path =
    headerOf(request, "path") === undefined ? noPath : listOf(request, "path").map(ownText);
  for (const { contact, expires } of wanted) {
    const bound = bind(turn, dn, {
      contact: contact.uri,
      expires,
      q: preferenceOf(contact.params.get("q")),
      path,
      instance: instanceOf(contact),
      callId,
      cseq,
      target: targetOf(flow),
    });
    if (bound !== null) moved.push(bound);
  }
  return null;
}

/** RFC 3261 §10.2.1.2: 0 to 1, and 1 where nothing sensible is said. */
function preferenceOf(text: string | undefined): number {
  return text !== undefined && /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : 1;
}

/** RFC 5626 §4.2: which phone it is, and which of its flows. */
function instanceOf(contact: NameAddr): string {
  const instance = contact.params.get("+sip.instance");
  if (instance === undefined || instance.length > instanceMax) return "";
  return `${instance};${contact.params.get("reg-id") ?? ""}`;
}

/** A contact that is this server would make each call to the DN a call to itself. */
function isOwnAddress(turn: Turn, parsed: SipUri): boolean {
  const { host, host6, port, ports } = turn.config;
  const isHost = parsed.host === host || (host6 !== null && parsed.host === `[${host6}]`);
  if (!isHost) return false;
  const own = [port, ...Object.values(ports)];
  return own.includes(parsed.port ?? defaultPort);
}

function tooBrief(turn: Turn): Refused {
  const seconds = optionsOf(turn).registerExpiresMinSeconds;
  return { status: 423, headers: [["Min-Expires", String(seconds)]] };
}

interface Wanted {
  readonly contact: string;
  readonly expires: number;
  readonly q: number;
  readonly path: readonly string[];
  readonly instance: string;
  readonly callId: string;
  readonly cseq: number;
  readonly target: FlowTarget;
}

function bind(turn: Turn, dn: Dn, wanted: Wanted): Moved | null {
  const index = indexOfSame(turn, dn, wanted);
  const [before = null] = index >= 0 ? dn.bindings.splice(index, 1) : [];
  if (wanted.expires === 0) return null;
  // The newest registration is the likeliest to be alive: the oldest makes room.
  if (dn.bindings.length >= optionsOf(turn).bindingsPerDnMax) dn.bindings.shift();
  const binding: Binding = {
    contact: kept(before?.contact, wanted.contact),
    target: wanted.target,
    q: wanted.q,
    path: wanted.path,
    instance: kept(before?.instance, wanted.instance),
    callId: kept(before?.callId, wanted.callId),
    cseq: wanted.cseq,
    expiresAt: logTime(turn.now + wanted.expires * 1000),
  };
  dn.bindings.push(binding);
  if (optionsOf(turn).outOfServiceCheckMs > 0 && dn.bindings.length === 1) {
    arm(turn, `dn/${dn.number}/check`, optionsOf(turn).outOfServiceCheckMs);
  }
  return { before, binding };
}

/** A phone that registers anew says the same: the copy that is here already serves on. */
function kept(before: string | undefined, now: string): string {
  return before === now ? before : ownText(now);
}

/**
 * The binding of the same phone: by its Contact or its instance. One whose flow is lost (a
 * connection's Contact changes with it) also by the Call-ID or the address, or if it is the only
 * one.
 */
function indexOfSame(turn: Turn, dn: Dn, wanted: Wanted): number {
  const same = dn.bindings.findIndex(
    ({ contact, instance }) =>
      contact === wanted.contact || (instance !== "" && instance === wanted.instance),
  );
  if (same >= 0 || wanted.expires === 0) return same;
  const lost = dn.bindings.filter(
    ({ target, instance }) =>
      isLost(turn.state, target.name) && (instance === "" || wanted.instance === ""),
  );
  const found =
    lost.find(({ callId }) => callId === wanted.callId) ??
    lost.find(({ target }) => target.host === wanted.target.host) ??
    (dn.bindings.length === 1 ? lost[0] : undefined);
  return found === undefined ? -1 : dn.bindings.indexOf(found);
}

/** Back over the connection it came over, else to where it came from, never to the Contact. */
export function targetOf(flow: Flow): FlowTarget {
  return {
    transport: flow.transport,
    name: flow.name,
    host: ownText(flow.remoteHost),
    port: flow.remotePort,
  };
}

/** Seconds, or null where the text is absent or no number (RFC 3261 §10.3: then the default). */
function parseExpires(text: string | undefined): number | null {
  if (text === undefined || !/^\d{1,10}$/.test(text)) return null;
  return Number(text);
}

function grantExpires(turn: Turn, asked: number | null, flow: Flow): number | "tooBrief" {
  const options = optionsOf(turn);
  const longest =
    flow.transport === "UDP"
      ? options.registerExpiresMaxSeconds
      : Math.min(options.registerExpiresMaxSeconds, options.flowExpiresSeconds);
  if (asked === null) return Math.min(options.registerExpiresDefaultSeconds, longest);
  if (asked === 0) return 0;
  if (asked < options.registerExpiresMinSeconds) return "tooBrief";
  return Math.min(asked, longest);
}

function contactHeaders(turn: Turn, dn: Dn): [string, string][] {
  return dn.bindings.map((binding) => {
    const seconds = Math.max(0, Math.ceil((binding.expiresAt - turn.now) / 1000));
    const q = binding.q === 1 ? "" : `;q=${binding.q}`;
    return ["Contact", `<${binding.contact}>;expires=${seconds}${q}`];
  });
}

const noPath: readonly string[] = [];
const contactsMax = 10;
const instanceMax = 256;
const defaultPort = 5060;
