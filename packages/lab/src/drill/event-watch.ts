/**
 * T-Library clients that watch DNs through a drill: every event of every call counts once. What the
 * phones did says how many there must be.
 */
import { openConfig, openPair, type PairLink } from "@tandem/link";
import type { TlibEvent } from "@tandem/cti";
import { configUrl, type SiteTopology, type Topology } from "../topology.ts";
import { until } from "../until.ts";

export interface EventWatch {
  /** Events of a kind, each call and DN counted once. */
  readonly count: (event: WatchedEvent) => number;
  readonly duplicates: () => number;
  /** Sessions that could not go on where they stopped. */
  readonly sessionsLost: () => number;
  readonly close: () => void;
}

const watched = ["EventRinging", "EventEstablished", "EventReleased"] as const;
type WatchedEvent = (typeof watched)[number];

const openedWithinMs = 20_000;
const clients = 5;

export async function watchEvents(topology: Topology, site: SiteTopology): Promise<EventWatch> {
  const token = await login(topology, site);
  const seen = new Map<string, number>();
  let duplicates = 0;
  let sessionsLost = 0;
  let registered = 0;
  const hear = (event: TlibEvent): void => {
    const kind = watched.find((each) => each === event.event);
    if (kind === undefined || !("connID" in event) || !("thisDN" in event)) return;
    const key = `${kind} ${String(event.connID)} ${String(event.thisDN)}`;
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    if (count > 1) duplicates += 1;
  };
  const dns = topology.agents.map(({ dn }) => dn);
  const links: PairLink[] = [];
  for (let index = 0; index < clients; index += 1) {
    const own = dns.filter((_, place) => place % clients === index);
    const link = openPair(
      {
        token,
        applicationName: `drill-${index}`,
        urls: site.nodes.map(({ host }) => `ws://${host}:${site.ports.tlib}/tlib`),
        addpTimeoutSeconds: 2,
        addpRemoteTimeoutSeconds: 2,
        connectTimeoutMs: 2_000,
      },
      (report) => {
        if (report.kind === "delivered") hear(report.event);
        else if (report.kind === "resumeTooOld") sessionsLost += 1;
        else if (report.kind === "sessionOpened" && !report.isResumed) {
          for (const thisDN of own) {
            link.request({ request: "RequestRegisterAddress", thisDN }, () => (registered += 1));
          }
        }
      },
    );
    links.push(link);
  }
  await until(() => registered >= dns.length, openedWithinMs, "the watching clients are there");
  return {
    count: (event) => [...seen.keys()].filter((key) => key.startsWith(`${event} `)).length,
    duplicates: () => duplicates,
    sessionsLost: () => sessionsLost,
    close() {
      for (const link of links) link.close();
    },
  };
}

/** A supervisor's, who may look at every DN. */
function login(topology: Topology, site: SiteTopology): Promise<string> {
  return new Promise((resolve, reject) => {
    const config = openConfig(
      {
        urls: [configUrl(site)],
        applicationName: `desktop-${site.number}`,
        connectTimeoutMs: 5_000,
      },
      (report) => {
        if (report.kind === "loggedIn") {
          resolve(report.login.token);
          config.close();
        } else if (report.kind === "refused" || report.kind === "unreachable") {
          reject(new Error(`the supervisor cannot log in: ${report.kind}`));
          config.close();
        }
      },
    );
    config.start({ kind: "password", user: "supervisor", password: topology.password });
  });
}
