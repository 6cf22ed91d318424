/** What baresip's SIP trace (`-s`) says came in, with the address that sent it. */
export interface TracedMessage {
  /** `INVITE sip:…` or `SIP/2.0 200 OK` */
  readonly first: string;
  /** Of its CSeq. */
  readonly method: string;
  /** `127.9.1.10:5060` */
  readonly from: string;
  readonly to: string;
  readonly text: string;
}

/** `#`, the addresses, the message; in colours, whose end is the record's. */
const recordPattern = /#\n(?:UDP|TCP) (\S+) -> (\S+)\n(([^\r]+)\r\n[\s\S]*)/;
const colourEnd = "\u001b[;m";

export function readTrace(output: string): readonly TracedMessage[] {
  return output.split(colourEnd).flatMap((record) => {
    const match = recordPattern.exec(record);
    if (match === null) return [];
    const [, from = "", to = "", text = "", first = ""] = match;
    const method = /^CSeq: *\d+ +(\w+)/im.exec(text)?.[1] ?? "";
    return [{ first, method, from, to, text }];
  });
}
