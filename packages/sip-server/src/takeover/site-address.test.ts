import { describe, expect, test } from "vitest";
import { parseSettings } from "@tandem/service";
import { type AddressSettings, addressSchema } from "./address-settings.ts";
import type { ProgramChoice, ProgramOutcome, RunProgram } from "./run-program.ts";
import { openSiteAddress, type SiteAddress } from "./site-address.ts";

/** The site's address with a runner that answers from a list, and remembers what it was asked. */
const done: ProgramOutcome = { kind: "ended", code: 0, words: "" };
const v4: AddressSettings = { kind: "linux-ip", host: "192.0.2.9", prefix: 32, device: "eth0" };
const v6: AddressSettings = { ...v4, host: "2001:db8::9", prefix: 128 };
const script: AddressSettings = {
  kind: "script",
  program: "/etc/site/address",
  host: "192.0.2.9",
  limitMs: 1_000,
};

interface Scene {
  readonly address: SiteAddress;
  readonly ran: string[];
  readonly told: string[];
}

function open(
  settings: AddressSettings,
  answer: (line: string, choice: ProgramChoice) => ProgramOutcome | Promise<ProgramOutcome> = () =>
    done,
): Scene {
  const ran: string[] = [];
  const told: string[] = [];
  const run: RunProgram = async (choice) => {
    const line = [choice.program, ...choice.args].join(" ");
    ran.push(line);
    return answer(line, choice);
  };
  const address = openSiteAddress(settings, { run, tell: (sentence) => told.push(sentence) });
  return { address, ran, told };
}

describe("the site's address", () => {
  test("loopback: nothing is run", async () => {
    const { address, ran } = open({ kind: "loopback" });
    expect(address.state()).toBe("unknown");
    await address.take();
    expect(address.state()).toBe("held");
    await address.drop();
    expect(address.state()).toBe("dropped");
    expect(ran).toEqual([]);
  });

  test.each([
    [
      v4,
      [
        "ip -4 addr replace 192.0.2.9/32 dev eth0",
        "arping -q -U -c 1 -w 1 -I eth0 192.0.2.9",
        "ip -4 addr del 192.0.2.9/32 dev eth0",
      ],
    ],
    [
      v6,
      [
        "ip -6 addr replace 2001:db8::9/128 dev eth0 nodad",
        "ndptool -t na -U -i eth0 -T 2001:db8::9 send",
        "ip -6 addr del 2001:db8::9/128 dev eth0",
      ],
    ],
    [script, ["/etc/site/address take 192.0.2.9", "/etc/site/address drop 192.0.2.9"]],
  ])("$kind: taken, told, given up", async (settings, expected) => {
    const { address, ran, told } = open(settings);
    await address.take();
    expect(address.state()).toBe("held");
    await address.drop();
    expect(address.state()).toBe("dropped");
    expect(ran).toEqual(expected);
    expect(told).toEqual([]);
    await address.close();
  });

  test("a step that fails is told once, shown, and tried again until it is done", async () => {
    let failures = 2;
    const { address, ran, told } = open(script, () => {
      failures -= 1;
      return failures >= 0 ? { kind: "ended", code: 3, words: "the switch says no" } : done;
    });
    const taken = address.take();
    await expect
      .poll(() => address.state())
      .toBe("failed: /etc/site/address take 192.0.2.9 ended with 3: the switch says no");
    await taken;
    expect(address.state()).toBe("held");
    expect(ran).toHaveLength(3);
    expect(told).toEqual([
      "the address could not be taken: " +
        "/etc/site/address take 192.0.2.9 ended with 3: the switch says no",
    ]);
  });

  test("what cannot be taken is given up when that is wanted", async () => {
    const { address, ran } = open(script, (line) =>
      line.includes(" take ") ? { kind: "killed", words: "" } : done,
    );
    const taken = address.take();
    await expect.poll(() => address.state()).toContain("failed: ");
    await address.drop();
    await taken;
    expect(address.state()).toBe("dropped");
    expect(ran.at(-1)).toBe("/etc/site/address drop 192.0.2.9");
  });

  test("a drop waits for the take that is under way, and comes after it", async () => {
    let release: (outcome: ProgramOutcome) => void = () => undefined;
    const { address, ran } = open(script, (line) =>
      line.includes(" take ") ? new Promise((resolve) => (release = resolve)) : done,
    );
    const taken = address.take();
    await expect.poll(() => ran.length).toBe(1);
    const dropped = address.drop();
    expect(ran).toHaveLength(1);
    release(done);
    await Promise.all([taken, dropped]);
    expect(ran).toHaveLength(2);
    expect(address.state()).toBe("dropped");
  });

  test("to give up what is not there is done; what may still be there is not", async () => {
    let shown = "3: eth0 inet 192.0.2.9/32";
    const { address } = open(v4, (line) => {
      if (line.includes(" show ")) return { kind: "ended", code: 0, words: shown };
      return { kind: "ended", code: 2, words: "no" };
    });
    const dropped = address.drop();
    await expect.poll(() => address.state()).toContain("failed: ip -4 addr del");
    shown = "";
    await dropped;
    expect(address.state()).toBe("dropped");
  });

  test("neighbours that cannot be told are an alarm, and the address is held", async () => {
    const { address, told } = open(v4, (line) =>
      line.startsWith("arping") ? { kind: "notStarted", words: "ENOENT" } : done,
    );
    await address.take();
    expect(address.state()).toBe("held");
    await expect
      .poll(() => told, { timeout: 15_000 })
      .toEqual([
        "the neighbours were not told of the address: " +
          "arping -q -U -c 1 -w 1 -I eth0 192.0.2.9 could not be started: ENOENT",
      ]);
    await address.close();
  });

  test("closed, it tries nothing any more", async () => {
    const { address, ran } = open(script, () => ({ kind: "killed", words: "" }));
    void address.take();
    await expect.poll(() => ran.length).toBeGreaterThan(0);
    await address.close();
    const { length } = ran;
    await address.drop();
    expect(ran).toHaveLength(length);
  });
});

test.each([
  ['{"kind":"linux-ip","host":"192.0.2.9","prefix":33,"device":"eth0"}', "prefix"],
  ['{"kind":"linux-ip","host":"sip.example","prefix":32,"device":"eth0"}', "host"],
  ['{"kind":"linux-ip","host":"192.0.2.9","prefix":32,"device":"-x"}', "device"],
  ['{"kind":"script","host":"192.0.2.9"}', "program"],
])("a wrong address setting is named: %s", (text, key) => {
  const parsed = parseSettings("sip-1a.json", text, addressSchema);
  expect(parsed.ok ? [] : parsed.failure.map((fault) => fault.key)).toEqual([key]);
});
