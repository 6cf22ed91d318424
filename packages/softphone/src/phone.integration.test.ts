import { afterEach, describe, expect, test } from "vitest";
import { createPhone, type Phone, type PhoneOptions } from "./index.ts";

/** Real sockets on loopback addresses of lab number 250, which no lab takes. */
const alice = { host: "127.250.3.1", port: 15_060 };
const bob = { host: "127.250.3.2", port: 15_060 };
const nobody = { host: "127.250.3.9", port: 15_060 };

const open: Phone[] = [];
afterEach(async () => {
  for (const phone of open.splice(0)) await phone.close();
});

async function phone(options: PhoneOptions): Promise<Phone> {
  const created = await createPhone(options);
  open.push(created);
  return created;
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries += 1) {
    if (tries > 500) throw new Error("the condition did not come true");
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
}

describe.each(["UDP", "TCP"] as const)("two phones over %s", (transport) => {
  test("a call with sound both ways, hold, retrieve and hang-up", async () => {
    const called = await phone({ ...bob, toneHertz: 1_000 });
    const caller = await phone({ ...alice, toneHertz: 440, targets: [{ transport, ...bob }] });
    const established = caller.waitFor("established", 5_000);
    caller.call("1002");
    await established;

    await until(() => (called.rtp()?.receivedPackets ?? 0) >= 30);
    await until(() => (caller.rtp()?.receivedPackets ?? 0) >= 30);
    expect(called.toneShare(440)).toBeGreaterThan(0.9);
    expect(called.toneShare(1_000)).toBeLessThan(0.01);
    expect(caller.toneShare(1_000)).toBeGreaterThan(0.9);
    expect(caller.rtp()).toMatchObject({ lostPackets: 0, streams: 1, isSending: true });

    const held = called.waitFor("held", 5_000);
    caller.hold();
    expect(await held).toMatchObject({ by: "remote" });
    await until(() => called.rtp()?.isSending === false && caller.rtp()?.isSending === false);

    const retrieved = called.waitFor("retrieved", 5_000);
    caller.retrieve();
    await retrieved;
    const before = called.rtp()?.receivedPackets ?? 0;
    await until(() => (called.rtp()?.receivedPackets ?? 0) > before + 10);

    const ended = caller.waitFor("ended", 5_000);
    called.hangup();
    expect(await ended).toMatchObject({ cause: "remote", wasEstablished: true });
    expect(caller.rtp()?.sentPackets).toBeGreaterThan(30);
  });
});

test("a caller goes on to the other site when the first does not answer", async () => {
  await phone({ ...bob, toneHertz: 0 });
  const targets = [
    { transport: "UDP", ...nobody },
    { transport: "UDP", ...bob },
  ] as const;
  const caller = await phone({ ...alice, toneHertz: 0, targets, tryNextAfterMs: 150 });
  const established = caller.waitFor("established", 5_000);
  const call = caller.call("1002");
  expect(await established).toMatchObject({ call, direction: "out" });
  await caller.stop();
});
