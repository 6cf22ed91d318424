/**
 * The HTTP side of a server, for those who look after it:
 *
 *   /healthz   200 while the process turns: it need not be restarted
 *   /readyz    200 when it may be relied on, else 503; each check with its reason
 *   /metrics   Prometheus text
 *
 * A server may add pages of its own (`/jwks.json`).
 */
import { type ServerType, serve } from "@hono/node-server";
import { Hono } from "hono";
import { describeListenError } from "./listen-error.ts";
import type { Metrics } from "./metrics.ts";

export interface Check {
  readonly ok: boolean;
  /** Why, in words for a person. */
  readonly detail: string;
}

export interface HealthOptions {
  /** `sip-1a` */
  readonly name: string;
  readonly metrics: Metrics;
  /** Asked at each request; must be quick. */
  readonly readiness: () => Readonly<Record<string, Check>>;
  /** Facts beside the checks: site, role, epoch. */
  readonly facts?: () => Readonly<Record<string, string | number | boolean>>;
  readonly extend?: (app: Hono) => void;
}

export interface HealthServer {
  readonly host: string;
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** The pages, without a socket. */
export function createHealthApp(options: HealthOptions): Hono {
  const { name, metrics, readiness, facts } = options;
  // Who answers: another process may have the port that one waits for.
  const { pid } = process;
  const app = new Hono();
  app.get("/healthz", (context) =>
    context.json({ name, pid, status: "ok", uptimeSeconds: Math.round(process.uptime()) }),
  );
  app.get("/readyz", (context) => {
    const checks = readiness();
    const isReady = Object.values(checks).every(({ ok }) => ok);
    const status = isReady ? "ready" : "not-ready";
    return context.json({ name, pid, status, ...facts?.(), checks }, isReady ? 200 : 503);
  });
  app.get("/metrics", async (context) => {
    const text = await metrics.registry.metrics();
    return context.text(text, 200, { "content-type": metrics.registry.contentType });
  });
  options.extend?.(app);
  return app;
}

/** Rejects with a sentence when the address cannot be had. Port 0 takes a free one. */
export function startHealthServer(
  address: { readonly host: string; readonly port: number },
  options: HealthOptions,
): Promise<HealthServer> {
  const app = createHealthApp(options);
  return new Promise((resolve, reject) => {
    const server: ServerType = serve(
      { fetch: app.fetch, hostname: address.host, port: address.port },
      ({ port }) =>
        resolve({
          host: address.host,
          port,
          close: () => closeServer(server),
        }),
    );
    server.once("error", (error) =>
      reject(new Error(describeListenError(error, "HTTP", address), { cause: error })),
    );
  });
}

function closeServer(server: ServerType): Promise<void> {
  if ("closeAllConnections" in server) server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
