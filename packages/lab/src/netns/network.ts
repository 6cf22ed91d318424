/**
 * Hosts and two switches in an own world (own-world.ts), by `ip netns`: every host has one device,
 * `eth0`, with a real address. Phones are in the world's first namespace, at the second switch.
 *
 *     sip-1a  sip-1b  etcd-1 …          phones (10.77.3.0/24, local here)
 *        │       │      │                  │
 *     ───┴───────┴──────┴── core ═══════ desk ───
 */
import { execFileSync } from "node:child_process";

export interface Network {
  readonly addHost: (name: string, address: string) => void;
  /** What stands before a command to run it on a host. */
  readonly on: (name: string) => readonly string[];
  /** The cable of a host: out, and in again. */
  readonly unplug: (name: string) => void;
  readonly plug: (name: string) => void;
  /** These hosts no longer see each other; everybody else sees them all. */
  readonly part: (names: readonly string[]) => void;
  /** The host sees the phones only, and they see everybody. */
  readonly moveToPhones: (name: string) => void;
  /** Every host where it was, and seen by all. */
  readonly heal: () => void;
}

const core = "core";
const desk = "desk";
const deskEnd = "to-core";
const coreEnd = "to-desk";
export const hostDevice = "eth0";
const prefix = 16;

/** `network`: the first two numbers of all addresses. */
export function openNetwork(network: string): Network {
  const hosts: string[] = [];
  for (const bridge of [core, desk]) {
    ip("link", "add", bridge, "type", "bridge");
    ip("link", "set", bridge, "up");
  }
  ip("link", "add", coreEnd, "type", "veth", "peer", "name", deskEnd);
  join(coreEnd, core);
  join(deskEnd, desk);
  ip("addr", "add", `${network}.0.1/${prefix}`, "dev", desk);
  // Every phone's and gateway's address is one of this namespace.
  ip("route", "add", "local", `${network}.3.0/24`, "dev", "lo");
  const heal = (): void => {
    isolate(deskEnd, false);
    for (const name of hosts) {
      ip("link", "set", name, "master", core, "up");
      isolate(name, false);
    }
  };
  return {
    addHost(name, address) {
      ip("netns", "add", name);
      ip("link", "add", name, "type", "veth", "peer", "name", hostDevice, "netns", name);
      join(name, core);
      ip("-n", name, "link", "set", "lo", "up");
      ip("-n", name, "link", "set", hostDevice, "up");
      ip("-n", name, "addr", "add", `${address}/${prefix}`, "dev", hostDevice);
      hosts.push(name);
    },
    on: (name) => ["ip", "netns", "exec", name],
    unplug: (name) => ip("link", "set", name, "down"),
    plug: (name) => ip("link", "set", name, "up"),
    part(names) {
      for (const name of names) isolate(name, true);
    },
    moveToPhones(name) {
      // Between two such ports a switch carries nothing; phones are at another.
      isolate(deskEnd, true);
      ip("link", "set", name, "master", desk);
      isolate(name, true);
    },
    heal,
  };
}

function join(device: string, bridge: string): void {
  ip("link", "set", device, "master", bridge);
  ip("link", "set", device, "up");
}

function isolate(port: string, isOn: boolean): void {
  ip("link", "set", port, "type", "bridge_slave", "isolated", isOn ? "on" : "off");
}

function ip(...args: readonly string[]): void {
  execFileSync("ip", args, { stdio: ["ignore", "ignore", "inherit"] });
}
