/**
 * The other side of a phone's calls, by hand: writes the INVITE, ACK, BYE and responses that a test
 * wants, valid or not, with nothing remembered but tags and numbers.
 */
import { buildRequest, buildResponse, type HeaderPair, headerOf, tagOf } from "@tandem/sip";
import { requestFrom, responseFrom } from "@tandem/sip/testing";

export interface OtherSide {
  /** A request; `to` gets the phone's tag once it is known. */
  request(method: string, cseq: number, more?: RequestMore): string;
  /** A response to what the phone sent. */
  response(request: string, status: number, more?: ResponseMore): string;
  /** Learns the phone's tag from a response that the phone sent. */
  learn(response: string): void;
}

export interface RequestMore {
  readonly branch?: string;
  readonly sdp?: string;
  readonly contact?: string;
  readonly headers?: readonly HeaderPair[];
  readonly callId?: string;
}

export interface ResponseMore {
  readonly tag?: string;
  readonly sdp?: string;
  readonly headers?: readonly HeaderPair[];
}

/** SDP with PCMU, unless said otherwise. */
export function sdpOf(direction = "sendrecv", media = "m=audio 9000 RTP/AVP 8 0"): string {
  return [
    "v=0",
    "o=- 1 1 IN IP4 127.0.9.1",
    "s=-",
    "c=IN IP4 127.0.9.1",
    "t=0 0",
    media,
    `a=${direction}`,
    "",
  ].join("\r\n");
}

export function otherSide(callId = "call-1"): OtherSide {
  let phoneTag: string | undefined;
  return {
    request(method, cseq, more = {}) {
      const tag = phoneTag === undefined ? "" : `;tag=${phoneTag}`;
      const isSdp = more.sdp !== undefined;
      return buildRequest({
        method,
        uri: "sip:1001@127.0.3.1:5070",
        headers: [
          [
            "Via",
            `SIP/2.0/UDP 127.0.1.10:5060;branch=${more.branch ?? `z9hG4bK-${cseq}-${method}`}`,
          ],
          ["Max-Forwards", "70"],
          ["From", '"Caller" <sip:2002@example.test>;tag=other-1'],
          ["To", `<sip:1001@example.test>${tag}`],
          ["Call-ID", more.callId ?? callId],
          ["CSeq", `${cseq} ${method}`],
          ["Contact", more.contact ?? "<sip:2002@127.0.1.10:5060>"],
          ...(more.headers ?? []),
          ...(isSdp ? [["Content-Type", "application/sdp"] as const] : []),
        ],
        body: more.sdp ?? "",
      });
    },
    response(request, status, more = {}) {
      const headers: HeaderPair[] = [
        ["Contact", "<sip:2002@127.0.1.10:5060>"],
        ...(more.headers ?? []),
      ];
      return buildResponse(requestFrom(request), status, {
        toTag: more.tag ?? "other-1",
        headers,
        body: more.sdp ?? "",
      });
    },
    learn(response) {
      const message = responseFrom(response);
      if (headerOf(message, "to") !== undefined) phoneTag = tagOf(message, "to");
    },
  };
}
