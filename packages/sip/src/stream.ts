/**
 * Framing of a stream (RFC 3261 §18.3, RFC 5626 §3.5.1): messages end where Content-Length says,
 * CRLF CRLF between them is a keep-alive, a single CRLF its answer. What cannot be framed for
 * certain (no Content-Length, two of them, one that is no number) ends the stream for good, because
 * every byte after it could be somebody's forged message (RFC 4475 §3.1.2.3, §3.3.9).
 */
import { isBlankCode, parseDecimal } from "./characters.ts";
import {
  headerLinesMax,
  keepAlivesPerPushMax,
  messageBytesMax,
  numberDigitsMax,
} from "./limits.ts";

/** What has come and is not yet a message. Plain data, changed by `pushStream`. */
export interface Stream {
  pending: string;
  /** Where looking for the end of the head goes on. */
  searched: number;
  /** Length of the message whose head is complete, or 0. */
  awaited: number;
  /** A line break that may be the first half of a keep-alive: 0 or 1. */
  breaks: number;
  failure: StreamFailure | undefined;
}

export type StreamFailure =
  | "too-long"
  | "no-content-length"
  | "bad-content-length"
  | "too-many-keep-alives";

export interface StreamOutput {
  readonly messages: string[];
  /** CRLF CRLF seen between messages: each asks for a CRLF back. */
  readonly keepAlives: number;
  /** The stream is lost; close the connection after answering `messages`. */
  readonly failure?: StreamFailure;
  /** The head whose frame is wrong, for an answer before the connection is closed. */
  readonly failedHead?: string;
}

export function createStream(): Stream {
  return { pending: "", searched: 0, awaited: 0, breaks: 0, failure: undefined };
}

/** Takes a chunk (latin1) and gives what is complete. After a failure it takes nothing more. */
export function pushStream(stream: Stream, chunk: string): StreamOutput {
  const messages: string[] = [];
  if (stream.failure !== undefined) return { messages, keepAlives: 0, failure: stream.failure };
  stream.pending = stream.pending.length === 0 ? chunk : stream.pending + chunk;
  let keepAlives = 0;
  for (;;) {
    if (stream.awaited === 0) {
      keepAlives += skipKeepAlives(stream);
      if (keepAlives > keepAlivesPerPushMax) return stop(stream, messages, "too-many-keep-alives");
      const failure = readHead(stream);
      if (failure !== undefined) return stop(stream, messages, failure);
    }
    if (stream.awaited === 0 || stream.pending.length < stream.awaited) break;
    messages.push(stream.pending.slice(0, stream.awaited));
    stream.pending = stream.pending.slice(stream.awaited);
    stream.awaited = 0;
    stream.searched = 0;
    stream.breaks = 0;
  }
  return { messages, keepAlives };
}

function stop(stream: Stream, messages: string[], failure: StreamFailure): StreamOutput {
  const end = stream.pending.indexOf("\r\n\r\n");
  const failedHead = end < 0 ? undefined : stream.pending.slice(0, end + 4);
  stream.failure = failure;
  stream.pending = "";
  return {
    messages,
    keepAlives: 0,
    failure,
    ...(failedHead === undefined ? {} : { failedHead }),
  };
}

/** Removes the line breaks before a message; each pair of them is a keep-alive. */
function skipKeepAlives(stream: Stream): number {
  const text = stream.pending;
  let start = 0;
  while (text.charCodeAt(start) === 13 && text.charCodeAt(start + 1) === 10) start += 2;
  if (start === 0) return 0;
  stream.pending = text.slice(start);
  stream.searched = 0;
  const breaks = stream.breaks + start / 2;
  stream.breaks = breaks & 1;
  return breaks >> 1;
}

/** Sets `awaited` once the head is complete. */
function readHead(stream: Stream): StreamFailure | undefined {
  const text = stream.pending;
  // The end may straddle two chunks.
  const end = text.indexOf("\r\n\r\n", Math.max(0, stream.searched - 3));
  if (end < 0) {
    stream.searched = text.length;
    return text.length > messageBytesMax ? "too-long" : undefined;
  }
  const lengths = contentLengths(text.slice(0, end + 2));
  if (lengths.length === 0) return "no-content-length";
  const length = lengths.length === 1 ? parseDecimal(lengths[0] ?? "", numberDigitsMax) : undefined;
  if (length === undefined) return "bad-content-length";
  stream.awaited = end + 4 + length;
  return stream.awaited > messageBytesMax ? "too-long" : undefined;
}

/** The values of all Content-Length lines; two are enough to know that it is wrong. */
function contentLengths(head: string): readonly string[] {
  const values: string[] = [];
  let lineStart = head.indexOf("\r\n") + 2;
  for (let lines = 0; lineStart < head.length && lines <= headerLinesMax; lines += 1) {
    const next = head.indexOf("\r\n", lineStart);
    const lineEnd = next < 0 ? head.length : next;
    const value = contentLengthIn(head, lineStart, lineEnd);
    if (value !== undefined) values.push(value);
    if (values.length > 1) break;
    lineStart = lineEnd + 2;
  }
  return values;
}

function contentLengthIn(head: string, start: number, end: number): string | undefined {
  const first = head.charCodeAt(start) | 32;
  if (first !== 99 && first !== 108) return undefined; // c, l
  const colon = head.indexOf(":", start);
  if (colon < 0 || colon > end) return undefined;
  let nameEnd = colon;
  while (nameEnd > start && isBlankCode(head.charCodeAt(nameEnd - 1))) nameEnd -= 1;
  const name = head.slice(start, nameEnd).toLowerCase();
  return name === "content-length" || name === "l" ? head.slice(colon + 1, end).trim() : undefined;
}
