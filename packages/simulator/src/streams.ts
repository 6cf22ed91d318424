import { nextInt } from "@tandem/kernel";
import type { Network } from "./network.ts";
import { after, type World } from "./world.ts";

/**
 * Connections that phones open to a site: in order, and nothing lost until one end closes them. A
 * takeover and a death close them, and so does chance; what was under way is lost with them.
 */
export interface Stream {
  readonly phone: Place;
  readonly to: Place;
  readonly ends: PhoneEnd;
  state: "opening" | "open" | "closed";
  /** As the site's machine knows it. */
  name: string;
  /** What the phone has said before it is open. */
  readonly waiting: string[];
  /** When the last thing arrives, either way. */
  arrivesAtSiteMs: number;
  arrivesAtPhoneMs: number;
}

export interface Place {
  readonly host: string;
  readonly port: number;
}

/** What the phone is told. */
export interface PhoneEnd {
  readonly receive: (text: string) => void;
  readonly closed: () => void;
  readonly failed: (text: string) => void;
}

/** Whoever listens for connections at an address. */
export interface StreamHost {
  /** Its name for the connection; null where nobody serves. */
  readonly accept: (stream: Stream) => string | null;
  readonly receive: (stream: Stream, text: string) => void;
  readonly closed: (stream: Stream) => void;
}

/** A host that is down says nothing: whoever dials it gives up. */
const dialPatienceMs = 2_000;

export function dial(
  { world, network }: StreamWorld,
  phone: Place,
  to: Place,
  ends: PhoneEnd,
): Stream {
  const stream: Stream = {
    phone,
    to,
    ends,
    state: "opening",
    name: "",
    waiting: [],
    arrivesAtSiteMs: 0,
    arrivesAtPhoneMs: 0,
  };
  after(world, delay(world, network), () => {
    if (stream.state !== "opening") return;
    if (network.down.has(to.host)) return after(world, dialPatienceMs, () => giveUp(stream));
    const host = network.streamHosts.get(to.host);
    const name = host?.accept(stream) ?? null;
    if (name === null) return giveUp(stream);
    stream.state = "open";
    stream.name = name;
    for (const text of stream.waiting.splice(0)) sendToSite({ world, network }, stream, text);
  });
  return stream;
}

export interface StreamWorld {
  readonly world: World;
  readonly network: Network;
}

function giveUp(stream: Stream): void {
  stream.state = "closed";
  for (const text of stream.waiting.splice(0)) stream.ends.failed(text);
}

export function sendToSite({ world, network }: StreamWorld, stream: Stream, text: string): void {
  if (stream.state === "opening") return void stream.waiting.push(text);
  const at = Math.max(world.nowMs + delay(world, network), stream.arrivesAtSiteMs);
  stream.arrivesAtSiteMs = at;
  after(world, at - world.nowMs, () => {
    if (stream.state !== "open" || network.down.has(stream.to.host)) return;
    network.streamHosts.get(stream.to.host)?.receive(stream, text);
  });
}

export function sendToPhone({ world, network }: StreamWorld, stream: Stream, text: string): void {
  const at = Math.max(world.nowMs + delay(world, network), stream.arrivesAtPhoneMs);
  stream.arrivesAtPhoneMs = at;
  after(world, at - world.nowMs, () => {
    if (stream.state === "open") stream.ends.receive(text);
  });
}

/** The site's end is closed; the phone sees it, unless the site died without a word. */
export function closeStream(
  { world, network }: StreamWorld,
  stream: Stream,
  isSilent: boolean,
): void {
  if (stream.state === "closed") return;
  stream.state = "closed";
  if (!isSilent) after(world, delay(world, network), () => stream.ends.closed());
}

/** The connection breaks: both ends see it. */
export function breakStream(setting: StreamWorld, stream: Stream): void {
  const { world, network } = setting;
  closeStream(setting, stream, false);
  after(world, delay(world, network), () =>
    network.streamHosts.get(stream.to.host)?.closed(stream),
  );
}

function delay(world: World, { climate }: Network): number {
  return nextInt(world.random, climate.delayMinMs, climate.delayMaxMs);
}
