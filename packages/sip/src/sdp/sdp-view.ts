/**
 * What call control wants to know of an SDP (RFC 8866, RFC 3264) and no more: whose session and
 * which version, where the media goes, and in which directions. The text itself passes unchanged.
 */
import { mediaMax, numberDigitsMax } from "../limits.ts";
import { parseDecimal } from "../characters.ts";

export type Direction = "sendrecv" | "sendonly" | "recvonly" | "inactive";

export interface SdpMedia {
  readonly type: string;
  /** 0 when the stream is refused or over (RFC 3264 §6, §8.2). */
  readonly port: number;
  /** Its own connection address, or that of the session. */
  readonly address: string;
  readonly direction: Direction;
  /** `RTP/AVP`, as written. */
  readonly protocol: string;
  /** The formats of its m-line: RTP payload types as text. */
  readonly payloads: readonly string[];
}

export interface SdpView {
  /** As texts: they are numbers of up to 64 bits. */
  readonly originSessionId: string;
  readonly originVersion: string;
  /**
   * The connection address of the session, or else of its first medium; empty when none is given.
   */
  readonly address: string;
  readonly media: readonly SdpMedia[];
}

/** Undefined for a text that is no SDP: no `v=0` first, an origin or media line that is wrong. */
export function sdpView(text: string): SdpView | undefined {
  const lines = text.split("\n", linesMax).map(withoutReturn);
  if (lines[0] !== "v=0") return undefined;
  let origin: readonly string[] | undefined;
  let sessionAddress = "";
  let sessionDirection: Direction = "sendrecv";
  const media: { -readonly [Key in keyof SdpMedia]: SdpMedia[Key] }[] = [];
  for (const line of lines) {
    const value = line.slice(2);
    const current = media[media.length - 1];
    if (line.startsWith("o=")) origin ??= originOf(value);
    else if (line.startsWith("c=")) {
      if (current === undefined) sessionAddress = addressOf(value);
      else current.address = addressOf(value);
    } else if (line.startsWith("m=")) {
      const medium = mediumOf(value);
      if (medium === undefined || media.length >= mediaMax) return undefined;
      media.push({ ...medium, address: sessionAddress, direction: sessionDirection });
    } else if (line.startsWith("a=")) {
      const direction = directions.find((name) => name === value);
      if (direction === undefined) continue;
      if (current === undefined) sessionDirection = direction;
      else current.direction = direction;
    }
  }
  if (origin === undefined) return undefined;
  return {
    originSessionId: origin[1] ?? "",
    originVersion: origin[2] ?? "",
    address: sessionAddress || (media[0]?.address ?? ""),
    media,
  };
}

/**
 * The direction of the first medium that is in use, `inactive` also when its address is 0.0.0.0
 * (the hold of RFC 2543) or no medium is in use; undefined for a text that is no SDP.
 */
export function directionOf(text: string): Direction | undefined {
  const view = sdpView(text);
  if (view === undefined) return undefined;
  const medium = view.media.find(({ port }) => port !== 0);
  if (medium === undefined || medium.address === "0.0.0.0") return "inactive";
  return medium.direction;
}

/** Lines that are looked at; a body is at most a message long. */
const linesMax = 2_048;
const directions: readonly Direction[] = ["sendrecv", "sendonly", "recvonly", "inactive"];

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}

/** `username session-id version IN IP4 address` */
function originOf(value: string): readonly string[] | undefined {
  const parts = value.split(" ");
  return parts.length === 6 ? parts : undefined;
}

/** `IN IP4 address[/ttl[/count]]` */
function addressOf(value: string): string {
  return value.split(" ")[2]?.split("/")[0] ?? "";
}

/** `audio 49170[/2] RTP/AVP 0 8` */
function mediumOf(
  value: string,
): Pick<SdpMedia, "type" | "port" | "protocol" | "payloads"> | undefined {
  const [type, ports, protocol, ...payloads] = value.split(" ");
  const port = parseDecimal(ports?.split("/")[0] ?? "", numberDigitsMax);
  if (type === undefined || type === "" || port === undefined || port > 65_535) return undefined;
  return { type, port, protocol: protocol ?? "", payloads };
}
