import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAuthority, issueCertificate } from "@tandem/service";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ArbiterAnswer } from "../../arbiter.ts";
import { askUntilKnown } from "../../testing/arbiter-contract.ts";
import { type EtcdCluster, etcdMissing, startEtcdCluster } from "../../testing/etcd-cluster.ts";
import { openEtcdArbiter } from "./etcd-arbiter.ts";
import type { EtcdTls } from "./etcd-gateway.ts";

/** etcd over TLS, its members asking for a client's certificate. */
const missing = etcdMissing();
const host = "127.0.61.4";
const folder = mkdtempSync(join(tmpdir(), "tandem-etcd-tls-"));
const life = { notBeforeMs: Date.now() - 3_600_000, days: 2 };
const authority = createAuthority({ name: "authority of a test", ...life });
const own = issueCertificate(authority, { name: "etcd", names: [], addresses: [host], ...life });
const stranger = createAuthority({ name: "another authority", ...life });
let cluster: EtcdCluster;

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

beforeAll(async () => {
  if (missing !== null) return;
  const tls = {
    authority: write("ca.pem", authority.certificate),
    certificate: write("own.pem", own.certificate),
    key: write("own.key.pem", own.key),
  };
  cluster = await startEtcdCluster({ host, tls });
}, 60_000);

afterAll(async () => {
  if (missing === null) await cluster.close();
  rmSync(folder, { recursive: true, force: true });
});

async function ask(tls: EtcdTls, withinMs: number, told: string[] = []): Promise<ArbiterAnswer> {
  const arbiter = openEtcdArbiter({
    endpoints: cluster.endpoints,
    prefix: "/tandem-test",
    pair: "site-1",
    timeoutMs: 1_000,
    tls,
    tell: (sentence) => told.push(sentence),
  });
  const answer = await askUntilKnown(arbiter, { kind: "read" }, withinMs);
  await arbiter.close();
  return answer;
}

describe.skipIf(missing !== null)(missing ?? "etcd over TLS", () => {
  test("with the authority and a certificate of it, it answers", async () => {
    const tls = { ca: authority.certificate, cert: own.certificate, key: own.key };
    expect(await ask(tls, 20_000)).toEqual({ kind: "read", view: null, hasLease: false });
  });

  test("without a certificate it does not, and says so", async () => {
    const told: string[] = [];
    expect(await ask({ ca: authority.certificate }, 0, told)).toEqual({ kind: "unknown" });
    expect(told[0]).toContain("certificate");
  });

  test("a server of another authority is not believed", async () => {
    const told: string[] = [];
    const tls = { ca: stranger.certificate, cert: own.certificate, key: own.key };
    expect(await ask(tls, 0, told)).toEqual({ kind: "unknown" });
    expect(told[0]).toMatch(/certificate|issuer/);
  });
});
