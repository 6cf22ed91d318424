import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { chromium, type BrowserContext, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startFakeDeployment, type FakeDeployment } from "../testing/fake-deployment.ts";
import type { Desktop } from "../desktop/desktop.ts";
import type { connectDesktop } from "./connect-desktop.ts";

/** The SDK in Chromium: bundled for browsers, connected, and through the loss of a site. */
const executablePath = "/usr/bin/chromium";
const isThere = existsSync(executablePath);
const name = "the desktop in a browser: logged in, Ready, and Ready at the other site";
const install = "apt-get update && apt-get install -y --no-install-recommends chromium";

declare const connectTandemDesktop: typeof connectDesktop;

let bundle = "";
let closePage: () => Promise<void> = async () => undefined;

beforeAll(async () => {
  const built = await build({
    entryPoints: [new URL("../testing/browser-page.ts", import.meta.url).pathname],
    bundle: true,
    write: false,
    format: "iife",
    platform: "browser",
    conditions: ["@tandem/source"],
  });
  bundle = built.outputFiles[0]?.text ?? "";
});

afterAll(() => closePage());

test("nothing of Node is in the bundle, and it is small", () => {
  expect(bundle).not.toMatch(/node:|require\("ws"\)/);
  expect(bundle.length).toBeLessThan(400_000);
});

test.skipIf(!isThere)(isThere ? name : `${name} (no ${executablePath}: ${install})`, async () => {
  const deployment = await startFakeDeployment({ application: { "site-timeout": 1 } });
  try {
    const page = await openPage();
    await page.evaluate(start, {
      local: deployment.local,
      userName: deployment.userName,
      password: deployment.password,
    });
    await waitForPlace(page, "inService@site-1");
    const outcome = await page.evaluate(() => desk().commands.setReady());
    expect(outcome.kind).toBe("done");
    await loseSite(deployment);
    await waitForPlace(page, "inService@site-2");
    await page.waitForFunction(() => desk().snapshot().agent.state?.state === "Ready");
  } finally {
    await deployment.stop();
  }
});

/** In the page: one desktop, kept where later steps find it. */
function start(options: Parameters<typeof connectDesktop>[0]): void {
  Object.assign(globalThis, { testDesktop: connectTandemDesktop(options) });
  Object.assign(globalThis, {
    desk: () => (globalThis as unknown as { testDesktop: Desktop }).testDesktop, // set above
  });
}

declare function desk(): Desktop;

async function waitForPlace(page: Page, place: string): Promise<void> {
  await page.waitForFunction((wanted) => {
    const { state, site } = desk().snapshot();
    return `${state}@${site}` === wanted;
  }, place);
}

async function loseSite(deployment: FakeDeployment): Promise<void> {
  const [site] = deployment.sites;
  await site.sipServed.kill();
  await site.configServed.kill();
}

async function openPage(): Promise<Page> {
  const server = createServer((_, response) => {
    response.setHeader("Content-Type", "text/html");
    response.end(`<!doctype html><title>desk</title><script>${escapeScript(bundle)}</script>`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const folder = mkdtempSync(join(tmpdir(), "tandem-chromium-"));
  const context: BrowserContext = await chromium.launchPersistentContext(folder, {
    executablePath,
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  closePage = async () => {
    await context.close();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  };
  const page = await context.newPage();
  const { port } = server.address() as AddressInfo; // it listens on an address
  await page.goto(`http://127.0.0.1:${port}/`);
  return page;
}

function escapeScript(text: string): string {
  return text.replaceAll("</script", "<\\/script");
}
