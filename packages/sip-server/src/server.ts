import { randomBytes } from "node:crypto";
import { startReplica, type ReplicaHost } from "@tandem/replica";
import type { DigestAlgorithm } from "@tandem/sip";
import { switchMachine, type Effect, type Input, type SwitchState } from "@tandem/switch";
import type { Compiled } from "./compile-config.ts";
import type { TrunkSecret } from "./compile-trunks.ts";
import { openCti, type CtiEdge } from "./sessions/cti-edge.ts";
import { createTokenVerifier } from "./sessions/tokens.ts";
import { createNonceKeeper } from "./signalling/nonce.ts";
import { sign } from "./signalling/signer.ts";
import { openSignalling, type SignallingEdge, type SignallingLimits } from "./signalling/edge.ts";
import { createNameResolver, type NameResolver } from "./signalling/resolver.ts";
import type { TlsMaterial } from "./signalling/tls-identity.ts";

/**
 * One node of a SIP Server: a replica of the switch between its two edges. It starts serving with
 * its first configuration; a later one replaces it as a whole.
 */
export interface SipServer {
  readonly configure: (compiled: Compiled) => Promise<void>;
  readonly state: SwitchState;
  readonly signalling: SignallingEdge;
  readonly cti: CtiEdge;
  readonly names: NameResolver;
  readonly close: () => Promise<void>;
}

export interface SipServerOptions {
  /** `sip-1a`: names the incarnation. */
  readonly name: string;
  readonly first: Compiled;
  readonly algorithms?: readonly DigestAlgorithm[];
  readonly sourcePerSecond?: number;
  readonly limits?: SignallingLimits;
  readonly tls?: TlsMaterial;
  readonly nameServers?: readonly string[];
  readonly origins?: readonly string[];
  /** Sentences for the log: whom we could not trust. */
  readonly onTrouble?: (sentence: string) => void;
  readonly observe?: (effect: Extract<Effect, { kind: "alarm" | "notice" }>) => void;
}

const wallClockEveryMs = 10_000;
const sourcePerSecondPreset = 2_000;

export async function startSipServer(options: SipServerOptions): Promise<SipServer> {
  const { config, tlib } = options.first;
  const tokens = createTokenVerifier();
  let signalling: SignallingEdge | null = null;
  let cti: CtiEdge | null = null;
  let trunkSecrets = options.first.trunkSecrets ?? new Map<string, TrunkSecret>();
  const perform = (effects: readonly Effect[]): void => {
    for (const effect of effects) {
      if (effect.kind === "sip") signalling?.send(effect.target, effect.text);
      else if (effect.kind === "cti") cti?.send(effect.connection, effect.event);
      else if (effect.kind === "ctiClose") cti?.closeConnection(effect.connection, effect.reason);
      else if (effect.kind === "resolve") names.resolve(effect);
      else if (effect.kind === "sign") submit(sign(effect, trunkSecrets));
      else options.observe?.(effect);
    }
  };
  // Nothing is performed before the first input, which comes below.
  const replica: ReplicaHost<SwitchState, Input> = startReplica({
    machine: switchMachine,
    incarnation: `${options.name}/${randomBytes(4).toString("hex")}`,
    perform,
  });
  const { submit, epoch } = replica;
  const names = createNameResolver({
    servers: options.nameServers ?? [],
    hasIpv6: config.host6 !== null,
    submit,
  });
  signalling = await openSignalling({
    host: config.host,
    host6: config.host6,
    port: config.port,
    ports: config.ports,
    tls: options.tls ?? null,
    origins: options.origins ?? [],
    namesOf: names.namesOf,
    ...options.limits,
    ...(options.onTrouble === undefined ? {} : { onTrouble: options.onTrouble }),
    epoch,
    algorithms: options.algorithms ?? ["MD5"],
    sourcePerSecond: options.sourcePerSecond ?? sourcePerSecondPreset,
    nonces: createNonceKeeper(randomBytes(32)),
    submit,
  });
  try {
    cti = await openCti({
      host: tlib.host,
      port: tlib.port,
      epoch,
      tokens,
      origins: options.origins ?? [],
      submit,
    });
  } catch (error) {
    await signalling.close();
    names.close();
    replica.stop();
    throw error;
  }
  const edges = { signalling, cti, names };
  const tellTime = (): void => submit({ kind: "wallClock", wallMs: Date.now() });
  submit({ kind: "epochBegan", epoch, takenOver: true });
  tellTime();
  const wallClock = setInterval(tellTime, wallClockEveryMs);
  const configure = async (compiled: Compiled): Promise<void> => {
    await tokens.setKeys(compiled.publicKeys);
    trunkSecrets = compiled.trunkSecrets ?? new Map<string, TrunkSecret>();
    submit({ kind: "configured", config: compiled.config });
    edges.signalling.configure(compiled.config, compiled.secrets);
  };
  await configure(options.first);
  return {
    configure,
    state: replica.state,
    ...edges,
    async close() {
      clearInterval(wallClock);
      await Promise.all([edges.signalling.close(), edges.cti.close()]);
      names.close();
      replica.stop();
    },
  };
}
