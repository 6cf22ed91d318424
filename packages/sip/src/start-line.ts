/**
 * The first line of a message (RFC 3261 §7.1, §7.2): exactly one SP between its three parts, as the
 * grammar says. A line that is nearly a request line is still taken apart as well as it can be, so
 * that its sender can be told (RFC 4475 §3.1.2.8, .9).
 */
import { isToken } from "./characters.ts";
import { methodBytesMax, uriBytesMax } from "./limits.ts";

export type StartLine =
  | {
      readonly kind: "request";
      readonly method: string;
      readonly uri: string;
      readonly version: string;
      /** Why the line is refused, with the status that says so; undefined when it is right. */
      readonly fault: StartLineFault | undefined;
    }
  | {
      readonly kind: "response";
      readonly status: number;
      readonly reason: string;
      readonly version: string;
    };

interface StartLineFault {
  readonly status: number;
  readonly detail: string;
}

/** Undefined for a line that is neither a request line nor a status line of any version of SIP. */
export function parseStartLine(line: string): StartLine | undefined {
  const firstSpace = line.indexOf(" ");
  if (firstSpace <= 0 || hasControl(line)) return undefined;
  return isVersion(line.slice(0, firstSpace))
    ? parseStatusLine(line, firstSpace)
    : parseRequestLine(line, firstSpace);
}

function parseStatusLine(line: string, versionEnd: number): StartLine | undefined {
  const digits = line.slice(versionEnd + 1, versionEnd + 4);
  if (!isStatus(digits)) return undefined;
  // RFC 4475 §3.1.1.13: a liberal receiver takes a line without the space after the code.
  const separator = line.charAt(versionEnd + 4);
  if (separator !== " " && separator !== "") return undefined;
  const version = line.slice(0, versionEnd);
  return { kind: "response", status: Number(digits), reason: line.slice(versionEnd + 5), version };
}

function parseRequestLine(line: string, methodEnd: number): StartLine | undefined {
  const uriEnd = line.lastIndexOf(" ");
  const version = line.slice(uriEnd + 1);
  const method = line.slice(0, methodEnd);
  if (uriEnd > methodEnd && isVersion(version)) {
    const uri = line.slice(methodEnd + 1, uriEnd);
    return { kind: "request", method, uri, version, fault: faultOf(method, uri) };
  }
  // No version at the end of the line: a request only if there is one somewhere.
  const trimmed = line.trimEnd();
  if (trimmed.length === line.length || !isVersion(trimmed.slice(trimmed.lastIndexOf(" ") + 1))) {
    return undefined;
  }
  const fault = { status: 400, detail: "space after the request line" };
  return { kind: "request", method, uri: "", version: "SIP/2.0", fault };
}

function faultOf(method: string, uri: string): StartLineFault | undefined {
  if (method.length > methodBytesMax) return { status: 400, detail: "method too long" };
  if (!isToken(method)) return { status: 400, detail: "method is no token" };
  if (uri.length > uriBytesMax) return { status: 414, detail: "Request-URI too long" };
  if (uri.length === 0 || uri.includes(" ") || uri.includes("\t")) {
    return { status: 400, detail: "spaces in the request line" };
  }
  return undefined;
}

/** A bare CR or LF is a line end to some readers and none to others; NUL ends all for a few. */
function hasControl(line: string): boolean {
  for (let index = 0; index < line.length; index += 1) {
    const code = line.charCodeAt(index);
    if ((code < 32 && code !== 9) || code === 127) return true;
  }
  return false;
}

/** `SIP/digits.digits`, whatever its case. */
function isVersion(text: string): boolean {
  if (text === "SIP/2.0") return true;
  if (text.length < 7 || text.length > 12) return false;
  if (text.slice(0, 4).toUpperCase() !== "SIP/") return false;
  const dot = text.indexOf(".", 4);
  return dot > 4 && isDigits(text.slice(4, dot)) && isDigits(text.slice(dot + 1));
}

function isStatus(digits: string): boolean {
  return digits.length === 3 && isDigits(digits) && digits >= "100" && digits < "700";
}

function isDigits(text: string): boolean {
  if (text.length === 0) return false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 48 || code > 57) return false;
  }
  return true;
}
