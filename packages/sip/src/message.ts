/**
 * A SIP message as a value (RFC 3261 §7): the text as it came, with its start line read and its
 * header lines found. What a header says is read when somebody asks (`header-table.ts`, `via.ts`
 * …).
 */
import type { HeaderTable } from "./header-table.ts";

export interface SipRequest {
  readonly kind: "request";
  readonly method: string;
  /** The Request-URI, as it came. */
  readonly uri: string;
  /** `SIP/2.0`, or another version for `validateRequest` to refuse. */
  readonly version: string;
  readonly headers: HeaderTable;
  /** Exactly Content-Length characters; without that header all that followed the empty line. */
  readonly body: string;
}

export interface SipResponse {
  readonly kind: "response";
  /** 100 … 699. */
  readonly status: number;
  readonly reason: string;
  readonly version: string;
  readonly headers: HeaderTable;
  readonly body: string;
}

export type SipMessage = SipRequest | SipResponse;

/** The whole text of a message as it came. */
export function textOf(message: SipMessage): string {
  return message.headers.text;
}
