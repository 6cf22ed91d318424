/**
 * JsSIP in Chromium: one browser for all pages, one page a phone, its sound Chromium's own tone.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { chromium, type Page } from "playwright-core";
import { toneFile } from "../tone-file.ts";
import type { Partner, PhoneChoice } from "./tested-phone.ts";

const executablePath = "/usr/bin/chromium";

export const browserMissing: string | null = existsSync(executablePath)
  ? null
  : "skipped, Chromium is not installed: apt-get install -y --no-install-recommends chromium";

export interface Browser {
  readonly open: (choice: PhoneChoice) => Promise<Partner>;
  readonly close: () => Promise<void>;
}

export async function openBrowser(): Promise<Browser> {
  const bundle = await bundlePage();
  const server = createServer((_, response) => {
    response.setHeader("Content-Type", "text/html");
    response.end(`<!doctype html><title>phone</title><body><script>${bundle}</script>`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const folder = mkdtempSync(join(tmpdir(), "tandem-chromium-"));
  const tone = join(folder, "tone.wav");
  writeFileSync(tone, toneFile(800, 48_000));
  const context = await chromium.launchPersistentContext(join(folder, "profile"), {
    executablePath,
    headless: true,
    ignoreHTTPSErrors: true,
    permissions: ["microphone"],
    ignoreDefaultArgs: ["--mute-audio"],
    args: [...chromiumArguments, `--use-file-for-fake-audio-capture=${tone}`],
  });
  const { port } = server.address() as AddressInfo; // it listens on an address
  return {
    async open(choice) {
      const page = await context.newPage();
      await page.goto(`http://127.0.0.1:${port}/`);
      return openPhone(page, choice);
    },
    async close() {
      await context.close();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const chromiumArguments = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
  "--ignore-certificate-errors",
  "--use-fake-ui-for-media-stream",
  "--use-fake-device-for-media-stream",
  "--autoplay-policy=no-user-gesture-required",
  // On loopback alone there would be no candidate.
  "--allow-loopback-in-peer-connection",
];

async function bundlePage(): Promise<string> {
  const built = await build({
    entryPoints: [new URL("./browser-page.ts", import.meta.url).pathname],
    bundle: true,
    write: false,
    format: "iife",
    platform: "browser",
  });
  return (built.outputFiles[0]?.text ?? "").replaceAll("</script", "<\\/script");
}

async function openPhone(page: Page, choice: PhoneChoice): Promise<Partner> {
  const { dn, server, secret } = choice;
  const run = <Result>(name: string, ...values: readonly string[]): Promise<Result> =>
    page.evaluate(
      ([method, given]) => {
        const { phone } = globalThis as unknown as PageWithPhone; // the bundle made it
        return phone[method]?.(...given) as Result; // as the page's own phone says
      },
      [name, values] as const,
    );
  const uri = (number: string): string => `sip:${number}@${server.host}`;
  await run("start", `wss://${server.host}:${server.wss}`, uri(dn), secret);
  await page.waitForFunction(() => {
    const { phone } = globalThis as unknown as PageWithPhone; // as above
    return phone["isRegistered"]?.() === true;
  });
  return {
    dial: (number) => run("dial", uri(number)),
    accept: () => run("accept"),
    hangup: () => run("hangup"),
    reject: () => run("reject"),
    hold: () => run("hold"),
    resume: () => run("resume"),
    digit: (digit) => run("digit", digit),
    transfer: (number) => run("transfer", uri(number)),
    transferToSecond: () => run("transferToSecond"),
    isRinging: () => run("isRinging"),
    hearsRinging: () => run("hearsRinging"),
    isConnected: () => run("isRegistered"),
    registrations: () => run("registrations"),
    heardPackets: () => run("heardPackets"),
    refusal: () => run("refusal"),
    heardDigits: () => run("heardDigits"),
    clear: () => run("clear"),
    async stop() {
      await run("stop");
      await page.close();
    },
  };
}

interface PageWithPhone {
  readonly phone: Readonly<Record<string, (...values: readonly string[]) => unknown>>;
}
