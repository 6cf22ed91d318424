/**
 * A node over real sockets writes down what it steps: the recording, replayed, is the node's state
 * when it stopped, though files changed meanwhile.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "@tandem/replica";
import { ha1Of } from "@tandem/sip";
import { testConfig } from "@tandem/switch/testing";
import { afterAll, expect, test } from "vitest";
import { startSipServer } from "../server.ts";
import { digestHash } from "../signalling/screen.ts";
import { connectTlib, createTokenMaker, registerPhone } from "../testing/index.ts";
import { startRecorder } from "./recorder.ts";
import { replayFile } from "./replay.ts";

const host = "127.0.218.10";
const realm = "tandem.test";
const password = "secret";
const dns = ["1001", "1002"];
const folder = mkdtempSync(join(tmpdir(), "tandem-recorded-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("what a server stepped is replayed to where it stopped", async () => {
  const tokens = await createTokenMaker();
  const troubles: string[] = [];
  const recorder = startRecorder({
    node: "sip-test",
    folder,
    fileBytesMax: 4_000,
    files: 50,
    onTrouble: (sentence) => troubles.push(sentence),
  });
  const secretOf = (dn: string): { md5: string; sha256: string } => ({
    md5: ha1Of(digestHash, "MD5", dn, realm, password),
    sha256: ha1Of(digestHash, "SHA-256", dn, realm, password),
  });
  const server = await startSipServer({
    name: "sip-test",
    record: (frame, machine) => recorder.record(frame, machine),
    first: {
      config: testConfig({ host, port: 5060, realm }),
      secrets: new Map(dns.map((dn) => [dn, secretOf(dn)])),
      publicKeys: [tokens.publicKey],
      tlib: { host, port: 7000 },
      httpPort: 0,
    },
  });
  const { state } = server;
  const register = async (): Promise<void> => {
    for (const [index, user] of dns.entries()) {
      const from = `127.0.218.${100 + index}`;
      await registerPhone({ user, password, from, server: { host, port: 5060 } });
    }
  };
  await register();
  const desktop = await connectTlib(`ws://${host}:7000/tlib`);
  await desktop.register(await tokens.sign({ agentID: "1001", dns: ["1001"] }));
  await expect
    .poll(
      async () => {
        await register();
        return readdirSync(folder).length;
      },
      { timeout: 30_000 },
    )
    .toBeGreaterThan(2);
  await server.close();
  await recorder.close();
  expect(troubles).toEqual([]);
  const names = readdirSync(folder).toSorted((a, b) => (a < b ? -1 : 1));
  const whole = [];
  for (const name of names) {
    const result = await replayFile(join(folder, name));
    if (result.ok) whole.push(result.replayed);
  }
  expect(whole[0]?.firstIndex).toBe(1);
  // The last may have been begun only.
  expect(whole.length).toBeGreaterThanOrEqual(names.length - 1);
  for (const [index, { firstIndex }] of whole.entries()) {
    if (index > 0) expect(firstIndex).toBe((whole[index - 1]?.lastIndex ?? 0) + 1);
  }
  expect(encode(whole.at(-1)?.state)).toBe(encode(state));
});
