import type { TlibEvent, TlibRequest, Unreferenced } from "@tandem/cti";
import { nextInt } from "@tandem/kernel";
import type { Resume } from "@tandem/switch";
import { createCallLedger, type CallLedger } from "./call-ledger.ts";
import { startWork, type Work } from "./desk-work.ts";
import { frame, type Site, type SiteWorld } from "./site.ts";
import { after, fail, tell } from "./world.ts";

/**
 * A desktop as a model: it keeps its agent logged in at one of the two sites, notices a site that
 * went silent, and moves. What it hears of calls goes into a ledger that must balance.
 *
 *     away ─▶ connecting ─▶ inService ⇄ waiting (its phone is not registered here)
 */
export interface DesktopModel {
  readonly dn: string;
  readonly ledger: CallLedger;
  readonly isInService: () => boolean;
  readonly siteName: () => string;
  /** The agent asks for nothing of his own any more. */
  readonly rest: () => void;
}

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

type Phase =
  | { readonly kind: "away" | "connecting" | "waiting"; readonly since: number }
  | { readonly kind: "inService" };

interface Desk {
  readonly setting: SiteWorld;
  readonly sites: readonly [Site, Site];
  readonly dn: string;
  readonly times: DesktopTimes;
  readonly ledger: CallLedger;
  index: number;
  phase: Phase;
  connection: string;
  connections: number;
  /** Where it stopped reading its session; null without one. */
  session: Resume | null;
  isResuming: boolean;
  /** When it was last seen to be connected, and how often its site had started cold by then. */
  aliveAtMs: number;
  coldStarts: number;
  referenceID: number;
  leaseEpoch: number;
  lostAt: number | null;
  /** Before its connection was lost. */
  wasInService: boolean;
  /** The link keeps order: nothing arrives before what was sent earlier. */
  arrivesAt: number;
  work: Work | null;
}

const watchMs = 500;

export function createDesktopModel(
  setting: SiteWorld,
  sites: readonly [Site, Site],
  dn: string,
  times: DesktopTimes,
  others: readonly string[],
): DesktopModel {
  const { world } = setting;
  const desk: Desk = {
    setting,
    sites,
    dn,
    times,
    ledger: createCallLedger(world, dn),
    index: Number(dn) % 2,
    phase: { kind: "away", since: 0 },
    connection: "",
    connections: 0,
    session: null,
    isResuming: false,
    aliveAtMs: 0,
    coldStarts: 0,
    referenceID: 0,
    leaseEpoch: 0,
    lostAt: null,
    wasInService: false,
    arrivesAt: 0,
    work: null,
  };
  const work = startWork(setting, {
    dn,
    others,
    isInService: () => desk.phase.kind === "inService" && isConnected(desk),
    send: (request) => send(desk, request),
  });
  desk.work = work;
  after(world, nextInt(world.random, 500, 3_000), () => connect(desk));
  after(world, watchMs, () => watch(desk));
  return {
    dn,
    ledger: desk.ledger,
    isInService: () => desk.phase.kind === "inService" && isConnected(desk),
    siteName: () => siteOf(desk).name,
    rest: () => work.stop(),
  };
}

function siteOf(desk: Desk): Site {
  return desk.sites[desk.index] as Site; // index is 0 or 1
}

function isConnected(desk: Desk): boolean {
  const { holder } = siteOf(desk);
  return holder !== null && !holder.isPaused && holder.links.has(desk.connection);
}

function linkDelay(desk: Desk): number {
  return nextInt(desk.setting.world.random, 1, 10);
}

function connect(desk: Desk): void {
  const { world } = desk.setting;
  desk.connections += 1;
  desk.connection = `${desk.dn}.${desk.connections}`;
  desk.isResuming = desk.session !== null;
  if (desk.phase.kind !== "connecting") desk.wasInService = desk.phase.kind === "inService";
  if (!desk.isResuming) desk.referenceID = 1;
  desk.phase = { kind: "connecting", since: world.nowMs };
  const site = siteOf(desk);
  const over = desk.connection;
  after(world, linkDelay(desk), () => {
    const { holder } = site;
    if (over !== desk.connection || holder === null) return;
    holder.links.set(over, (event) => {
      desk.arrivesAt = Math.max(desk.arrivesAt, world.nowMs + linkDelay(desk));
      after(world, desk.arrivesAt - world.nowMs, () => hear(desk, over, event));
    });
    frame(site, [registration(desk, over)]);
  });
}

function registration(desk: Desk, connection: string): Parameters<typeof frame>[1][number] {
  const { dn } = desk;
  return {
    kind: "ctiRegister",
    connection,
    referenceID: 1,
    applicationName: "desktop",
    resume: desk.session,
    identity: {
      userName: `agent-${dn}`,
      role: "agent",
      agentLogins: [dn],
      dns: [dn],
      isExpired: false,
    },
  };
}

function send(desk: Desk, request: Unreferenced): void {
  desk.referenceID += 1;
  const whole = { ...request, referenceID: desk.referenceID } as TlibRequest; // lacked its number
  const site = siteOf(desk);
  const over = desk.connection;
  after(desk.setting.world, linkDelay(desk), () => {
    if (over !== desk.connection || !isConnected(desk)) return;
    frame(site, [{ kind: "ctiRequest", connection: over, request: whole }]);
  });
}

function hear(desk: Desk, over: string, event: TlibEvent): void {
  if (over !== desk.connection) return; // an old site's late message (continuity R16)
  if (event.event === "EventLinkConnected") return onLinkConnected(desk, event);
  if (desk.session !== null && "eventSequenceNumber" in event) {
    desk.session = { ...desk.session, eventSequenceNumber: event.eventSequenceNumber };
  }
  desk.ledger.hear(event);
  desk.work?.hear(event);
  switch (event.event) {
    case "EventRegistered":
      return event.address.inService ? login(desk) : wait(desk);
    case "EventDNBackInService":
      return login(desk);
    case "EventAgentLogin":
      desk.leaseEpoch = Math.max(desk.leaseEpoch, event.lease.epoch);
      desk.phase = { kind: "inService" };
      return;
    case "EventAgentLogout":
      return onLogout(desk, event.extensions?.["ReasonCode"], event.lease.epoch);
    case "EventError":
      if (event.errorCode === "resume-too-old") return onRefused(desk);
      if (event.errorCode === "dn-out-of-service") return wait(desk);
      if (desk.phase.kind === "connecting") {
        desk.phase = { kind: "away", since: desk.setting.world.nowMs };
      }
      return;
    default:
      return;
  }
}

/** A resumed session goes on where it stopped; what was in service is. */
function onLinkConnected(
  desk: Desk,
  event: Extract<TlibEvent, { event: "EventLinkConnected" }>,
): void {
  const { sessionID, serverStartTime, lastSequence: eventSequenceNumber } = event;
  const wasInService = desk.isResuming && desk.wasInService;
  desk.isResuming = false;
  desk.session = { sessionID, serverStartTime, eventSequenceNumber };
  desk.coldStarts = siteOf(desk).watch.coldStarts;
  if (wasInService) {
    desk.phase = { kind: "inService" };
    return;
  }
  desk.work?.hear(event);
  send(desk, { request: "RequestRegisterAddress", thisDN: desk.dn });
}

/** Nothing that it has missed can be older than its connection; its events are kept for longer. */
function onRefused(desk: Desk): void {
  const { world } = desk.setting;
  const { name, watch: seen } = siteOf(desk);
  const awayMs = world.nowMs - desk.aliveAtMs;
  if (awayMs < keptForSureMs && seen.coldStarts === desk.coldStarts) {
    fail(world, `desktop ${desk.dn}: ${name} refused its session after ${awayMs} ms`);
  }
  beginAnew(desk);
}

/** Of the thirty seconds for which events are kept. */
const keptForSureMs = 25_000;

/** The site knows nothing of us. */
function beginAnew(desk: Desk): void {
  desk.session = null;
  desk.ledger.forget();
  connect(desk);
}

function login(desk: Desk): void {
  const { dn, leaseEpoch } = desk;
  const restore = { state: "Ready" } as const;
  send(desk, { request: "RequestAgentLogin", thisDN: dn, agentID: dn, leaseEpoch, restore });
}

function wait(desk: Desk): void {
  desk.phase = { kind: "waiting", since: desk.setting.world.nowMs };
}

/** R11: a login of ours that lost to another of ours is made again. */
function onLogout(desk: Desk, reason: unknown, epoch: number): void {
  if (reason === "dr-peer-login" && epoch < desk.leaseEpoch) return;
  if (reason === "dr-peer-login" || reason === "desktop-lost") return login(desk);
  wait(desk);
}

function move(desk: Desk, why: string): void {
  desk.index = 1 - desk.index;
  tell(desk.setting.world, `desktop ${desk.dn} moves to ${siteOf(desk).name}: ${why}`);
  desk.ledger.forget();
  desk.lostAt = null;
  desk.session = null;
  connect(desk);
}

function watch(desk: Desk): void {
  const { world } = desk.setting;
  after(world, watchMs, () => watch(desk));
  const { phase, times } = desk;
  const site = siteOf(desk);
  const now = world.nowMs;
  const isLost = site.replica === null || (phase.kind !== "connecting" && !isConnected(desk));
  if (isLost) {
    desk.lostAt ??= now;
    const lostMs = now - desk.lostAt;
    // A closed connection is seen at once; its session waits at whoever serves now.
    if (site.holder !== null && !site.holder.isPaused) {
      desk.lostAt = null;
      return connect(desk);
    }
    if (lostMs >= times.addpMs + times.siteTimeoutMs) return move(desk, "site lost");
  } else desk.lostAt = null;
  if (isConnected(desk) && phase.kind !== "connecting") desk.aliveAtMs = now;
  if (phase.kind === "inService") return;
  const waitedMs = now - phase.since;
  if (phase.kind === "connecting" && waitedMs >= times.connectTimeoutMs) move(desk, "no answer");
  else if (phase.kind === "away" && waitedMs >= times.connectTimeoutMs) connect(desk);
  else if (phase.kind === "waiting" && waitedMs >= times.registerTimeoutMs) move(desk, "no phone");
}
