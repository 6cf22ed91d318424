/**
 * Structure-aware mutation of a SIP message: most of them stay messages, so that they get past the
 * first look. Lines are doubled, dropped, moved and taken from other messages; values get numbers
 * at their borders, strange characters, great lengths and words of other headers; bodies lose their
 * lengths. Everything is drawn from one seeded generator.
 */
import { chance, nextInt, pick, type Random } from "@tandem/kernel";

/** A mutated message is not longer than this: what is longer is refused by its length alone. */
const textMax = 70_000;

const borderNumbers = [
  "0",
  "-1",
  "1",
  "255",
  "256",
  "65535",
  "65536",
  "2147483647",
  "2147483648",
  "4294967295",
  "4294967296",
  "99999999999999999999",
  "1e9",
  "0x10",
  " 7 ",
];

const strangeTexts = [
  "",
  " ",
  "\t",
  "\0",
  "\r",
  "\n",
  "\r\n",
  "\r\n\r\n",
  "\r\n ",
  ",",
  ";",
  ";;",
  ";tag=",
  ";lr",
  ";branch=z9hG4bK",
  "=",
  "?",
  "@",
  "<",
  ">",
  "<>",
  '"',
  '\\"',
  "%",
  "%00",
  "%0d%0a",
  "%zz",
  "[::1]",
  "[:::]",
  "::",
  "*",
  "sip:",
  "sip:@",
  "tel:+",
  "sips:1001@127.0.1.10:0",
  "\u00e9\u00ff",
  "application/sdp",
  "multipart/mixed;boundary=b",
  "100rel",
  "timer;refresher=uac",
  "${jndi}",
  "'; --",
];

const headerWords = [
  "Via: SIP/2.0/UDP 127.0.3.1;branch=z9hG4bKx",
  "Max-Forwards: 0",
  "Contact: *",
  "Contact: <sip:1001@127.0.3.20>;expires=0",
  "Route: <sip:127.0.1.10;lr>",
  "Record-Route: <sip:127.0.3.1>",
  "Require: 100rel",
  "Supported: 100rel, timer, replaces, path, outbound",
  "RSeq: 1",
  "RAck: 1 1 INVITE",
  "Session-Expires: 90;refresher=uas",
  "Min-SE: 90",
  "Replaces: a;to-tag=b;from-tag=c",
  "Refer-To: <sip:1001@127.0.1.10?Replaces=a%3Bto-tag%3Db>",
  "Event: refer",
  "Subscription-State: terminated;reason=noresource",
  "Expires: 0",
  "Content-Type: application/sdp",
  "Content-Type: multipart/mixed;boundary=b",
  "Content-Length: 5",
  'Authorization: Digest username="1001", realm="tandem.test", nonce="x"',
  "Proxy-Authorization: Digest",
  "P-Asserted-Identity: <sip:1001@127.0.1.10>",
  "Privacy: id",
  "Diversion: <sip:1@a>;reason=unknown",
  "Reason: SIP;cause=200",
  "X-Tandem-Hop: destination;used=;conn=0123456789abcdef",
];

const methods =
  "INVITE ACK BYE CANCEL OPTIONS REGISTER SUBSCRIBE NOTIFY REFER INFO UPDATE PRACK MESSAGE XYZ";

type Mutation = (random: Random, text: string, other: string) => string;

/** A message with one to four things changed; `other` lends it lines. */
export function mutate(random: Random, text: string, other: string): string {
  let mutated = text;
  for (let count = nextInt(random, 1, 4); count > 0; count -= 1) {
    mutated = pick(random, mutations)(random, mutated, other).slice(0, textMax);
  }
  return mutated;
}

const mutations: readonly Mutation[] = [
  (random, text) => onLine(random, text, () => []),
  (random, text) => onLine(random, text, (line) => [line, line]),
  (random, text, other) => onLine(random, text, (line) => [line, pick(random, linesOf(other))]),
  (random, text, other) => onLine(random, text, () => [pick(random, linesOf(other))]),
  (random, text) => onLine(random, text, (line) => [line, pick(random, headerWords)]),
  (random, text) => onLine(random, text, (line) => [withStrange(random, line)]),
  (random, text) => onLine(random, text, (line) => [withStrange(random, line)]),
  (random, text) => onLine(random, text, (line) => [withNumber(random, line)]),
  (random, text) => onLine(random, text, (line) => [withLength(random, line)]),
  (random, text) => onLine(random, text, (line) => [line.replace(/: */, "\t :\r\n ")]),
  (random, text) => text.replace(/^[A-Z]+/, pick(random, methods.split(" "))),
  (random, text) =>
    text.replace(/^(CSeq: *\d+ +)[A-Z]+/im, `$1${pick(random, methods.split(" "))}`),
  (random, text) => text.replace(/^SIP\/2\.0 \d+/, `SIP/2.0 ${nextInt(random, 0, 799)}`),
  withFlip,
  (random, text) => text.slice(0, nextInt(random, 0, text.length)),
  (_random, text, other) => text + other,
  (random, text) => text.replace(/\r\n\r\n[\s\S]*$/, () => `\r\n\r\n${body(random)}`),
  (random, text) => text.replaceAll("\r\n", chance(random, 500) ? "\n" : "\r"),
];

function linesOf(text: string): readonly string[] {
  return text.split("\r\n");
}

function onLine(random: Random, text: string, act: (line: string) => readonly string[]): string {
  const lines = [...linesOf(text)];
  const at = nextInt(random, 0, lines.length - 1);
  lines.splice(at, 1, ...act(lines[at] ?? ""));
  return lines.join("\r\n");
}

function withStrange(random: Random, line: string): string {
  const from = nextInt(random, 0, line.length);
  const to = chance(random, 500) ? from : nextInt(random, from, line.length);
  return line.slice(0, from) + pick(random, strangeTexts) + line.slice(to);
}

function withNumber(random: Random, line: string): string {
  const numbers = [...line.matchAll(/\d+/g)];
  if (numbers.length === 0) return `${line}${pick(random, borderNumbers)}`;
  const { index, 0: digits } = pick(random, numbers);
  return line.slice(0, index) + pick(random, borderNumbers) + line.slice(index + digits.length);
}

function withLength(random: Random, line: string): string {
  const at = nextInt(random, 0, line.length);
  const piece = chance(random, 500) ? pick(random, strangeTexts) : line.slice(at, at + 20);
  return line.slice(0, at) + piece.repeat(nextInt(random, 1, 1_500)) + line.slice(at);
}

function withFlip(random: Random, text: string): string {
  const at = nextInt(random, 0, text.length);
  return text.slice(0, at) + String.fromCharCode(nextInt(random, 0, 255)) + text.slice(at + 1);
}

function body(random: Random): string {
  const lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 0.0.0.0", "t=0 0"];
  for (let count = nextInt(random, 0, 40); count > 0; count -= 1) {
    lines.push(`m=audio ${pick(random, borderNumbers)} RTP/AVP ${pick(random, borderNumbers)}`);
    if (chance(random, 500)) lines.push(withStrange(random, "a=sendonly"));
  }
  return lines.join(chance(random, 800) ? "\r\n" : "\n");
}
