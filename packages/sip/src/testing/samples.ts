/** Messages for tests: short to name, whole on the wire. */
import { buildRequest, type HeaderPair } from "../build.ts";
import type { SipRequest, SipResponse } from "../message.ts";
import { parseMessage } from "../parse.ts";

export interface SampleParts {
  readonly method?: string;
  readonly uri?: string;
  readonly branch?: string;
  readonly cseq?: number;
  readonly toTag?: string;
  readonly headers?: readonly HeaderPair[];
  readonly body?: string;
}

/** A sound request as text. */
export function sampleRequestText(parts: SampleParts = {}): string {
  const method = parts.method ?? "INVITE";
  const toTag = parts.toTag === undefined ? "" : `;tag=${parts.toTag}`;
  return buildRequest({
    method,
    uri: parts.uri ?? "sip:bob@b.example",
    headers: [
      ["Via", `SIP/2.0/UDP a.example:5060;branch=${parts.branch ?? "z9hG4bK1"};rport`],
      ["Max-Forwards", "70"],
      ["From", '"Alice" <sip:alice@a.example>;tag=alice-1'],
      ["To", `<sip:bob@b.example>${toTag}`],
      ["Call-ID", "call-1@a.example"],
      ["CSeq", `${parts.cseq ?? 1} ${method}`],
      ["Contact", "<sip:alice@a.example:5062>"],
      ...(parts.headers ?? []),
    ],
    body: parts.body ?? "",
  });
}

export function sampleRequest(parts: SampleParts = {}): SipRequest {
  return requestFrom(sampleRequestText(parts));
}

/** Parses a text that must be a request. */
export function requestFrom(text: string): SipRequest {
  const parsed = parseMessage(text);
  if (!parsed.ok || parsed.value.kind !== "request") throw new Error(`no request: ${text}`);
  return parsed.value;
}

/** Parses a text that must be a response. */
export function responseFrom(text: string): SipResponse {
  const parsed = parseMessage(text);
  if (!parsed.ok || parsed.value.kind !== "response") throw new Error(`no response: ${text}`);
  return parsed.value;
}
