import { headerOf, type SipMessage, type SipRequest } from "@tandem/sip";
import type { UserData } from "@tandem/cti";
import type { CallType, HopPurpose } from "./call.ts";

/**
 * The hop between the peers (peers.md P6): what it is for, the hops made so far, and the call's
 * CallUUID, ConnID, type and user data. User data over 1 KB travels as a part of the body.
 *
 *     X-Tandem-Hop: destination;used=origin+destination;conn=…;uuid=…;type=Internal;data=%7B%7D
 *
 * Believed from the peer trunk only. What does not parse is no hop; nothing in it can throw.
 */
export interface Hop {
  readonly purpose: HopPurpose;
  readonly used: readonly HopPurpose[];
  readonly connID: string;
  readonly callUUID: string;
  readonly callType: CallType;
  readonly userData: UserData;
}

export interface HopContent {
  readonly header: readonly [string, string];
  /** The whole body and its type, the description included. */
  readonly body: string;
  readonly contentType: string | null;
}

const headerName = "X-Tandem-Hop";
const dataInHeaderMax = 1_024;
const userDataMax = 65_536;
const dataType = "application/vnd.tandem.user-data+json";

export function writeHop(hop: Hop, description: string, boundary: string): HopContent {
  const data = asciiJson(hop.userData);
  const isSmall = data.length <= dataInHeaderMax;
  const fields = [
    hop.purpose,
    `used=${hop.used.join("+")}`,
    `conn=${hop.connID}`,
    `uuid=${hop.callUUID}`,
    `type=${hop.callType}`,
    ...(isSmall ? [`data=${encodeURIComponent(data)}`] : []),
  ];
  const header = [headerName, fields.join(";")] as const;
  if (isSmall) {
    return {
      header,
      body: description,
      contentType: description === "" ? null : "application/sdp",
    };
  }
  const parts = [
    ...(description === "" ? [] : [part("application/sdp", description)]),
    part(dataType, data),
  ];
  const body = `${parts.map((text) => `--${boundary}\r\n${text}\r\n`).join("")}--${boundary}--\r\n`;
  return { header, body, contentType: `multipart/mixed;boundary=${boundary}` };
}

function part(type: string, text: string): string {
  return `Content-Type: ${type}\r\n\r\n${text}`;
}

/** JSON in which every character is ASCII, because messages are latin1 on the wire. */
export function asciiJson(data: unknown): string {
  return JSON.stringify(data).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

export interface ReadHop {
  readonly hop: Hop | null;
  /** The session description, taken out of a body of several parts. */
  readonly description: string;
}

export function readHop(request: SipRequest): ReadHop {
  const value = headerOf(request, "x-tandem-hop");
  const parts = splitBody(request);
  const description = parts.get("application/sdp") ?? "";
  if (value === undefined) return { hop: null, description };
  const [purpose, ...rest] = value.split(";");
  const fields = new Map<string, string>();
  for (const field of rest) {
    const equals = field.indexOf("=");
    if (equals > 0) fields.set(field.slice(0, equals), field.slice(equals + 1));
  }
  const connID = fields.get("conn") ?? "";
  const callUUID = fields.get("uuid") ?? "";
  if (!isPurpose(purpose) || !/^[0-9a-f]{16}$/.test(connID) || !/^[0-9a-f]{32}$/.test(callUUID)) {
    return { hop: null, description };
  }
  const used = (fields.get("used") ?? "").split("+").filter(isPurpose);
  const data = fields.get("data");
  const userData = parseUserData(data === undefined ? (parts.get(dataType) ?? "{}") : decode(data));
  const callType = callTypes.find((type) => type === fields.get("type")) ?? "Unknown";
  return { hop: { purpose, used, connID, callUUID, callType, userData }, description };
}

const purposes: readonly string[] = ["origin", "destination", "queue"] satisfies HopPurpose[];
const callTypes: readonly CallType[] = ["Internal", "Inbound", "Outbound", "Consult", "Unknown"];

function isPurpose(text: string | undefined): text is HopPurpose {
  return text !== undefined && purposes.includes(text);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "{}"; // a broken escape: the call goes on without its data
  }
}

function parseUserData(text: string): UserData {
  if (text.length > userDataMax) return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
    return value as UserData; // an object of JSON values
  } catch {
    return {}; // not JSON: the call goes on without its data
  }
}

/** The session description of a message, alone or as one part of several. */
export function readDescription(message: SipMessage): string {
  return splitBody(message).get("application/sdp") ?? "";
}

/** Content type → text of each part; a plain body is one part. */
function splitBody(request: SipMessage): Map<string, string> {
  const parts = new Map<string, string>();
  if (request.body === "") return parts;
  const contentType = headerOf(request, "content-type") ?? "";
  const type = mediaType(contentType);
  const boundary = /boundary="?([^";]{1,70})"?/i.exec(contentType)?.[1];
  if (type !== "multipart/mixed" || boundary === undefined) {
    parts.set(type === "" ? "application/sdp" : type, request.body);
    return parts;
  }
  for (const text of request.body.split(`--${boundary}`, partsMax).slice(1)) {
    const end = text.indexOf("\r\n\r\n");
    if (end < 0) continue;
    const partType = /^content-type:\s*([^;\r\n]+)/im.exec(text.slice(0, end))?.[1] ?? "";
    parts.set(mediaType(partType), text.slice(end + 4).replace(/\r\n$/, ""));
  }
  return parts;
}

const partsMax = 8;

function mediaType(value: string): string {
  const semicolon = value.indexOf(";");
  return (semicolon < 0 ? value : value.slice(0, semicolon)).trim().toLowerCase();
}
