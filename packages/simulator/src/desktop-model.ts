import type { TlibEvent, TlibRequest } from "@tandem/cti";
import { nextInt } from "@tandem/kernel";
import { createCallLedger, type CallLedger } from "./call-ledger.ts";
import { frame, type Site, type SiteWorld } from "./site.ts";
import { after, tell } from "./world.ts";

/**
 * A desktop as a model: it keeps its agent logged in at one of the two sites, notices a site that
 * went silent, and moves. What it hears of calls goes into a ledger that must balance.
 */
export interface DesktopModel {
  readonly dn: string;
  readonly ledger: CallLedger;
  readonly isInService: () => boolean;
  readonly siteName: () => string;
  readonly stop: () => void;
}

type Phase =
  | { readonly kind: "away"; readonly since: number }
  | { readonly kind: "connecting"; readonly since: number }
  /** Connected, and its phone is not registered here. */
  | { readonly kind: "waiting"; readonly since: number }
  | { readonly kind: "inService" };

export interface DesktopTimes {
  /** ADDP: a silent site is noticed after this. */
  readonly addpMs: number;
  readonly siteTimeoutMs: number;
  readonly registerTimeoutMs: number;
  readonly connectTimeoutMs: number;
}

export const fastTimes: DesktopTimes = {
  addpMs: 2_000,
  siteTimeoutMs: 3_000,
  registerTimeoutMs: 30_000,
  connectTimeoutMs: 5_000,
};

type Unreferenced = TlibRequest extends infer Request
  ? Request extends TlibRequest
    ? Omit<Request, "referenceID">
    : never
  : never;

export function createDesktopModel(
  setting: SiteWorld,
  sites: readonly [Site, Site],
  dn: string,
  times: DesktopTimes,
): DesktopModel {
  const { world } = setting;
  const ledger = createCallLedger(world, dn);
  const userName = `agent-${dn}`;
  let index = Number(dn) % 2;
  let phase: Phase = { kind: "away", since: 0 };
  let connection = "";
  let life = 0;
  let number = 0;
  let referenceID = 0;
  let leaseEpoch = 0;
  let lostAt: number | null = null;
  let isStopped = false;

  const site = (): Site => sites[index] as Site; // index is 0 or 1
  const linkDelay = (): number => nextInt(world.random, 1, 10);

  function send(request: Unreferenced): void {
    referenceID += 1;
    const whole = { ...request, referenceID } as TlibRequest; // its number was all it lacked
    const to = site();
    const over = connection;
    after(world, linkDelay(), () => {
      if (over !== connection || to.replica === null) return;
      frame(setting, to, [{ kind: "ctiRequest", connection: over, request: whole }]);
    });
  }

  function connect(): void {
    number += 1;
    connection = `${dn}.${number}`;
    referenceID = 1;
    phase = { kind: "connecting", since: world.nowMs };
    const to = site();
    const over = connection;
    after(world, linkDelay(), () => {
      if (over !== connection || to.replica === null) return;
      life = to.life;
      to.links.set(over, (event) => after(world, linkDelayOf(), () => hear(over, event)));
      frame(setting, to, [
        {
          kind: "ctiRegister",
          connection: over,
          referenceID: 1,
          applicationName: "desktop",
          resume: null,
          identity: { userName, role: "agent", agentLogins: [dn], dns: [dn], isExpired: false },
        },
      ]);
    });
  }

  /** Events of one connection keep their order: the link is a stream. */
  let arrivesAt = 0;
  function linkDelayOf(): number {
    arrivesAt = Math.max(arrivesAt, world.nowMs + linkDelay());
    return arrivesAt - world.nowMs;
  }

  function hear(over: string, event: TlibEvent): void {
    if (over !== connection || isStopped) return; // an old site's late message (continuity R16)
    ledger.hear(event);
    switch (event.event) {
      case "EventLinkConnected":
        return send({ request: "RequestRegisterAddress", thisDN: dn });
      case "EventRegistered":
        return event.address.inService ? login() : wait();
      case "EventDNBackInService":
        return login();
      case "EventAgentLogin":
        leaseEpoch = Math.max(leaseEpoch, event.lease.epoch);
        phase = { kind: "inService" };
        return;
      case "EventAgentLogout":
        return onLogout(event.extensions?.["ReasonCode"], event.lease.epoch);
      case "EventError":
        if (event.errorCode === "dn-out-of-service") return wait();
        if (phase.kind === "connecting") phase = { kind: "away", since: world.nowMs };
        return;
      default:
        return;
    }
  }

  function login(): void {
    const restore = { state: "Ready" } as const;
    send({ request: "RequestAgentLogin", thisDN: dn, agentID: dn, leaseEpoch, restore });
  }

  function wait(): void {
    phase = { kind: "waiting", since: world.nowMs };
  }

  /** R11: a login of ours that lost to another of ours is made again. */
  function onLogout(reason: unknown, epoch: number): void {
    if (reason === "dr-peer-login" && epoch < leaseEpoch) return;
    if (reason === "dr-peer-login" || reason === "desktop-lost") return login();
    wait();
  }

  function move(why: string): void {
    index = 1 - index;
    tell(world, `desktop ${dn} moves to ${site().name}: ${why}`);
    ledger.forget();
    lostAt = null;
    connect();
  }

  function watch(): void {
    if (isStopped) return;
    after(world, watchMs, watch);
    const isLost = site().replica === null || (phase.kind !== "connecting" && site().life !== life);
    if (isLost) lostAt ??= world.nowMs;
    const now = world.nowMs;
    if (isLost && site().replica !== null && now - (lostAt ?? now) >= times.addpMs) {
      ledger.forget();
      lostAt = null;
      return connect(); // it is back, and knows nothing of us
    }
    if (isLost && now - (lostAt ?? now) >= times.addpMs + times.siteTimeoutMs)
      return move("site lost");
    if (phase.kind === "connecting" && now - phase.since >= times.connectTimeoutMs)
      return move("no answer");
    if (phase.kind === "away" && now - phase.since >= times.connectTimeoutMs) return connect();
    if (phase.kind === "waiting" && now - phase.since >= times.registerTimeoutMs)
      move("phone lost");
  }

  after(world, nextInt(world.random, 500, 3_000), connect);
  after(world, watchMs, watch);
  return {
    dn,
    ledger,
    isInService: () =>
      phase.kind === "inService" && site().life === life && site().replica !== null,
    siteName: () => site().name,
    stop() {
      isStopped = true;
      const to = site();
      if (to.replica !== null) frame(setting, to, [{ kind: "ctiClosed", connection }]);
    },
  };
}

const watchMs = 500;
