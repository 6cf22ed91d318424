import { nextInt, pick } from "@tandem/kernel";
import { createArbiterStore, type NodeNotice, type Replica } from "@tandem/replica";
import {
  buildResponse,
  cseqOf,
  headerOf,
  parseMessage,
  parseNameAddr,
  parseUri,
} from "@tandem/sip";
import type { Authenticated, Effect, Input, SwitchConfig, SwitchState } from "@tandem/switch";
import { listen, sendStream, sendUdp, type Datagram, type Network } from "./network.ts";
import {
  frame as stepFrameOf,
  killNode,
  newPairNode,
  startNode,
  type NodeMutant,
  type Pair,
  type PairNode,
  type PairWorld,
} from "./pair-node.ts";
import { createPairWatch, watchRelease, watchServe, watchStep } from "./pair-watch.ts";
import { checkRegistered, checkServed, registeredOf } from "./served.ts";
import { breakStream, closeStream, sendToPhone, type Stream } from "./streams.ts";
import { after, fail, tell, type World } from "./world.ts";

/**
 * A site: a pair of nodes behind one address, which is whose node serves, and a door that knows its
 * phones by their addresses. A node can be killed; the whole site can, which loses everything.
 */
export interface Site extends Pair {
  readonly name: string;
  readonly config: SwitchConfig;
  /** What the configuration source says now. */
  wanted: SwitchConfig;
  /** Who has the address. */
  holder: PairNode | null;
  /** The machine of the node that serves; null while nobody does. */
  readonly replica: Replica<SwitchState, Input, Effect> | null;
  /** Connections from other hosts that carry SIP, by host. */
  readonly flows: Map<string, string>;
  /** Phones' connections, by their names. */
  readonly streams: Map<string, Stream>;
  flowCount: number;
  nonceCount: number;
  readonly setting: SiteWorld;
  readonly pairWorld: PairWorld;
}

/** What a mutant does to effects on their way out: a planted bug (style TST3). */
export type Tamper = (effects: readonly Effect[]) => readonly Effect[];

/** A planted bug in the door of a site. */
export interface DoorMutant {
  readonly vouchesAlways?: boolean;
  readonly numberOf?: (count: number) => number;
}

export interface SiteWorld {
  readonly world: World;
  readonly network: Network;
  readonly tamper: Tamper;
  readonly nodeMutant: NodeMutant;
  readonly doorMutant: DoorMutant;
  /** Both sites, once they are there. */
  readonly sites: Site[];
  /** Calls are lost with a machine, or nobody hears a BYE for as long as it is repeated. */
  onTrouble: () => void;
}

const linkDelaysMs: readonly number[] = [1, 1, 2, 20];

export function createSite(setting: SiteWorld, config: SwitchConfig): Site {
  const { world } = setting;
  const site: Site = {
    site: config.site,
    name: config.site,
    config,
    wanted: config,
    nodes: [newPairNode("a"), newPairNode("b")],
    link: { life: 0, isUp: false, isCut: false, delayMs: pick(world.random, linkDelaysMs) },
    store: createArbiterStore(),
    cutFromArbiter: new Set(),
    isArbiterDown: false,
    isArbiterShaky: true,
    watch: createPairWatch(),
    holder: null,
    get replica() {
      return this.holder?.node?.replica ?? null;
    },
    flows: new Map(),
    streams: new Map(),
    flowCount: 0,
    nonceCount: 0,
    setting,
    pairWorld: {
      world,
      mutant: setting.nodeMutant,
      serve: (process) => serve(site, process),
      standDown: (process) => standDown(site, process),
      stepped: (process, stepped) => watchStep(world, site, process, stepped),
      release: (process, effects) => release(site, process, effects),
      notice: (process, notice) => onNotice(site, process, notice),
    },
  };
  setting.sites.push(site);
  listen(setting.network, config.host, config.port, (datagram) => receive(site, datagram));
  setting.network.streamHosts.set(config.host, {
    accept: (stream) => accept(site, stream),
    receive(stream, text) {
      const { host: fromHost, port: fromPort } = stream.phone;
      receive(site, { transport: "TCP", fromHost, fromPort, text }, stream.name);
    },
    closed: (stream) => onStreamClosed(site, stream),
  });
  startSite(site);
  return site;
}

export function startSite(site: Site): void {
  const { world, network } = site.setting;
  network.down.delete(site.config.host);
  tell(world, `${site.name} starts`);
  for (const process of site.nodes) {
    if (process.node === null) startNode(site.pairWorld, site, process);
  }
}

const wallStartMs = 1_700_000_000_000;

export function killSite(site: Site): void {
  const { world, network } = site.setting;
  tell(world, `${site.name} dies`);
  network.down.add(site.config.host);
  site.watch.isExcused = true;
  site.holder = null;
  site.flows.clear();
  closeStreams(site, true);
  for (const process of site.nodes) killNode(site.pairWorld, site, process);
}

/** Its connections are reset: its host lives on. */
export function killNodeOf(site: Site, process: PairNode): void {
  tell(site.setting.world, `${site.name} ${process.name} dies`);
  killNode(site.pairWorld, site, process);
  if (site.holder !== process) return;
  site.holder = null;
  resetFlows(site);
}

/** One frame of the node that serves: these inputs, then what is due. */
export function frame(site: Site, inputs: readonly Input[]): void {
  if (site.holder !== null) stepFrameOf(site.pairWorld, site, site.holder, inputs);
}

/** It takes the address; whoever had it has it no more. */
function serve(site: Site, process: PairNode): void {
  const { world } = site.setting;
  const isOther = site.holder !== process;
  tell(world, `${site.name} ${process.name} serves`);
  if (site.holder !== null && isOther) resetFlows(site);
  site.holder = process;
  watchServe(world, site, process);
  checkServed(site);
  const wallClock: Input = { kind: "wallClock", wallMs: wallStartMs + world.nowMs };
  const isConfigured = site.replica?.state.config !== null;
  const configured: Input = { kind: "configured", config: site.wanted };
  const inputs = isConfigured ? [wallClock] : [wallClock, configured];
  const before = registeredOf(site);
  after(world, 0, () => {
    if (site.holder !== process) return;
    frame(site, inputs);
    checkRegistered(site, before);
  });
  if (!isConfigured) return;
  // It was taken over with a configuration that the source may have changed meanwhile.
  const { life } = process;
  after(world, configureAfterMs, () => {
    if (site.holder !== process || process.life !== life) return;
    const held = JSON.stringify(site.replica?.state.config);
    if (held !== JSON.stringify(site.wanted)) {
      frame(site, [{ kind: "configured", config: site.wanted }]);
    }
  });
}

const configureAfterMs = 500;

function standDown(site: Site, process: PairNode): void {
  process.links.clear();
  if (site.holder !== process) return;
  tell(site.setting.world, `${site.name} ${process.name} stands down`);
  site.holder = null;
  resetFlows(site);
}

/** The peer's connections to this address close; it sees that unless the trunk is cut. */
function resetFlows(site: Site): void {
  const { world, network, sites } = site.setting;
  site.flows.clear();
  closeStreams(site, false);
  const { host } = site.config;
  for (const other of sites) {
    const name = other.flows.get(host);
    if (other === site || name === undefined) continue;
    other.flows.delete(host);
    after(world, nextInt(world.random, 1, 20), () => {
      if (!network.isTrunkCut) frame(other, [{ kind: "flowClosed", name, remoteHost: host }]);
    });
  }
}

function release(site: Site, process: PairNode, effects: readonly Effect[]): void {
  watchRelease(site.setting.world, site, process, effects);
  for (const effect of site.setting.tamper(effects)) perform(site, process, effect);
}

function onNotice(site: Site, process: PairNode, notice: NodeNotice): void {
  const { world } = site.setting;
  const who = `${site.name} ${process.name}`;
  tell(world, `${who} ${JSON.stringify(notice)}`);
  if (notice.kind === "differs") fail(world, `${who} differs from its primary`);
  if (notice.kind === "takenOver") site.watch.takeovers += 1;
  if (notice.kind !== "coldStart") return;
  site.watch.coldStarts += 1;
  site.watch.talking = [];
  site.setting.onTrouble();
  if (!site.watch.isExcused) fail(world, `${who} starts cold after a single fault`);
}

function perform(site: Site, process: PairNode, effect: Effect): void {
  const { world, network } = site.setting;
  switch (effect.kind) {
    case "sip": {
      const { host, port } = effect.target;
      const transport = effect.target.transport === "UDP" ? "UDP" : "TCP";
      const own = { fromHost: site.config.host, fromPort: site.config.port };
      const datagram: Datagram = { transport, ...own, text: effect.text };
      if (transport === "UDP") return sendUdp(world, network, { host, port }, datagram);
      if (host.startsWith(phoneNetwork)) return sendOverStream(site, effect);
      return sendStream(world, network, { host, port }, datagram, () => network.isTrunkCut);
    }
    case "cti": {
      const { event } = effect;
      if ("eventSequenceNumber" in event) tell(world, `${site.name} ${event.event}`);
      process.links.get(effect.connection)?.(event);
      return;
    }
    case "ctiClose":
      process.links.delete(effect.connection);
      return;
    case "resolve":
    case "sign":
      return; // trunks of the simulator are addresses, and have no secrets
    case "alarm":
      tell(world, `${site.name} alarm ${effect.code} ${effect.detail}`);
      if (effect.code === "step-failed")
        fail(world, `${site.name}: a step failed: ${effect.detail}`);
      return;
    case "notice":
      tell(world, `${site.name} ${effect.text}`);
      return;
  }
}

function receive(site: Site, datagram: Datagram, stream = ""): void {
  if (site.holder === null) {
    if (site.setting.doorMutant.vouchesAlways === true) vouchAnyway(site, datagram);
    return;
  }
  const { transport, fromHost, fromPort, text } = datagram;
  const flow = {
    transport,
    name: transport === "UDP" ? "" : stream || flowOf(site, fromHost),
    localHost: site.config.host,
    localPort: site.config.port,
    remoteHost: fromHost,
    remotePort: fromPort,
  };
  frame(site, [{ kind: "sip", flow, text, authenticated: vouch(site, datagram) }]);
}

/** `epoch.number`, of the connection from there. */
function flowOf(site: Site, fromHost: string): string {
  const known = site.flows.get(fromHost);
  if (known !== undefined) return known;
  const name = nameFlow(site);
  site.flows.set(fromHost, name);
  return name;
}

function nameFlow(site: Site): string {
  site.flowCount += 1;
  const number = site.setting.doorMutant.numberOf?.(site.flowCount) ?? site.flowCount;
  return `${site.holder?.node?.view?.epoch ?? 0}.${number}`;
}

/** The door of this world knows phones by their network; digest has tests of its own. */
function vouch(site: Site, datagram: Datagram): Authenticated | null {
  if (!datagram.fromHost.startsWith(phoneNetwork)) return null;
  const parsed = parseMessage(datagram.text);
  if (!parsed.ok || parsed.value.kind !== "request") return null;
  const from = parseNameAddr(headerOf(parsed.value, "from") ?? "");
  const user = from === undefined ? undefined : parseUri(from.uri)?.user;
  if (user === undefined || cseqOf(parsed.value)?.method === "ACK") return null;
  site.nonceCount += 1;
  return { user, isStale: false, nonce: "nonce", nonceCount: site.nonceCount, challenge: "" };
}

export const phoneNetwork = "10.0.";

/** A planted bug: OPTIONS are answered by a door without a machine behind it. */
function vouchAnyway(site: Site, { transport, fromHost, fromPort, text }: Datagram): void {
  const { world, network } = site.setting;
  const parsed = parseMessage(text);
  if (!parsed.ok || parsed.value.kind !== "request" || parsed.value.method !== "OPTIONS") return;
  const answer = buildResponse(parsed.value, 200, { toTag: "door" });
  const own = { fromHost: site.config.host, fromPort: site.config.port };
  const to = { host: fromHost, port: fromPort };
  const back = { transport, ...own, text: answer };
  sendStream(world, network, to, back, () => network.isTrunkCut);
}

/** A phone's connection: whoever serves has it. */
function accept(site: Site, stream: Stream): string | null {
  if (site.holder === null) return null;
  const name = nameFlow(site);
  site.streams.set(name, stream);
  return name;
}

function closeStreams(site: Site, isSilent: boolean): void {
  for (const stream of site.streams.values()) closeStream(site.setting, stream, isSilent);
  site.streams.clear();
}

function onStreamClosed(site: Site, { name, phone }: Stream): void {
  if (!site.streams.delete(name)) return;
  frame(site, [{ kind: "flowClosed", name, remoteHost: phone.host }]);
}

/** The connection of one phone breaks, by chance. */
export function loseFlow(site: Site): void {
  const { world } = site.setting;
  const streams = [...site.streams.values()];
  if (streams.length > 0) breakStream(site.setting, pick(world.random, streams));
}

/** Phones are not dialled: a connection that is gone is told. */
function sendOverStream(site: Site, { target, text }: Extract<Effect, { kind: "sip" }>): void {
  const { world } = site.setting;
  const stream = site.streams.get(target.name);
  if (stream !== undefined) {
    if (stream.phone.host !== target.host) {
      fail(world, `${site.name}: what is for ${target.host} goes to ${stream.phone.host}`);
    }
    return sendToPhone(site.setting, stream, text);
  }
  const { holder } = site;
  after(world, 0, () => {
    if (site.holder !== holder) return;
    frame(site, [{ kind: "sipFailed", target, text, reason: "refused" }]);
  });
}
