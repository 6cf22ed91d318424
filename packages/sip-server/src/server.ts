import { createHash, randomBytes } from "node:crypto";
import {
  startReplica,
  type Arbiter,
  type LinkTls,
  type NodeNotice,
  type ReplicaHost,
  type Role,
  type StandDownReason,
} from "@tandem/replica";
import type { Frame } from "@tandem/kernel";
import type { DigestAlgorithm } from "@tandem/sip";
import { createSwitch, type Effect, type Input, type SwitchState } from "@tandem/switch";
import type { Compiled } from "./compile-config.ts";
import type { TrunkSecret } from "./compile-trunks.ts";
import { currentVersion, describeFrame, type MachineVersion } from "./replicated.ts";
import { openCti, type CtiEdge } from "./sessions/cti-edge.ts";
import type { AboutServer, NodeRole } from "./sessions/register.ts";
import { createRoleTeller } from "./sessions/role-teller.ts";
import { createTokenVerifier } from "./sessions/tokens.ts";
import type { Recorder } from "./recording/recorder.ts";
import type { PairSettings } from "./settings.ts";
import { createSteppedConfig } from "./stepped-config.ts";
import { createDoorServers } from "./signalling/doors.ts";
import { createNonceKeeper } from "./signalling/nonce.ts";
import { sign } from "./signalling/signer.ts";
import type { SignallingEdge, SignallingLimits } from "./signalling/edge.ts";
import { createNameResolver, type NameResolver } from "./signalling/resolver.ts";
import { createServedSignalling } from "./signalling/served-signalling.ts";
import { createStallWatch } from "./signalling/stall-watch.ts";
import type { TlsMaterial } from "./signalling/tls-identity.ts";

/**
 * One node of a SIP Server: a replica of the switch between its two edges. Alone it serves with its
 * first configuration; of a pair, while the view says so. A later configuration replaces the first
 * as a whole.
 */
export interface SipServer {
  readonly configure: (compiled: Compiled) => Promise<void>;
  /** Of the machine that it holds; an empty one while it holds none. */
  readonly state: SwitchState;
  /** The open edge of a node that serves. */
  readonly signalling: SignallingEdge;
  readonly edge: () => SignallingEdge | null;
  readonly cti: CtiEdge;
  readonly names: NameResolver;
  readonly role: () => Role;
  readonly epoch: () => number;
  readonly isServing: () => boolean;
  readonly isReady: () => boolean;
  /** It serves, and nobody can replace it. */
  readonly isAlone: () => boolean;
  readonly isLinked: () => boolean;
  readonly handOver: () => void;
  readonly linkBytesSent: () => number;
  readonly close: () => Promise<void>;
}

export interface SipServerOptions {
  /** `sip-1a`: names the incarnation. */
  readonly name: string;
  readonly first: Compiled;
  readonly pair?: ServerPair;
  /** Takes the site's address before its sockets are bound, and gives it up. */
  readonly address?: SiteAddressPort;
  readonly algorithms?: readonly DigestAlgorithm[];
  readonly sourcePerSecond?: number;
  readonly limits?: SignallingLimits;
  readonly tls?: TlsMaterial;
  readonly nameServers?: readonly string[];
  readonly origins?: readonly string[];
  /** Sentences for the log: whom we could not trust. */
  readonly onTrouble?: (sentence: string) => void;
  readonly observe?: (effect: Extract<Effect, { kind: "alarm" | "notice" }>) => void;
  readonly onNotice?: (notice: NodeNotice) => void;
  readonly record?: Recorder["record"];
  /** Another than this program's own: for tests of an upgrade (H10). */
  readonly version?: MachineVersion;
}

export interface ServerPair {
  readonly settings: PairSettings;
  readonly arbiter: Arbiter;
  /** What the settings name in files. */
  readonly linkTls?: LinkTls;
}

export interface SiteAddressPort {
  readonly take: () => Promise<void>;
  readonly drop: () => Promise<void>;
}

const wallClockEveryMs = 10_000;
const beatEveryMs = 50;
const sourcePerSecondPreset = 2_000;
/** A new primary looks after its configuration when the calls have been looked after. */
const configureAfterMs = 500;

/** Turns of the event loop in which the sockets are read before they are closed (H8). */
const drainTurns = 3;

export async function startSipServer(options: SipServerOptions): Promise<SipServer> {
  const node = new NodeOfServer(options);
  await node.start();
  return node.face();
}

/** Both edges, the replica between them and what they share, for as long as the process lives. */
class NodeOfServer {
  readonly options: SipServerOptions;
  readonly tokens = createTokenVerifier();
  readonly signalling: ReturnType<typeof createServedSignalling>;
  readonly names: NameResolver;
  readonly empty: SwitchState = createSwitch();
  readonly stalls = createStallWatch(performance.now());
  beats: NodeJS.Timeout | null = null;
  compiled: Compiled;
  replica: ReplicaHost<SwitchState, Input, Effect> | null = null;
  cti: CtiEdge | null = null;
  wallClock: NodeJS.Timeout | null = null;
  configuring: NodeJS.Timeout | null = null;
  trunkSecrets: ReadonlyMap<string, TrunkSecret>;
  readonly roles = createRoleTeller(() => this.cti?.roleChanged());
  readonly machineConfig = createSteppedConfig();
  /** Resolves when the edges of the last epoch stand; rejects when a single node's do not. */
  opened: Promise<void> = Promise.resolve();

  constructor(options: SipServerOptions) {
    this.options = options;
    this.compiled = options.first;
    this.trunkSecrets = options.first.trunkSecrets ?? new Map<string, TrunkSecret>();
    const { config } = options.first;
    this.names = createNameResolver({
      servers: options.nameServers ?? [],
      hasIpv6: config.host6 !== null,
      submit: (input) => this.submit(input),
    });
    const nonceKey = keyOf(options);
    const nonces = createNonceKeeper(nonceKey);
    const servers = createDoorServers(options.tls ?? null);
    this.signalling = createServedSignalling({
      triesAgain: options.pair !== undefined,
      onTrouble: options.onTrouble ?? ignore,
      edge: (epoch) => ({
        host: config.host,
        host6: config.host6,
        port: config.port,
        ports: config.ports,
        tls: options.tls ?? null,
        servers,
        origins: options.origins ?? [],
        namesOf: this.names.namesOf,
        ...options.limits,
        ...(options.onTrouble === undefined ? {} : { onTrouble: options.onTrouble }),
        epoch,
        algorithms: options.algorithms ?? ["MD5"],
        sourcePerSecond: options.sourcePerSecond ?? sourcePerSecondPreset,
        nonces,
        isServing: () => this.replica?.isServing() ?? true,
        // Alone, nobody else has answered.
        mayAnswer: () => options.pair === undefined || !this.stalls.isAwakening(performance.now()),
        submit: (input) => this.submit(input),
      }),
    });
  }

  roleForClients(): NodeRole {
    const isServing = this.replica?.isServing() === true;
    return { role: isServing ? "primary" : "backup", epoch: this.replica?.node.view?.epoch ?? 0 };
  }

  aboutForClients(): AboutServer {
    const { site } = this.compiled.config;
    const state = this.replica?.state() ?? this.empty;
    const { peer, serverStartTime } = state;
    return { site, peerInService: peer.isAlive, serverStartTime };
  }

  submit(input: Input): void {
    this.replica?.submit(input);
  }

  async start(): Promise<void> {
    const { options } = this;
    const { version = currentVersion } = options;
    const { tlib } = options.first;
    await this.tokens.setKeys(this.compiled.publicKeys);
    this.signalling.configure(this.compiled.config, this.compiled.secrets);
    if (options.pair !== undefined) {
      this.beats = setInterval(() => this.stalls.beat(performance.now()), beatEveryMs);
      await this.signalling.rehearse();
    }
    this.cti = await openCti({
      host: tlib.host,
      port: tlib.port,
      role: () => this.roleForClients(),
      about: () => this.aboutForClients(),
      tokens: this.tokens,
      origins: options.origins ?? [],
      submit: (input) => this.submit(input),
    });
    try {
      this.replica = await startReplica<SwitchState, Input, Effect>({
        machine: version.machine,
        incarnation: `${options.name}/${randomBytes(4).toString("hex")}`,
        versions: version.versions,
        epochBegan: (epoch, how) => ({ kind: "epochBegan", epoch, ...how }),
        describe: describeFrame,
        snapshots: version.snapshots,
        perform: (effects) => this.perform(effects),
        serve: (epoch) => this.serve(epoch),
        standDown: (why) => this.standDown(why),
        drain: () => this.drain(),
        notice: (notice) => this.onNotice(notice),
        ...(options.onTrouble === undefined ? {} : { trouble: options.onTrouble }),
        record: (frame) => this.onStepped(frame),
        ...this.pairOptions(),
      });
      // A node that serves alone begins here; of a pair, when the view says so.
      if (options.pair === undefined) this.begin();
      await this.opened;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  pairOptions(): Pick<Parameters<typeof startReplica>[0], "pair"> {
    const { pair, name } = this.options;
    if (pair === undefined) return {};
    const { settings, arbiter, linkTls } = pair;
    const { secret, listen, peer } = settings;
    const tls = linkTls === undefined ? {} : { tls: linkTls };
    return { pair: { arbiter, link: { pair: settings.name, name, secret, listen, peer, ...tls } } };
  }

  /** This node serves from now on. */
  serve(epoch: number): void {
    const opened = this.signalling.open(epoch, this.options.address?.take);
    this.opened = opened;
    opened.catch(ignore); // a single node waits for it in `start`; a pair's tries for ever
    if (this.options.pair !== undefined) this.roles.opening(opened);
    this.begin();
  }

  /** Time and configuration, for a machine that may not have them; comes after `epochBegan`. */
  begin(): void {
    if (this.replica === null) return;
    this.tellTime();
    this.wallClock ??= setInterval(() => this.tellTime(), wallClockEveryMs);
    const state = this.replica.state();
    this.roles.changed();
    if (state === null || state.config === null) return this.submitConfig();
    this.configuring = setTimeout(() => this.configureIfOther(), configureAfterMs);
  }

  configureIfOther(): void {
    this.configuring = null;
    if (this.machineConfig.isOther(this.compiled.config)) this.submitConfig();
  }

  submitConfig(): void {
    this.submit({ kind: "configured", config: this.compiled.config });
  }

  tellTime(): void {
    this.submit({ kind: "wallClock", wallMs: Date.now() });
  }

  standDown(why: StandDownReason): void {
    this.roles.giveUp();
    if (why === "doors-left") this.cti?.leaveDoors();
    else this.roles.changed();
    if (this.wallClock !== null) clearInterval(this.wallClock);
    if (this.configuring !== null) clearTimeout(this.configuring);
    this.wallClock = null;
    this.configuring = null;
    const { onTrouble = ignore } = this.options;
    void this.signalling
      .close()
      .then(() => this.options.address?.drop())
      .catch((error: unknown) => onTrouble(`the address could not be dropped: ${String(error)}`));
  }

  /** What has come already is read; what comes during the pause its sender repeats. */
  async drain(): Promise<void> {
    for (let turn = 0; turn < drainTurns; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    await this.signalling.close();
    await this.options.address?.drop();
  }

  onStepped(frame: Frame<Input>): void {
    for (const input of frame.inputs) {
      if (input.kind === "configured") this.machineConfig.stepped(input.config);
    }
    const state = this.replica?.state() ?? null;
    const history = this.replica?.node.history ?? "";
    this.options.record?.(frame, state === null ? null : { state, history });
  }

  onNotice(notice: NodeNotice): void {
    this.options.onNotice?.(notice);
    // The epoch is another one, or this node's part in it.
    if (!changesNothing.has(notice.kind)) this.roles.changed();
    if (notice.kind !== "role") return;
    if (notice.role === "learner") this.machineConfig.forget();
    const has = this.replica?.state()?.config ?? null;
    if (notice.role === "standby") this.machineConfig.learn(has, this.compiled.config);
  }

  perform(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === "sip") this.signalling.send(effect.target, effect.text);
      else if (effect.kind === "cti") this.cti?.send(effect.connection, effect.event);
      else if (effect.kind === "ctiClose") {
        this.cti?.closeConnection(effect.connection, effect.reason);
      } else if (effect.kind === "resolve") this.names.resolve(effect);
      else if (effect.kind === "sign") this.submit(sign(effect, this.trunkSecrets));
      else this.options.observe?.(effect);
    }
  }

  async configure(compiled: Compiled): Promise<void> {
    await this.tokens.setKeys(compiled.publicKeys);
    this.compiled = compiled;
    this.trunkSecrets = compiled.trunkSecrets ?? new Map<string, TrunkSecret>();
    this.submitConfig(); // dropped where another node serves, which has it from its own source
    this.signalling.configure(compiled.config, compiled.secrets);
  }

  async close(): Promise<void> {
    if (this.beats !== null) clearInterval(this.beats);
    if (this.wallClock !== null) clearInterval(this.wallClock);
    if (this.configuring !== null) clearTimeout(this.configuring);
    await Promise.all([this.signalling.close(), this.cti?.close()]);
    this.names.close();
    await this.replica?.stop();
    await this.options.address?.drop();
  }

  face(): SipServer {
    const { signalling, names, empty } = this;
    const { replica, cti } = this;
    if (replica === null || cti === null) throw new Error("the server has not started");
    const { node } = replica;
    return {
      configure: (compiled) => this.configure(compiled),
      get state() {
        return replica.state() ?? empty;
      },
      get signalling() {
        const edge = signalling.edge();
        if (edge === null) throw new Error("this node does not serve");
        return edge;
      },
      edge: signalling.edge,
      cti,
      names,
      role: () => node.role,
      epoch: () => node.view?.epoch ?? 0,
      isServing: replica.isServing,
      isReady: replica.isReady,
      isAlone: () => replica.isServing() && (node.view?.members.length ?? 1) < 2,
      isLinked: () => node.link.state === "up",
      handOver: replica.handOver,
      linkBytesSent: replica.linkBytesSent,
      close: () => this.close(),
    };
  }
}

const changesNothing: ReadonlySet<NodeNotice["kind"]> = new Set([
  "differs",
  "doorsLeft",
  "handoverFailed",
]);

/** The nonce key belongs to the pair: the other node knows its nonces too. */
function keyOf({ pair }: SipServerOptions): Uint8Array {
  if (pair === undefined) return randomBytes(32);
  const { name, secret } = pair.settings;
  return createHash("sha256").update(`tandem-nonce|${name}|${secret}`).digest();
}

function ignore(): void {}
