/** Attack classes A08, A09, A10, A21, A28: what two readers could read differently. */
import { createLogger, printable } from "@tandem/service";
import { headerOf, type SipRequest } from "@tandem/sip";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answerOf, testSdp, type TestPhone } from "../testing/test-phone.ts";
import { startTestServer, type TestServer } from "../testing/test-server.ts";

const host = "127.0.219.10";
let here: TestServer;
let caller: TestPhone;
let callee: TestPhone;

beforeAll(async () => {
  here = await startTestServer(host);
  caller = await here.phone("1001", "UDP", "127.0.219.101");
  callee = await here.phone("1002", "UDP", "127.0.219.102");
});

afterAll(async () => {
  caller.client.close();
  callee.client.close();
  await here.close();
});

/** Calls with a bent INVITE and declines it at the other end; what the other end heard. */
async function heardOf(choice: {
  readonly uri?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly contact?: string;
}): Promise<SipRequest> {
  const to = `<sip:1002@${host}>`;
  const asked = caller.ask({
    ...{ method: "INVITE", uri: `sip:1002@${host}`, to, body: testSdp },
    ...choice,
  });
  const invite = await callee.client.takeRequest("INVITE");
  callee.client.say(answerOf(callee, invite, 486));
  expect((await asked).status).toBe(486);
  return invite;
}

describe("A08 header smuggling", () => {
  test("A08 the outgoing leg is built anew: nothing of the caller's own headers goes on", async () => {
    const invite = await heardOf({
      headers: [
        ["X-Internal", "yes"],
        ["x-InTeRnAl", "yes"],
        ["Tandem-Hop", "1;secret"],
        ["Authorization", 'Digest username="1001"'],
      ],
    });
    expect(invite.headers.text).not.toMatch(/x-internal|secret|Authorization|received=/i);
    expect(invite.headers.text).not.toContain("127.0.219.101:");
  });

  test.each([
    ["a control octet before the colon", "Subject\u0001: x"],
    ["a NUL in the name", "Sub\u0000ject: x"],
    ["a vertical tab before the colon", "Subject\u000b: x"],
    ["a fold before the colon", "Subject\r\n : x"],
    ["no colon", "Subject x"],
    ["a bare LF in a value", "Subject: x\nX-Internal: yes"],
    ["a NUL in a value", "Subject: x\u0000y"],
  ])("A08 %s is refused with 400", async (_, line) => {
    const sizes = here.server.state.transactions.size;
    const text = caller.request({ method: "MESSAGE", uri: `sip:1002@${host}` });
    caller.client.say(text.replace("\r\nContact:", `\r\n${line}\r\nContact:`));
    expect((await caller.client.takeResponse("MESSAGE")).status).toBe(400);
    expect(here.server.state.transactions.size).toBe(sizes);
  });

  test("A08 blanks before the colon are the same header (RFC 3261 §7.3.1)", async () => {
    const text = caller.request({ method: "OPTIONS" });
    caller.client.say(text.replace("Call-ID:", "CALL-id \t :"));
    expect((await caller.client.takeResponse("OPTIONS")).status).toBe(200);
  });
});

describe("A09 headers twice", () => {
  test.each(["To", "From", "Call-ID", "CSeq", "Max-Forwards", "Content-Length"])(
    "A09 two %s get 400",
    async (name) => {
      const text = caller.request({ method: "MESSAGE", uri: `sip:1002@${host}` });
      const line = new RegExp(`\r\n${name}: [^\r]*`).exec(text)?.[0] ?? "";
      caller.client.say(text.replace(line, line + line.replace("1001", "1003")));
      expect((await caller.client.takeResponse("MESSAGE")).status).toBe(400);
    },
  );

  test("A09 two tags in one From get 400", async () => {
    const from = `<sip:1001@${host}>;tag=a;tag=b`;
    caller.client.say(caller.request({ method: "MESSAGE", uri: `sip:1002@${host}`, from }));
    expect((await caller.client.takeResponse("MESSAGE")).status).toBe(400);
  });

  test("A09 of two credentials for our realm neither may speak for the other", async () => {
    const call = { method: "MESSAGE", uri: `sip:1002@${host}` };
    caller.client.say(caller.request(call));
    const challenged = await caller.client.takeResponse("MESSAGE");
    const [name, good] = caller.credentials(challenged, "MESSAGE", call.uri);
    const bad = good.replace('username="1001"', 'username="1003"');
    caller.client.say(
      caller.request({
        ...call,
        headers: [
          [name, bad],
          [name, good],
        ],
      }),
    );
    expect((await caller.client.takeResponse("MESSAGE")).status).toBe(407);
  });
});

describe("A10 streams out of step", () => {
  const smuggled = (place: string): string =>
    [
      `OPTIONS sip:${host} SIP/2.0`,
      `Via: SIP/2.0/TCP ${place};branch=z9hG4bKsmuggled`,
      "From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: smuggled\r\nCSeq: 7 OPTIONS",
      "Content-Length: 0\r\n\r\n",
    ].join("\r\n");

  test.each([
    ["negative", "Content-Length: -1"],
    ["with a plus", "Content-Length: +0"],
    ["in hexadecimal", "Content-Length: 0x0"],
    ["a list", "Content-Length: 0, 0"],
    ["2^32", "Content-Length: 4294967296"],
    ["2^64", "Content-Length: 18446744073709551616"],
    ["twice", "Content-Length: 0\r\nContent-Length: 0"],
    ["twice, once in short", "Content-Length: 0\r\nl: 200"],
    ["missing", "Subject: none"],
    ["with a NUL", "Content-Length: 0\u0000"],
  ])(
    "A10 Content-Length %s: the connection ends, and no second message is read",
    async (_, line) => {
      const client = await here.connect("TCP", "127.0.219.66");
      const outer = smuggled("x").replace("smuggled", "outer").replace("Content-Length: 0", line);
      client.say(outer.replace(/Call-ID: \w+/, "Call-ID: outer") + smuggled("y"));
      await client.closed;
      expect(client.texts.filter((text) => text.includes("Call-ID: smuggled"))).toEqual([]);
    },
  );

  test("A10 the body of one message is not the head of another", async () => {
    const client = await here.connect("TCP", "127.0.219.66");
    const body = smuggled("inner");
    const outer = smuggled("outer").replace("smuggled", "outer");
    client.say(
      outer
        .replace("Call-ID: smuggled", "Call-ID: outer")
        .replace("Length: 0", `Length: ${body.length}`) + body,
    );
    expect(headerOf(await client.takeResponse("OPTIONS"), "call-id")).toBe("outer");
    client.say(smuggled("after").replace("Call-ID: smuggled", "Call-ID: after"));
    expect(headerOf(await client.takeResponse("OPTIONS"), "call-id")).toBe("after");
    expect(client.heard).toHaveLength(2);
    client.close();
  });
});

describe("A21 headers inside URIs", () => {
  test("A21 in the Request-URI they are refused", async () => {
    for (const more of [
      "?Route=%3Csip:evil%3E",
      "?Replaces=a%3Bto-tag%3Db",
      "?From=%3Csip:1003%3E",
    ]) {
      const uri = `sip:1002@${host}${more}`;
      caller.client.say(caller.request({ method: "INVITE", uri, body: testSdp }));
      expect((await caller.client.takeResponse("INVITE")).status).toBe(400);
    }
  });

  test("A21 in a Contact they reach nobody; line breaks stay escaped", async () => {
    const contact = `<${caller.contact}?Replaces=a&Route=%3Csip:evil%3E>`;
    const first = await heardOf({ contact });
    expect(first.headers.text).not.toMatch(/Replaces|evil/);
    const broken = `<sip:1001%0d%0aX-Injected:%20yes@127.0.219.101:${caller.client.port}>`;
    const second = await heardOf({ contact: broken });
    expect(second.headers.text).not.toMatch(/\r\nX-Injected/i);
  });
});

describe("A28 injection into logs and screens", () => {
  const names = ["${jndi:ldap://x}", "%n%n%s", "'; DROP TABLE dn; --", "{{7*7}}", "`id`"];
  test.each(names)("A28 %s is a name like any other", async (name) => {
    const from = `"${name}" <sip:1001@${host}>;tag=1`;
    const to = `<sip:1002@${host}>`;
    const asked = caller.ask({
      method: "INVITE",
      uri: `sip:1002@${host}`,
      to,
      from,
      body: testSdp,
    });
    const invite = await callee.client.takeRequest("INVITE");
    callee.client.say(answerOf(callee, invite, 486));
    expect((await asked).status).toBe(486);
  });

  test("A28 what moves a cursor or begins a line is written out", () => {
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(line) };
    const log = createLogger({ name: "sip-test", destination });
    log.warn(printable('a\r\n{"level":"fatal"}\u001b[2J\u009b31m\u202egnp.exe'));
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      level: "warn",
      msg: 'a\\x0d\\x0a{"level":"fatal"}\\x1b[2J\\x9b31m\\x202egnp.exe',
    });
  });

  test("A28 control characters in a header are no SIP", async () => {
    const { counts } = here.server.signalling;
    const malformedBefore = counts.malformed;
    const from = `"\u001b[2J" <sip:1001@${host}>;tag=1`;
    caller.client.say(caller.request({ method: "MESSAGE", uri: `sip:1002@${host}`, from }));
    await expect.poll(() => counts.malformed).toBe(malformedBefore + 1);
  });
});
