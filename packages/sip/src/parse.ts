/**
 * The parser (RFC 3261 §7): one pass over the head that finds the lines, reads the names and
 * refuses what no header may hold; values stay where they are. Strict where two readers could
 * disagree (line ends, control characters, Content-Length), because what is ambiguous can be
 * smuggled.
 *
 *   start line CRLF  *( name HCOLON value CRLF )  CRLF  body
 *
 * A request that is refused but can be answered comes with the failure, so that the edge can say
 * 400.
 */
import { fail, ok, type Result } from "@tandem/kernel";
import { isBlankCode, isTokenCode, parseDecimal } from "./characters.ts";
import {
  callIdId,
  contactId,
  contentLengthId,
  cseqId,
  fromId,
  hashNameCode,
  nameIdAt,
  toId,
  viaId,
} from "./header-names.ts";
import { countLines, entryOf, type HeaderTable, valueAt } from "./header-table.ts";
import {
  echoedValueBytesMax,
  headerLinesMax,
  headerNameBytesMax,
  headerValueBytesMax,
  leadingEmptyBytesMax,
  messageBytesMax,
  numberDigitsMax,
} from "./limits.ts";
import type { SipMessage, SipRequest } from "./message.ts";
import { parseStartLine, type StartLine } from "./start-line.ts";

export type ParseFailureCode =
  | "too-long"
  | "start-line"
  | "no-empty-line"
  | "line-end"
  | "control-character"
  | "header-name"
  | "header-too-long"
  | "too-many-headers"
  | "content-length";

export interface ParseFailure {
  readonly code: ParseFailureCode;
  /** What is wrong, for a log and for a reason phrase; holds nothing of the message. */
  readonly detail: string;
  /** What to answer; only where `request` is there. */
  readonly status?: number;
  /**
   * The request as far as it could be read, when it can be answered (never an ACK, nor one too long
   * to repeat).
   */
  readonly request?: SipRequest;
}

/**
 * Parses one whole message, latin1 text. Over UDP that is the datagram: characters after
 * Content-Length are not part of the message (RFC 3261 §18.3). Never throws.
 */
export function parseMessage(text: string): Result<SipMessage, ParseFailure> {
  if (text.length > messageBytesMax) {
    return fail({ code: "too-long", detail: `more than ${messageBytesMax} bytes` });
  }
  const start = skipEmptyLines(text);
  const lineEnd = text.indexOf("\r\n", start);
  if (lineEnd < 0) return fail({ code: "start-line", detail: "no line end" });
  const line = parseStartLine(text.slice(start, lineEnd));
  if (line === undefined) return fail({ code: "start-line", detail: "neither request nor status" });
  const scan = scanHead(text, lineEnd + 2, line.kind === "request");
  const table: HeaderTable = {
    text,
    entries: scan.entries,
    hasFolds: scan.hasFolds,
    topVia: undefined,
  };
  if (scan.fault !== undefined) return refuse(line, table, scan.fault, 400);
  if (line.kind === "request" && line.fault !== undefined) {
    const fault = { code: "start-line", detail: line.fault.detail } as const;
    return refuse(line, table, fault, line.fault.status);
  }
  const length = contentLengthOf(table, text.length - scan.position);
  if (length === undefined) {
    const fault = { code: "content-length", detail: "Content-Length is wrong" } as const;
    return refuse(line, table, fault, 400);
  }
  return ok(messageFrom(line, table, text.slice(scan.position, scan.position + length)));
}

/** A pass over the head: private to it, gone when it ends. */
interface Scan {
  readonly text: string;
  /** Requests are repeated in answers. */
  readonly isRequest: boolean;
  readonly entries: number[];
  position: number;
  hasFolds: boolean;
  fault: Fault | undefined;
}

interface Fault {
  readonly code: ParseFailureCode;
  readonly detail: string;
}

/** RFC 3261 §7.5: empty lines before the start line are ignored. */
function skipEmptyLines(text: string): number {
  let start = 0;
  while (start < leadingEmptyBytesMax && text.startsWith("\r\n", start)) start += 2;
  return start;
}

/**
 * Finds all header lines. Afterwards `position` is where the body begins, or `fault` says what is
 * wrong and `entries` has the lines up to there.
 */
function scanHead(text: string, from: number, isRequest: boolean): Scan {
  const scan: Scan = {
    text,
    isRequest,
    entries: [],
    position: from,
    hasFolds: false,
    fault: undefined,
  };
  for (let lines = 0; scan.fault === undefined; lines += 1) {
    if (text.charCodeAt(scan.position) === 13 && text.charCodeAt(scan.position + 1) === 10) {
      scan.position += 2;
      return scan;
    }
    if (scan.position >= text.length) scan.fault = noEmptyLine;
    else if (lines >= headerLinesMax) scan.fault = tooManyHeaders;
    else scanLine(scan);
  }
  return scan;
}

/** Reads `name HCOLON value CRLF` with its continuation lines. */
function scanLine(scan: Scan): void {
  const text = scan.text;
  const nameStart = scan.position;
  let position = nameStart;
  let hash = 0;
  let code = text.charCodeAt(position);
  while (isTokenCode(code)) {
    hash = hashNameCode(hash, code);
    position += 1;
    code = text.charCodeAt(position);
  }
  const nameEnd = position;
  while (isBlankCode(code)) {
    position += 1;
    code = text.charCodeAt(position);
  }
  if (code !== 58 || nameEnd === nameStart) {
    scan.fault = notAHeader;
  } else if (nameEnd - nameStart > headerNameBytesMax) {
    scan.fault = tooLong;
  } else {
    const id = nameIdAt(text, nameStart, nameEnd, hash);
    scan.entries.push(id, nameStart);
    scan.position = position + 1;
    scanValue(scan);
  }
}

/**
 * Enters the value's trimmed bounds. The line ends at a CRLF that no blank follows; a CRLF with a
 * blank is a fold. Any other control character but HTAB is refused unless a backslash quotes it:
 * two readers could take it for different things (a bare LF as a line end, a NUL as the end of
 * all).
 */
function scanValue(scan: Scan): void {
  const { text, entries } = scan;
  const from = scan.position;
  let position = from;
  for (; ; position += 1) {
    const code = text.charCodeAt(position);
    if (code >= 32 && code !== 127) continue;
    if (code === 13 && text.charCodeAt(position + 1) === 10) {
      if (!isBlankCode(text.charCodeAt(position + 2))) break;
      scan.hasFolds = true;
      position += 2;
    } else if (code !== 9 && !isEscaped(text, position, code)) {
      // A NaN is the end of the text: the line does not end.
      scan.fault = code === 13 || code === 10 || code !== code ? badLineEnd : controlCharacter;
      break;
    }
  }
  const id = entries[entries.length - 2] as number; // its id and its name were entered before
  const length = position - from;
  if (scan.isRequest && isEchoed[id] === true && length > echoedValueBytesMax) {
    scan.fault = tooLongToRepeat;
  } else if (length > headerValueBytesMax) scan.fault = tooLong;
  let start = from;
  while (start < position && isAround(text, start)) start += 1;
  let end = position;
  while (end > start && isAround(text, end - 1)) end -= 1;
  entries.push(start === end ? from : start, start === end ? from : end);
  scan.position = position + 2;
}

/** A blank or a fold, which belong to no value at its ends. */
function isAround(text: string, position: number): boolean {
  const code = text.charCodeAt(position);
  if (code === 13 || code === 10) return true;
  return isBlankCode(code) && text.charCodeAt(position - 1) !== 92;
}

/** What an answer repeats (RFC 3261 §8.2.6.2), and a B2BUA's own request in part. */
const isEchoed: readonly boolean[] = echoedById();

function echoedById(): readonly boolean[] {
  const echoed: boolean[] = [];
  for (const id of [viaId, fromId, toId, callIdId, cseqId, contactId]) echoed[id] = true;
  return echoed;
}

/** quoted-pair (§25.1) lets any character but CR and LF stand behind a backslash. */
function isEscaped(text: string, position: number, code: number): boolean {
  return code < 128 && code !== 13 && code !== 10 && text.charCodeAt(position - 1) === 92;
}

/**
 * Characters of the body, or undefined when Content-Length is repeated, no number, or too large.
 */
function contentLengthOf(table: HeaderTable, available: number): number | undefined {
  const entry = entryOf(table, contentLengthId);
  if (entry < 0) return available;
  if (countLines(table, contentLengthId) > 1) return undefined;
  const length = parseDecimal(valueAt(table, entry), numberDigitsMax);
  return length !== undefined && length <= available ? length : undefined;
}

function messageFrom(line: StartLine, headers: HeaderTable, body: string): SipMessage {
  return line.kind === "request"
    ? { kind: "request", method: line.method, uri: line.uri, version: line.version, headers, body }
    : {
        kind: "response",
        status: line.status,
        reason: line.reason,
        version: line.version,
        headers,
        body,
      };
}

/**
 * RFC 3261 §8.2.6 copies these five into a response; without them there is nothing to answer to.
 */
const answerableIds: readonly number[] = [viaId, fromId, toId, callIdId, cseqId];

function refuse(
  line: StartLine,
  table: HeaderTable,
  fault: Fault,
  status: number,
): { readonly ok: false; readonly failure: ParseFailure } {
  const isAnswerable =
    line.kind === "request" &&
    line.method !== "ACK" &&
    fault !== tooLongToRepeat &&
    answerableIds.every((id) => countLines(table, id) > 0);
  if (!isAnswerable) return fail(fault);
  const request = messageFrom(line, table, "");
  return request.kind === "request" ? fail({ ...fault, status, request }) : fail(fault);
}

const noEmptyLine: Fault = { code: "no-empty-line", detail: "no empty line after the headers" };
const tooManyHeaders: Fault = { code: "too-many-headers", detail: `over ${headerLinesMax} lines` };
const notAHeader: Fault = { code: "header-name", detail: "a line is no header" };
const tooLong: Fault = { code: "header-too-long", detail: "a header is too long" };
const tooLongToRepeat: Fault = { code: "header-too-long", detail: "an answer would be too long" };
const badLineEnd: Fault = { code: "line-end", detail: "a line does not end with CRLF" };
const controlCharacter: Fault = {
  code: "control-character",
  detail: "a control character in a header",
};
