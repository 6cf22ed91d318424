import { expect, test } from "vitest";
import { createHealthApp } from "./health.ts";
import { describeListenError } from "./listen-error.ts";
import { createLogger } from "./logger.ts";
import { createMetrics } from "./metrics.ts";

test("/readyz follows its checks; /healthz does not", async () => {
  let isServing = false;
  const app = createHealthApp({
    name: "sip-1a",
    metrics: createMetrics("sip-1a"),
    readiness: () => ({ serving: { ok: isServing, detail: "waits for its configuration" } }),
    facts: () => ({ site: "site-1" }),
    extend: (pages) => void pages.get("/jwks.json", (context) => context.json({ keys: [] })),
  });
  const notReady = await app.request("/readyz");
  expect(notReady.status).toBe(503);
  expect(await notReady.json()).toEqual({
    name: "sip-1a",
    pid: process.pid,
    status: "not-ready",
    site: "site-1",
    checks: { serving: { ok: false, detail: "waits for its configuration" } },
  });
  expect((await app.request("/healthz")).status).toBe(200);
  isServing = true;
  expect((await app.request("/readyz")).status).toBe(200);
  expect(await (await app.request("/jwks.json")).json()).toEqual({ keys: [] });
});

test("/metrics has the process's own and the server's, labelled", async () => {
  const metrics = createMetrics("sip-1a");
  metrics.gauge("tandem_calls", "Calls now.", () => 7);
  metrics.counter("tandem_refused_total", "Refused.", ["why"]).inc({ why: "nonce" });
  const app = createHealthApp({ name: "sip-1a", metrics, readiness: () => ({}) });
  const text = await (await app.request("/metrics")).text();
  expect(text).toContain('tandem_calls{process="sip-1a"} 7');
  expect(text).toContain('tandem_refused_total{why="nonce",process="sip-1a"} 1');
  expect(text).toContain("process_cpu_seconds_total");
});

test("a port that cannot be had is one sentence with the way out", () => {
  const address = { host: "127.0.1.10", port: 5060 };
  const error = Object.assign(new Error("listen"), { code: "EADDRINUSE" });
  expect(describeListenError(error, "SIP", address)).toBe(
    "SIP on 127.0.1.10:5060: the port is taken; end the process that has it or choose another port",
  );
});

test("a log line hides secrets", () => {
  const lines: string[] = [];
  const log = createLogger({ name: "c", destination: { write: (line) => void lines.push(line) } });
  log.info({ login: { user: "a", password: "p4ss" }, token: "t0ken" }, "refused");
  expect(lines.join("")).not.toMatch(/p4ss|t0ken/);
  expect(lines.join("")).toContain('"user":"a"');
});
