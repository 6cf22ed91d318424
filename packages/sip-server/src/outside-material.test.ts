import { join } from "node:path";
import { readSuite, suitesFolder } from "@tandem/sip/testing";
import type { Effect, Flow } from "@tandem/switch";
import { createScript, testConfig } from "@tandem/switch/testing";
import { describe, expect, test } from "vitest";
import { createNonceKeeper } from "./signalling/nonce.ts";
import { screen, type ScreenContext } from "./signalling/screen.ts";

/**
 * Outside material through the edge and the machine: no exception, no bug contained (an alarm
 * `step-failed`), and no state left once every timer has run out. Once from a stranger, whom the
 * edge keeps away from the machine, and once from a trunk, whom it trusts.
 */
const folder = suitesFolder();
const trunk: Flow = {
  transport: "UDP",
  name: "",
  localHost: "127.0.1.10",
  localPort: 5060,
  remoteHost: "127.0.3.1",
  remotePort: 5070,
};
const stranger: Flow = { ...trunk, remoteHost: "127.0.3.99" };

const context: ScreenContext = {
  nonces: createNonceKeeper(Buffer.from("a key of this test")),
  realm: "tandem.test",
  algorithms: ["MD5", "SHA-256"],
  ha1Of: () => undefined,
  isTrusted: (flow) => flow.remoteHost === trunk.remoteHost,
  isServing: () => true,
  nowMs: () => 1_000,
};

function failures(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) =>
    effect.kind === "alarm" && effect.code === "step-failed" ? [effect.detail] : [],
  );
}

describe.skipIf(folder === undefined)("outside material (TANDEM_SUITES names its folder)", () => {
  test.each(["rfc4475", "rfc5118", "fuzz"])("%s: edge and machine", (suite) => {
    const messages = readSuite(join(folder ?? "", suite));
    expect(messages.length).toBeGreaterThan(10);
    const script = createScript(testConfig());
    const failed: string[] = [];
    for (const { name, text } of messages) {
      for (const flow of [stranger, trunk]) {
        const verdict = screen(text, flow, context);
        if (verdict.kind !== "pass") continue;
        const input = { kind: "sip", flow, text, authenticated: verdict.authenticated } as const;
        for (const failure of failures(script.step(input))) failed.push(`${name}: ${failure}`);
      }
      for (const failure of failures(script.pass(250))) failed.push(`${name}: ${failure}`);
    }
    for (const failure of failures(script.pass(260_000))) failed.push(failure);
    expect(failed).toEqual([]);
    const { calls, dialogs, transactions, callsByDn, dns } = script.state;
    expect([calls.size, dialogs.size, transactions.size, callsByDn.size, dns.size]).toEqual([
      0, 0, 0, 0, 0,
    ]);
  });
});
