import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseAuthorization, parseChallenge } from "./digest/challenge.ts";
import { headerLines, listOf } from "./header-table.ts";
import type { SipMessage } from "./message.ts";
import { parseNameAddr, withoutTag } from "./name-addr.ts";
import { parseMessage } from "./parse.ts";
import { directionOf, sdpView } from "./sdp/sdp-view.ts";
import { createStream, pushStream } from "./stream.ts";
import { agreesWith, describeAt } from "./testing/describe-message.ts";
import { readProtos, readSuite, suitesFolder } from "./testing/suite-reader.ts";
import { ackForFailure, cancelFor } from "./transactions/ack.ts";
import { clientKey, inviteKeyOf, serverKey } from "./transactions/key.ts";
import { dialogFromRequest } from "./dialogs/dialog.ts";
import { buildResponse } from "./build.ts";
import { parseUri } from "./uri.ts";
import { validateRequest, validateResponse } from "./validate.ts";
import { stampVia } from "./via.ts";

/** Material that nobody here wrote; the folder is named by TANDEM_SUITES (proof.md level 2). */
const suites = suitesFolder();
const hasSuites = suites !== undefined;
const folder = suites ?? "";
const skipped = hasSuites ? "" : " (skipped: TANDEM_SUITES names no folder of outside material)";

interface Expectation {
  readonly id: string;
  readonly file: string;
  readonly parser: "must-accept" | "should-accept" | "must-reject" | "may-reject";
  readonly asserts?: readonly (readonly [path: string, expected: unknown])[];
}

/** Where our verdict is another than the parser column, and may be. */
const deviations: Readonly<Record<string, string>> = {
  badbranch:
    "an empty branch parses, and is refused with the 400 that the suite wants of an endpoint",
};

describe.each(["rfc4475", "rfc5118"])(`torture messages %s${skipped}`, (suite) => {
  const expectations = hasSuites ? readExpectations(suite) : [];

  test.skipIf(!hasSuites)("each is taken or refused as its RFC says", () => {
    expect(expectations.length).toBeGreaterThan(10);
    const wrong = expectations.filter((expected) => {
      const isTaken = verdictOn(read(suite, expected.file)) === "ok";
      return expected.parser.endsWith("accept")
        ? !isTaken
        : isTaken && expected.parser === "must-reject";
    });
    expect(wrong.map(({ id }) => id).filter((id) => deviations[id] === undefined)).toEqual([]);
  });

  test.skipIf(!hasSuites)("what is taken reads as its RFC says", () => {
    const wrong: string[] = [];
    let compared = 0;
    for (const expected of expectations) {
      const parsed = parseMessage(read(suite, expected.file));
      if (!parsed.ok) continue;
      for (const [path, value] of expected.asserts ?? []) {
        compared += 1;
        const found = describeAt(parsed.value, path);
        if (!agreesWith(found, path.endsWith("scheme") ? String(value).toLowerCase() : value))
          wrong.push(`${expected.id} ${path}: ${String(found)}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(30);
  });
});

describe(`no message breaks anything${skipped}`, () => {
  test.skipIf(!hasSuites).each(["rfc4475", "rfc5118", "fuzz"])("DET2 %s", (suite) => {
    const cases = readSuite(join(folder, suite));
    expect(cases.length).toBeGreaterThan(10);
    for (const { text } of cases) exercise(text);
  });

  test.skipIf(!hasSuites)("DET2 PROTOS c07-sip: each case in three methods", () => {
    const tags = {
      from: "a@a.example",
      to: "b@b.example",
      fromAddress: "192.0.2.1",
      localPort: 5060,
    };
    const cases = readProtos(join(folder, "fuzz/protos-c07-sip"), { ...tags, nextCall: 0 });
    expect(cases?.length).toBeGreaterThan(3_000);
    for (const { text } of cases ?? []) exercise(text);
    expect(verdictOn(cases?.[0]?.text ?? "")).toBe("ok"); // case 0 is the valid one
  });

  test.skipIf(!hasSuites)("DET2 SDP corpora", () => {
    const bodies = readSuite(join(folder, "fuzz"), /\.sdp$/);
    expect(bodies.length).toBeGreaterThan(20);
    for (const { text } of bodies)
      expect(directionOf(text) === undefined).toBe(sdpView(text) === undefined);
  });
});

function readExpectations(suite: string): readonly Expectation[] {
  const json = readFileSync(join(folder, suite, "expected.json"), "utf8");
  return (JSON.parse(json) as { messages: Expectation[] }).messages; // the suites' MANIFEST.md
}

function read(suite: string, file: string): string {
  return readFileSync(join(folder, suite, file), "latin1");
}

function verdictOn(text: string): string {
  const parsed = parseMessage(text);
  if (!parsed.ok) return parsed.failure.code;
  const verdict = validate(parsed.value);
  return verdict.ok ? "ok" : verdict.failure.detail;
}

function validate(message: SipMessage): ReturnType<typeof validateRequest> {
  return message.kind === "request" ? validateRequest(message) : validateResponse(message);
}

/** Puts one text through framing, parser, validation, every accessor and every builder. */
function exercise(text: string): void {
  pushStream(createStream(), text);
  const stream = createStream();
  for (let at = 0; at < text.length; at += 997) pushStream(stream, text.slice(at, at + 997));
  stampVia(text, "192.0.2.9", 5060);
  sdpView(text);
  const parsed = parseMessage(text);
  const message = parsed.ok ? parsed.value : parsed.failure.request;
  if (message === undefined) return;
  validate(message);
  for (const { name, value } of headerLines(message)) {
    for (const element of [value, ...listOf(message, name)]) {
      parseNameAddr(element);
      parseUri(element);
      parseChallenge(element);
      parseAuthorization(element);
      withoutTag(element);
    }
  }
  sdpView(message.body);
  clientKey(message);
  if (message.kind === "response") return;
  serverKey(message);
  inviteKeyOf(message);
  cancelFor(message);
  dialogFromRequest(message, "tag");
  const response = buildResponse(message, 486, {
    toTag: "t",
    source: { host: "192.0.2.9", port: 1 },
  });
  ackForFailure(message, response);
  // What we answer must be a message that others can read.
  if (parsed.ok && validate(message).ok) expect(verdictOn(response)).toBe("ok");
}
