import { createAuthority, issueCertificate, type KeyAndCertificate } from "@tandem/service";
import { afterEach, describe, expect, test, vi } from "vitest";
import { openLink, type LinkTls, type NodeLink } from "./open-link.ts";

/** The link over TLS, with certificates of one authority, of another, and without any. */
const hosts = { a: "127.0.229.1", b: "127.0.229.2" };
const port = 7090;
const secret = "known to both nodes only";
const patience = { timeout: 5_000, interval: 10 };
const notBeforeMs = Date.now() - 3_600_000;

function authority(): KeyAndCertificate {
  return createAuthority({ name: "Test", notBeforeMs, days: 2 });
}

function shownBy(issuer: KeyAndCertificate, trusted: KeyAndCertificate = issuer): LinkTls {
  const choice = { name: "node", names: ["node"], addresses: [], notBeforeMs, days: 2 };
  const { certificate, key } = issueCertificate(issuer, choice);
  return { cert: certificate, key, ca: [trusted.certificate] };
}

interface Side {
  readonly link: NodeLink<string>;
  readonly heard: unknown[];
  readonly troubles: string[];
  isUp: boolean;
}

const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

async function open(name: "a" | "b", tls?: LinkTls): Promise<Side> {
  const heard: unknown[] = [];
  const troubles: string[] = [];
  const report = { isUp: false };
  const link = await openLink<string>(
    {
      pair: "site-1",
      name,
      secret,
      listen: { host: hosts[name], port },
      peer: { host: hosts[name === "a" ? "b" : "a"], port },
      ...(tls === undefined ? {} : { tls }),
    },
    {
      up: () => (report.isUp = true),
      down: () => (report.isUp = false),
      message: (message) => heard.push(message),
      trouble: (sentence) => troubles.push(sentence),
    },
  );
  endings.push(link.close);
  return Object.assign(report, { link, heard, troubles });
}

describe("H4 the link over TLS", () => {
  test("both nodes show a certificate of an authority that the other trusts", async () => {
    const issuer = authority();
    const a = await open("a", shownBy(issuer));
    const b = await open("b", shownBy(issuer));
    await vi.waitFor(() => expect([a.isUp, b.isUp]).toEqual([true, true]), patience);
    a.link.send({ kind: "ack", index: 7 });
    await vi.waitFor(() => expect(b.heard).toEqual([{ kind: "ack", index: 7 }]), patience);
    expect([a.troubles, b.troubles]).toEqual([[], []]);
  });

  test("a certificate of another authority is turned away, and both say so once", async () => {
    const [ours, theirs] = [authority(), authority()];
    const a = await open("a", shownBy(ours));
    const b = await open("b", shownBy(theirs, ours));
    const said = ({ troubles }: Side): number => troubles.length;
    await vi.waitFor(() => expect([said(a) > 0, said(b) > 0]).toEqual([true, true]), patience);
    await new Promise((resolve) => setTimeout(resolve, manyDialsMs));
    expect([a.isUp, b.isUp]).toEqual([false, false]);
    expect(a.troubles.join("\n")).toMatch(/TLS to 127\.0\.229\.2:7090 failed: /);
    expect(b.troubles.join("\n")).toMatch(/somebody at the link showed no certificate/);
    for (const { troubles } of [a, b]) expect(new Set(troubles).size).toBe(troubles.length);
  });

  test("a node that speaks plain TCP never meets one that speaks TLS", async () => {
    const a = await open("a", shownBy(authority()));
    const b = await open("b");
    await vi.waitFor(() => expect(a.troubles.length).toBeGreaterThan(0), patience);
    expect([a.isUp, b.isUp, b.heard]).toEqual([false, false, []]);
  });
});

/** Some dials of either side. */
const manyDialsMs = 600;
