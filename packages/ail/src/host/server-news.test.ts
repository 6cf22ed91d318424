import type { EventServerInfo } from "@tandem/cti";
import { describe, expect, test } from "vitest";
import { createServerNews } from "./server-news.ts";

const info: EventServerInfo = {
  event: "EventServerInfo",
  serverRole: "primary",
  epoch: 4,
  site: "site-1",
  inService: true,
  peerInService: true,
  serverStartTime: 1_000,
};

describe("R7 what a server says of itself", () => {
  test("another role or epoch is no news; the peer, the site and another history are", () => {
    const isNews = createServerNews();
    const said: readonly Partial<EventServerInfo>[] = [
      {},
      { epoch: 5 },
      { epoch: 6, peerInService: false },
      { epoch: 7, peerInService: false },
      { epoch: 7, site: "site-2" },
      { epoch: 7, site: "site-2", serverStartTime: 2_000 },
    ];
    expect(said.map((each) => isNews({ ...info, ...each }))).toEqual([
      true,
      false,
      true,
      false,
      true,
      true,
    ]);
  });

  test("an answer to a request, and every other event, is news", () => {
    const isNews = createServerNews();
    isNews(info);
    expect(isNews({ ...info, referenceID: 7 })).toBe(true);
    expect(isNews({ event: "EventLinkDisconnected", reason: "" })).toBe(true);
  });
});
