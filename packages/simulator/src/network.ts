import { nextInt } from "@tandem/kernel";
import type { StreamHost } from "./streams.ts";
import { after, happens, type World } from "./world.ts";

/**
 * The network: UDP that loses, delays, duplicates and so reorders as the seed's climate says; a
 * trunk and desktop links that keep order, until they are cut, and then lose everything in silence.
 */
export interface Climate {
  readonly lossPerMille: number;
  readonly duplicatePerMille: number;
  readonly delayMinMs: number;
  readonly delayMaxMs: number;
}

export interface Network {
  readonly climate: Climate;
  /** Everything at an address swallows what comes while its host is down. */
  readonly down: Set<string>;
  isTrunkCut: boolean;
  /** Order-keeping links: when the last thing sent arrives. */
  readonly arrivals: Map<string, number>;
  readonly handlers: Map<string, Handler>;
  /** Who listens for phones' connections, by address. */
  readonly streamHosts: Map<string, StreamHost>;
}

export interface Datagram {
  readonly transport: "UDP" | "TCP";
  readonly fromHost: string;
  readonly fromPort: number;
  readonly text: string;
}

export type Handler = (datagram: Datagram) => void;

/** Each seed draws its own weather: from a clean laboratory to a bad radio link. */
export function drawClimate(world: World): Climate {
  const isClean = happens(world, 250);
  const delayMinMs = nextInt(world.random, 0, 20);
  return {
    lossPerMille: isClean ? 0 : nextInt(world.random, 0, 50),
    duplicatePerMille: isClean ? 0 : nextInt(world.random, 0, 30),
    delayMinMs,
    delayMaxMs: delayMinMs + nextInt(world.random, 0, isClean ? 1 : 80),
  };
}

export function createNetwork(climate: Climate): Network {
  return {
    climate,
    down: new Set(),
    isTrunkCut: false,
    arrivals: new Map(),
    handlers: new Map(),
    streamHosts: new Map(),
  };
}

export function listen(network: Network, host: string, port: number, handler: Handler): void {
  network.handlers.set(`${host}:${port}`, handler);
}

export function sendUdp(
  world: World,
  network: Network,
  to: { readonly host: string; readonly port: number },
  datagram: Datagram,
): void {
  const { climate } = network;
  const copies = happens(world, climate.duplicatePerMille) ? 2 : 1;
  for (let copy = 0; copy < copies; copy += 1) {
    if (happens(world, climate.lossPerMille)) continue;
    after(world, delay(world, climate), () => deliver(network, to, datagram));
  }
}

/** A stream: in order, nothing lost, unless the line is cut or a host is down. */
export function sendStream(
  world: World,
  network: Network,
  to: { readonly host: string; readonly port: number },
  datagram: Datagram,
  isCut: () => boolean,
): void {
  const key = `${datagram.fromHost}>${to.host}`;
  const wanted = world.nowMs + delay(world, network.climate);
  const at = Math.max(wanted, network.arrivals.get(key) ?? 0);
  network.arrivals.set(key, at);
  after(world, at - world.nowMs, () => {
    if (!isCut()) deliver(network, to, datagram);
  });
}

function deliver(
  network: Network,
  to: { readonly host: string; readonly port: number },
  datagram: Datagram,
): void {
  if (network.down.has(to.host) || network.down.has(datagram.fromHost)) return;
  network.handlers.get(`${to.host}:${to.port}`)?.(datagram);
}

function delay(world: World, climate: Climate): number {
  return nextInt(world.random, climate.delayMinMs, climate.delayMaxMs);
}
