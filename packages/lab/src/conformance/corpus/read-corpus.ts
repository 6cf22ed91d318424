/**
 * A folder of odd inputs without verdicts, as SIP messages: whole messages as they are, session
 * descriptions as the body of an INVITE, and everything else that is text as a Request-URI, a
 * header and a body of one.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { readProtos, sampleRequestText } from "@tandem/sip/testing";

export interface CorpusMessage {
  readonly name: string;
  readonly text: string;
}

/** Texts about a corpus, and its archives, are not of it. */
const aboutIt =
  /(?:\.(?:md|json|jsonl|xz|gz|tgz|zip|pcap)|(?:^|\/)(?:LICENSE|README|COPYING)[^/]*)$/i;
const messageStart = /^\s*(?:SIP\/|\S+ \S.* SIP\/)/;
const inputBytesMax = 256 * 1_024;

export function readCorpus(folder: string): readonly CorpusMessage[] {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((name) => !aboutIt.test(name))
    .sort();
  return [...names.flatMap((name) => messagesOf(folder, name)), ...protosBelow(folder)];
}

function messagesOf(folder: string, name: string): readonly CorpusMessage[] {
  const text = readFileSync(join(folder, name)).subarray(0, inputBytesMax).toString("latin1");
  if (messageStart.test(text)) return [{ name, text }, ...withCrlf(name, text)];
  if (text.startsWith("v=0")) return [{ name, text: sampleRequestText({ ...sdp, body: text }) }];
  const line = text.split(/\r?\n/)[0] ?? "";
  return [
    { name: `${name} as a URI`, text: sampleRequestText({ uri: line }) },
    { name: `${name} as a header`, text: sampleRequestText({ headers: [["Subject", line]] }) },
    { name: `${name} as a body`, text: sampleRequestText({ body: text }) },
  ];
}

const sdp = { headers: [["Content-Type", "application/sdp"]] } as const;

/** Files that were edited with bare line feeds are also sent as they were meant. */
function withCrlf(name: string, text: string): readonly CorpusMessage[] {
  if (text.includes("\r\n")) return [];
  return [{ name: `${name} with CRLF`, text: text.replaceAll("\n", "\r\n") }];
}

function protosBelow(folder: string): readonly CorpusMessage[] {
  const tags = { from: "a@a.example", to: "1001@127.0.1.10", fromAddress: "127.0.3.1" };
  return [folder, join(folder, "protos-c07-sip")].flatMap((each) =>
    existsSync(join(each, "testcases.tar.xz"))
      ? (readProtos(each, { ...tags, localPort: 5060, nextCall: 0 }) ?? [])
      : [],
  );
}
