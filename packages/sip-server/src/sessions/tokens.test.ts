import { afterEach, expect, test, vi } from "vitest";
import { createTokenMaker } from "../testing/token-maker.ts";
import { createTokenVerifier, type TokenVerifier } from "./tokens.ts";

afterEach(() => void vi.useRealTimers());

async function start(): Promise<{ verifier: TokenVerifier; token: string }> {
  const maker = await createTokenMaker();
  const verifier = createTokenVerifier();
  await verifier.setKeys([maker.publicKey]);
  return { verifier, token: await maker.sign({ agentID: "1001", dns: ["1001"] }) };
}

test("a token that was good is known again until it expires, and then says whose it was", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const { verifier, token } = await start();
  const first = await verifier.verify(token);
  expect(first).toMatchObject({ userName: "agent-1001", isExpired: false });
  expect(await verifier.verify(token)).toBe(first);
  vi.setSystemTime(Date.now() + 3_601_000);
  expect(await verifier.verify(token)).toMatchObject({ userName: "agent-1001", isExpired: true });
});

test("a key that is gone takes its tokens with it", async () => {
  const { verifier, token } = await start();
  expect(await verifier.verify(token)).not.toBeNull();
  await verifier.setKeys([]);
  expect(await verifier.verify(token)).toBeNull();
});
