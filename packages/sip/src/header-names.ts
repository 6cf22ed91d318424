/**
 * The header names this package knows by number, with their compact forms (RFC 3261 §7.3.3, §20 and
 * the registry of IANA). A parser that hashed a name while it looked for the colon finds the number
 * without making a string. Names are compared without case and are canonical in lower case.
 */
import { equalsIgnoringCase } from "./characters.ts";

interface NameRow {
  readonly name: string;
  /** How it is written. */
  readonly display: string;
  readonly compact?: string;
}

const rows: readonly NameRow[] = [
  { name: "via", display: "Via", compact: "v" },
  { name: "from", display: "From", compact: "f" },
  { name: "to", display: "To", compact: "t" },
  { name: "call-id", display: "Call-ID", compact: "i" },
  { name: "cseq", display: "CSeq" },
  { name: "contact", display: "Contact", compact: "m" },
  { name: "content-length", display: "Content-Length", compact: "l" },
  { name: "content-type", display: "Content-Type", compact: "c" },
  { name: "max-forwards", display: "Max-Forwards" },
  { name: "route", display: "Route" },
  { name: "record-route", display: "Record-Route" },
  { name: "expires", display: "Expires" },
  { name: "authorization", display: "Authorization" },
  { name: "proxy-authorization", display: "Proxy-Authorization" },
  { name: "www-authenticate", display: "WWW-Authenticate" },
  { name: "proxy-authenticate", display: "Proxy-Authenticate" },
  { name: "supported", display: "Supported", compact: "k" },
  { name: "require", display: "Require" },
  { name: "proxy-require", display: "Proxy-Require" },
  { name: "unsupported", display: "Unsupported" },
  { name: "allow", display: "Allow" },
  { name: "allow-events", display: "Allow-Events", compact: "u" },
  { name: "event", display: "Event", compact: "o" },
  { name: "subject", display: "Subject", compact: "s" },
  { name: "content-encoding", display: "Content-Encoding", compact: "e" },
  { name: "refer-to", display: "Refer-To", compact: "r" },
  { name: "referred-by", display: "Referred-By", compact: "b" },
  { name: "accept-contact", display: "Accept-Contact", compact: "a" },
  { name: "reject-contact", display: "Reject-Contact", compact: "j" },
  { name: "request-disposition", display: "Request-Disposition", compact: "d" },
  { name: "identity", display: "Identity", compact: "y" },
  { name: "session-expires", display: "Session-Expires", compact: "x" },
  { name: "min-se", display: "Min-SE" },
  { name: "min-expires", display: "Min-Expires" },
  { name: "user-agent", display: "User-Agent" },
  { name: "server", display: "Server" },
  { name: "date", display: "Date" },
  { name: "retry-after", display: "Retry-After" },
  { name: "warning", display: "Warning" },
  { name: "reason", display: "Reason" },
  { name: "replaces", display: "Replaces" },
  { name: "accept", display: "Accept" },
  { name: "organization", display: "Organization" },
  { name: "priority", display: "Priority" },
  { name: "mime-version", display: "MIME-Version" },
  { name: "content-disposition", display: "Content-Disposition" },
  { name: "p-asserted-identity", display: "P-Asserted-Identity" },
  { name: "p-preferred-identity", display: "P-Preferred-Identity" },
  { name: "remote-party-id", display: "Remote-Party-ID" },
  { name: "privacy", display: "Privacy" },
  { name: "diversion", display: "Diversion" },
  { name: "history-info", display: "History-Info" },
  { name: "path", display: "Path" },
  { name: "service-route", display: "Service-Route" },
  { name: "rseq", display: "RSeq" },
  { name: "rack", display: "RAck" },
  { name: "alert-info", display: "Alert-Info" },
  { name: "call-info", display: "Call-Info" },
  { name: "in-reply-to", display: "In-Reply-To" },
  { name: "timestamp", display: "Timestamp" },
  { name: "subscription-state", display: "Subscription-State" },
];

/** Numbers of the names that parsing and validating look at. */
export const viaId = 0;
export const fromId = 1;
export const toId = 2;
export const callIdId = 3;
export const cseqId = 4;
export const contactId = 5;
export const contentLengthId = 6;
export const maxForwardsId = 8;
export const unknownNameId = -1;

const slotsMask = 1_023;
const { slots, spellings } = buildSlots();
const idByName: ReadonlyMap<string, number> = new Map(rows.map((row, id) => [row.name, id]));

/** Feeds one character of a name into its hash; begin with 0. Case does not matter. */
export function hashNameCode(hash: number, code: number): number {
  return (Math.imul(hash, 31) + (code | 32)) | 0;
}

/** The number of the name `text[start, end)` with the hash `hash`, or `unknownNameId`. */
export function nameIdAt(text: string, start: number, end: number, hash: number): number {
  let slot = (hash ^ (hash >>> 9)) & slotsMask;
  for (;;) {
    const spelling = spellings[slot];
    if (spelling === undefined) return unknownNameId;
    if (spelling.length === end - start && equalsIgnoringCase(text, start, spelling)) {
      return slots[slot] as number; // a slot with a spelling has a number
    }
    slot = (slot + 1) & slotsMask;
  }
}

/** The number of a canonical name, or `unknownNameId`. */
export function nameIdOf(canonicalName: string): number {
  return idByName.get(canonicalName) ?? unknownNameId;
}

/** The canonical name of a number that `nameIdAt` gave. */
export function canonicalNameOf(id: number): string {
  return (rows[id] as NameRow).name; // numbers come from this table only
}

/**
 * How a canonical name is written: `call-id` as `Call-ID`, unknown ones with capitals after `-`.
 */
export function displayNameOf(canonicalName: string): string {
  const row = rows[nameIdOf(canonicalName)];
  if (row !== undefined) return row.display;
  return canonicalName
    .split("-")
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join("-");
}

function buildSlots(): { slots: Int16Array; spellings: (string | undefined)[] } {
  const ids = new Int16Array(slotsMask + 1);
  const texts: (string | undefined)[] = Array.from({ length: slotsMask + 1 });
  const enter = (spelling: string, id: number): void => {
    let hash = 0;
    for (let index = 0; index < spelling.length; index += 1) {
      hash = hashNameCode(hash, spelling.charCodeAt(index));
    }
    let slot = (hash ^ (hash >>> 9)) & slotsMask;
    while (texts[slot] !== undefined) slot = (slot + 1) & slotsMask;
    texts[slot] = spelling;
    ids[slot] = id;
  };
  rows.forEach((row, id) => {
    enter(row.name, id);
    if (row.compact !== undefined) enter(row.compact, id);
  });
  return { slots: ids, spellings: texts };
}
