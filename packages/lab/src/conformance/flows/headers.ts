/**
 * Which headers of a flow's message go into the live one: all but those that name addresses, tags,
 * branches and calls, which are made anew, and what the transport adds.
 */
import { headerLines, type HeaderPair, type SipMessage } from "@tandem/sip";

const madeAnew = new Set([
  "via",
  "from",
  "to",
  "call-id",
  "cseq",
  "contact",
  "max-forwards",
  "route",
  "record-route",
  "path",
  "service-route",
  "content-length",
  "authorization",
  "proxy-authorization",
  "www-authenticate",
  "proxy-authenticate",
  "rack",
  "replaces",
  "refer-to",
  "referred-by",
  "target-dialog",
  "identity",
  "identity-info",
]);

export function carriedHeaders(message: SipMessage | null): HeaderPair[] {
  if (message === null) return [];
  return headerLines(message)
    .filter(({ name }) => !madeAnew.has(name.toLowerCase()))
    .map(({ name, value }) => [name, value.replace(/\r\n[ \t]+/g, " ")] as const);
}

const silence = "v=0\r\no=- 1 1 IN IP4 127.0.9.1\r\ns=-\r\nc=IN IP4 127.0.9.1\r\nt=0 0\r\n";

/** The flow's body, or one where the flow says that there is one and prints none. */
export function carriedBody(message: SipMessage | null, hasBody: boolean): string {
  if (
    message !== null &&
    message.body.trim() !== "" &&
    !/^\s*\.\.\.|^\[?\w+ SDP/.test(message.body)
  ) {
    return isSdp(message) && !message.body.startsWith("v=0") ? plainSdp : message.body;
  }
  return hasBody ? plainSdp : "";
}

function isSdp(message: SipMessage): boolean {
  return /^(?:content-type|c)\s*:\s*application\/sdp/im.test(message.headers.text);
}

export const plainSdp: string = `${silence}m=audio 4000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n`;
