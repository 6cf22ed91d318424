import { createFakeSipServer } from "@tandem/cti/testing";
import { expect, test, vi } from "vitest";
import { serveEndpoint } from "../testing/serve-endpoint.ts";
import { openPair, tlibSubprotocol, type PairListenerReport } from "./open-pair.ts";

/** Over real WebSockets: what the machine's tests cannot see. */
test("a session over WebSocket: request, kill and return, resume, close", async () => {
  const server = createFakeSipServer({
    site: "site-1",
    dns: { "1001": true },
    agentLogins: { "1001": "agent-1001" },
    nowMs: () => Date.now(),
    userOf: (token) => (token === "good" ? "agent-1001" : undefined),
  });
  const served = await serveEndpoint(server, "/tlib", tlibSubprotocol);
  const reports: PairListenerReport[] = [];
  const pair = openPair(
    {
      token: "good",
      applicationName: "desk",
      urls: [served.url],
      addpTimeoutSeconds: 0.4,
      addpRemoteTimeoutSeconds: 20,
      connectTimeoutMs: 2_000,
    },
    (report) => reports.push(report),
  );
  try {
    const kinds = (): readonly string[] =>
      reports.map((report) =>
        report.kind === "sessionOpened" ? `opened ${report.isResumed}` : report.kind,
      );
    await vi.waitFor(() => expect(kinds()).toContain("opened false"), 5_000);
    const outcome = await new Promise((resolve) => {
      pair.request({ request: "RequestRegisterAddress", thisDN: "1001" }, resolve);
    });
    expect(outcome).toMatchObject({ kind: "answered", event: { event: "EventRegistered" } });

    await served.kill();
    await vi.waitFor(() => expect(pair.view().nodes[0]?.isConnected).toBe(false), 5_000);
    server.setPhone("1001", false);
    await served.revive();
    await vi.waitFor(() => expect(kinds()).toContain("opened true"), 10_000);
    await vi.waitFor(
      () =>
        expect(reports).toContainEqual(
          expect.objectContaining({
            kind: "delivered",
            event: expect.objectContaining({ event: "EventDNOutOfService" }),
          }),
        ),
      5_000,
    );

    served.freeze(true);
    await vi.waitFor(() => expect(pair.view().servingIndex).toBeNull(), 5_000);
  } finally {
    pair.close();
    served.freeze(false);
    await served.kill();
  }
});
