/**
 * What parsing, checking and rewriting cost, in microseconds a message (best of seven rounds):
 *
 *   node --conditions=@tandem/source packages/sip/src/testing/measure.ts
 */
import {
  buildRequest,
  buildResponse,
  callIdOf,
  cseqOf,
  headerOf,
  parseMessage,
  parseUri,
  sdpView,
  serverKey,
  type SipRequest,
  tagOf,
  uriOf,
  validateRequest,
  viaOf,
} from "../index.ts";

const roundMessages = 100_000;
const sdp = [
  "v=0",
  "o=- 3724394400 3724394405 IN IP4 10.0.0.1",
  "s=-",
  "c=IN IP4 10.0.0.1",
  "t=0 0",
  "m=audio 49170 RTP/AVP 0 8 101",
  "a=rtpmap:0 PCMU/8000",
  "a=rtpmap:8 PCMA/8000",
  "a=rtpmap:101 telephone-event/8000",
  "a=fmtp:101 0-16",
  "a=ptime:20",
  "a=sendrecv",
  "",
].join("\r\n");
const bytes = Buffer.from(
  [
    "INVITE sip:1002@127.0.1.10 SIP/2.0",
    "Via: SIP/2.0/UDP 127.0.3.1:5060;rport;branch=z9hG4bK77ef4c2312983.1",
    "Max-Forwards: 70",
    'From: "Agent 1001" <sip:1001@127.0.1.10>;tag=49583',
    "To: <sip:1002@127.0.1.10>",
    "Call-ID: asd88asd77a@127.0.3.1",
    "CSeq: 1 INVITE",
    "Contact: <sip:1001@127.0.3.1:5060>",
    "User-Agent: Phone/1.0 (a usual length of such a text)",
    "Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, UPDATE, REFER, NOTIFY",
    "Supported: replaces, timer, outbound",
    "Content-Type: application/sdp",
    `Content-Length: ${sdp.length}`,
    "",
    sdp,
  ].join("\r\n"),
  "latin1",
);

function receive(): SipRequest {
  const parsed = parseMessage(bytes.toString("latin1"));
  if (!parsed.ok || parsed.value.kind !== "request") throw new Error("the sample is no request");
  return parsed.value;
}

function readUsual(): unknown {
  const request = receive();
  return [
    viaOf(request),
    tagOf(request, "from"),
    tagOf(request, "to"),
    cseqOf(request),
    uriOf(request, "contact"),
    callIdOf(request),
  ];
}

/** One leg of a B2BUA: parse, look up, write the other leg's request, make bytes of it. */
function relay(): Buffer {
  const request = receive();
  const text = buildRequest({
    method: "INVITE",
    uri: request.uri,
    headers: [
      ["via", `SIP/2.0/UDP 127.0.1.10:5060;branch=${serverKey(request).slice(0, 20)}`],
      ["max-forwards", "69"],
      ["from", headerOf(request, "from") ?? ""],
      ["to", headerOf(request, "to") ?? ""],
      ["call-id", "another"],
      ["cseq", "1 INVITE"],
      ["contact", "<sip:127.0.1.10:5060>"],
      ["content-type", "application/sdp"],
    ],
    body: request.body,
  });
  return Buffer.from(text, "latin1");
}

function measure(name: string, run: () => unknown): void {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 7; round += 1) {
    const start = process.hrtime.bigint();
    for (let count = 0; count < roundMessages; count += 1) run();
    best = Math.min(best, Number(process.hrtime.bigint() - start) / roundMessages / 1_000);
  }
  process.stdout.write(`${name.padEnd(44)} ${best.toFixed(2).padStart(6)} µs\n`);
}

const sample = receive();
process.stdout.write(`INVITE of ${bytes.length} bytes\n`);
measure("parse", receive);
measure("parse, Via, tags, CSeq, Contact, Call-ID", readUsual);
measure("validate", () => validateRequest(sample));
measure("parse, key, rewrite 8 headers, to bytes", relay);
measure("server key", () => serverKey(sample));
measure("response 180", () => buildResponse(sample, 180, { toTag: "abc" }));
measure("URI", () => parseUri(sample.uri));
measure("SDP view", () => sdpView(sdp));
