/**
 * A test case of PROTOS c07-sip: two templates, an INVITE and its teardown, each with its length in
 * front, with tags to replace. The tags and their order are those of the suite's FORMAT.md.
 */
export interface ProtosTags {
  /** `user@host` of the caller and of the called. */
  readonly from: string;
  readonly to: string;
  readonly fromAddress: string;
  readonly localPort: number;
  /** Counts up over the cases, so that each is a call of its own. */
  nextCall: number;
}

/** The INVITE, the CANCEL and the ACK of one test case; what the file holds, not more. */
export function fillProtos(file: string, tags: ProtosTags): readonly string[] {
  const [invite, teardown] = segmentsOf(file);
  const call = tags.nextCall;
  tags.nextCall += 1;
  const filled: string[] = [];
  if (invite !== undefined) filled.push(fill(invite, "INVITE", call, tags));
  if (teardown !== undefined) {
    filled.push(fill(teardown, "CANCEL", call, tags), fill(teardown, "ACK", call, tags));
  }
  return filled;
}

function segmentsOf(file: string): string[] {
  const segments: string[] = [];
  for (let at = 0; at < file.length && segments.length < 2; ) {
    const space = file.indexOf(" ", at);
    const length = Number(file.slice(at, space));
    if (space < 0 || !Number.isSafeInteger(length)) break;
    segments.push(file.slice(space + 1, space + 1 + length));
    at = space + 1 + length;
  }
  return segments;
}

function fill(template: string, teardown: string, call: number, tags: ProtosTags): string {
  const text = template
    .replaceAll("<From>", tags.from)
    .replaceAll("<From-Address>", tags.fromAddress)
    .replaceAll("<From-IP>", tags.fromAddress)
    .replaceAll("<Local-Port>", String(tags.localPort))
    .replaceAll("<To>", tags.to)
    .replaceAll("<Call-ID>", String(call))
    .replaceAll("<CSeq>", "1")
    .replaceAll("<Branch-ID>", String(call % 1_000_000).padStart(6, "0"))
    .replaceAll("<Teardown-Method>", teardown);
  const end = text.indexOf("\r\n\r\n");
  const bodyLength = end < 0 ? 0 : text.length - end - 4;
  return text.replaceAll("<Content-Length>", String(bodyLength));
}
