import { nextHex } from "@tandem/kernel";
import {
  createNode,
  nodeTiming,
  serveAlone,
  stepNode,
  type Action,
  type Node,
  type Replica,
} from "@tandem/replica";
import { cseqOf, headerOf, parseMessage, parseNameAddr, parseUri } from "@tandem/sip";
import {
  switchMachine,
  type Authenticated,
  type Effect,
  type Input,
  type SwitchConfig,
  type SwitchState,
} from "@tandem/switch";
import { listen, sendStream, sendUdp, type Datagram, type Network } from "./network.ts";
import { after, fail, tell, type World } from "./world.ts";

/**
 * A site: a replica of the switch behind a door that knows its phones by their addresses. It can be
 * killed, which loses everything, and started again, cold.
 */
export interface Site {
  readonly name: string;
  readonly config: SwitchConfig;
  node: Node<SwitchState, Input, Effect> | null;
  /** Its machine, while it lives. */
  readonly replica: Replica<SwitchState, Input, Effect> | null;
  wakeAt: number;
  /** Counts the lives of the process, so that a late wake-up of an old one is known. */
  life: number;
  nonceCount: number;
  readonly links: Map<string, (event: Extract<Effect, { kind: "cti" }>["event"]) => void>;
}

/** What a mutant does to effects on their way out: a planted bug (style TST3). */
export type Tamper = (effects: readonly Effect[]) => readonly Effect[];

export interface SiteWorld {
  readonly world: World;
  readonly network: Network;
  readonly tamper: Tamper;
}

export function createSite(setting: SiteWorld, config: SwitchConfig): Site {
  const site: Site = {
    name: config.site,
    config,
    node: null,
    get replica() {
      return this.node?.replica ?? null;
    },
    wakeAt: Infinity,
    life: 0,
    nonceCount: 0,
    links: new Map(),
  };
  listen(setting.network, config.host, config.port, (datagram) => receive(setting, site, datagram));
  startSite(setting, site);
  return site;
}

export function startSite(setting: SiteWorld, site: Site): void {
  const { world, network } = setting;
  site.life += 1;
  site.wakeAt = Infinity;
  network.down.delete(site.config.host);
  const node = createNode(
    {
      machine: switchMachine,
      incarnation: `${site.name}/${site.life}`,
      versions: { machine: "1", runtime: "1", schema: 1 },
      hasArbiter: false,
      epochBegan: (epoch, takenOver): Input => ({ kind: "epochBegan", epoch, takenOver }),
      describe: null,
      snapshots: { open: () => noSnapshot, assemble: () => noAssembly },
      timing: nodeTiming,
    },
    world.nowMs,
  );
  site.node = node;
  tell(world, `${site.name} starts`);
  act(setting, site, serveAlone(node, world.nowMs));
  frame(setting, site, [
    { kind: "wallClock", wallMs: wallStartMs + world.nowMs },
    { kind: "configured", config: site.config },
  ]);
}

/** A site of one node sends its state to nobody. */
const noSnapshot = { next: () => null, finish: () => "", abandon: () => undefined };
const noAssembly = { add: () => false, finish: () => null };

const wallStartMs = 1_700_000_000_000;

export function killSite(setting: SiteWorld, site: Site): void {
  tell(setting.world, `${site.name} dies`);
  setting.network.down.add(site.config.host);
  site.node = null;
  site.links.clear();
}

/** One frame: these inputs, then what is due. */
export function frame(setting: SiteWorld, site: Site, inputs: readonly Input[]): void {
  const { world } = setting;
  const { node } = site;
  if (node === null) return;
  const entropy = nextHex(world.random, 32);
  act(setting, site, stepNode(node, world.nowMs, { kind: "gathered", inputs, entropy }));
  setWake(setting, site);
}

function act(setting: SiteWorld, site: Site, actions: readonly Action<Input, Effect>[]): void {
  for (const action of actions) {
    if (action.kind === "perform") {
      for (const effect of setting.tamper(action.effects)) perform(setting, site, effect);
    } else if (action.kind === "frame") after(setting.world, 0, () => frame(setting, site, []));
  }
}

function setWake(setting: SiteWorld, site: Site): void {
  const { replica, life } = site;
  if (replica === null) return;
  const deadline = switchMachine.nextDeadline(replica.state);
  if (deadline === undefined) return;
  const at = Math.max(setting.world.nowMs, replica.clockMs + (deadline - replica.now));
  if (at >= site.wakeAt) return;
  site.wakeAt = at;
  after(setting.world, at - setting.world.nowMs, () => {
    if (site.life !== life || site.wakeAt !== at) return;
    site.wakeAt = Infinity;
    frame(setting, site, []);
  });
}

function perform(setting: SiteWorld, site: Site, effect: Effect): void {
  const { world, network } = setting;
  switch (effect.kind) {
    case "sip": {
      const { host, port } = effect.target;
      const transport = effect.target.transport === "UDP" ? "UDP" : "TCP";
      const own = { fromHost: site.config.host, fromPort: site.config.port };
      const datagram: Datagram = { transport, ...own, text: effect.text };
      if (transport === "UDP") return sendUdp(world, network, { host, port }, datagram);
      return sendStream(world, network, { host, port }, datagram, () => network.isTrunkCut);
    }
    case "cti": {
      const { event } = effect;
      if ("eventSequenceNumber" in event) tell(world, `${site.name} ${event.event}`);
      site.links.get(effect.connection)?.(event);
      return;
    }
    case "ctiClose":
      site.links.delete(effect.connection);
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

function receive(setting: SiteWorld, site: Site, datagram: Datagram): void {
  const { transport, fromHost, fromPort, text } = datagram;
  const flow = {
    transport,
    name: transport === "UDP" ? "" : `1.${fromHost}`,
    localHost: site.config.host,
    localPort: site.config.port,
    remoteHost: fromHost,
    remotePort: fromPort,
  };
  frame(setting, site, [{ kind: "sip", flow, text, authenticated: vouch(site, datagram) }]);
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
