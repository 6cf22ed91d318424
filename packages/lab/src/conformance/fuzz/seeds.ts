/**
 * What mutation begins with: the messages below a folder of suites, or else one of each kind that a
 * call knows, written here.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { sampleRequestText } from "@tandem/sip/testing";
import { readCorpus } from "../corpus/read-corpus.ts";

/** More seeds than this are thinned evenly: mutation finds the rest. */
const seedsMax = 2_000;

export function readSeeds(folder: string | null): readonly string[] {
  if (folder === null) return ownSeeds();
  const below = ["fuzz", "rfc4475", "rfc5118", "callflows"]
    .map((name) => join(folder, name))
    .filter((each) => existsSync(each));
  const texts = (below.length > 0 ? below : [folder]).flatMap((each) =>
    readCorpus(each).map(({ text }) => text),
  );
  const step = Math.ceil(texts.length / seedsMax);
  return [...ownSeeds(), ...texts.filter((_, index) => index % step === 0)];
}

export function ownSeeds(): readonly string[] {
  const body = "v=0\r\no=- 1 1 IN IP4 127.0.3.1\r\ns=-\r\nc=IN IP4 127.0.3.1\r\nt=0 0\r\n";
  const audio = `${body}m=audio 4000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n`;
  const uri = "sip:1001@127.0.1.10";
  const type = ["Content-Type", "application/sdp"] as const;
  return [
    sampleRequestText({ uri, headers: [type], body: audio }),
    sampleRequestText({ uri }),
    sampleRequestText({ uri, headers: [["Supported", "100rel, timer, replaces"]] }),
    ...["OPTIONS", "REGISTER", "SUBSCRIBE", "MESSAGE", "INFO", "PUBLISH"].map((method) =>
      sampleRequestText({ method, uri, headers: [["Expires", "60"]] }),
    ),
    ...["ACK", "BYE", "CANCEL", "PRACK", "UPDATE", "NOTIFY"].map((method) =>
      sampleRequestText({ method, uri, toTag: "t", cseq: 2 }),
    ),
    sampleRequestText({ method: "REFER", uri, headers: [["Refer-To", "<sip:1002@127.0.1.10>"]] }),
  ];
}
