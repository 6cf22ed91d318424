/**
 * `ha-freeze` as hosts: each node on a host of its own with a keeper of its own, which is stopped
 * with it, so that nothing fences the node; and an eye on each, which counts what leaves the host.
 */
import type { ThawedHost } from "../drill/ha-report.ts";
import type { LabOptions } from "../start-lab.ts";
import { nodeHttp, type SiteTopology } from "../topology.ts";
import { until } from "../until.ts";
import { nowMs, openSights, sentSince, type HostSights } from "./host-sights.ts";
import { openLabHosts } from "./lab-hosts.ts";

export interface FrozenHosts {
  readonly labOptions: Pick<LabOptions, "hosts" | "withoutStandby">;
  /** Opens the eyes on the hosts of a site. */
  readonly look: (site: SiteTopology) => void;
  /** A node was frozen just now; gives what is to be asked when the pair is whole again. */
  readonly frozen: (node: string) => Promise<() => Promise<ThawedHost>>;
  readonly close: () => void;
}

/** What had left before the freeze is counted by then. */
const settleMs = 200;
/** An eye asks each 50 ms. */
const seenWithinMs = 1_000;

/** In an own world, once. */
export function openFrozenHosts(): FrozenHosts {
  const withoutStandby = "site-2";
  const hosts = openLabHosts({ withoutStandby });
  let sights: HostSights | null = null;
  return {
    labOptions: { hosts, withoutStandby },
    look(site) {
      sights = openSights(
        site.nodes.map((node) => ({
          name: node.name,
          on: hosts.cables.on(node.name),
          http: nodeHttp(site, node),
        })),
      );
    },
    async frozen(node) {
      if (sights === null) throw new Error("nobody looks at the hosts");
      const { of, now } = sights;
      const atMs = nowMs() + settleMs;
      await until(() => nowMs() >= atMs, 2 * settleMs, "what has left is counted");
      return async () => {
        const standsBy = (): boolean => now(node).role === "standby";
        await until(standsBy, seenWithinMs, "").catch(() => undefined); // told as a fact
        return { sent: sentSince(of(node), atMs), standsBy: standsBy() };
      };
    },
    close: () => sights?.close(),
  };
}
