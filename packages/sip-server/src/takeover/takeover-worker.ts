/**
 * Run by the integration test in a network namespace: takes an address on the device `near`, waits
 * until the neighbour's cache has our hardware address for it, and gives it up, twice.
 */
import { execFileSync } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { openSiteAddress } from "./site-address.ts";

const [, , place = ""] = process.argv;
const [host = "", prefix = ""] = place.split("/");
const address = openSiteAddress(
  { kind: "linux-ip", host, prefix: Number(prefix), device: "near" },
  { tell: (sentence) => process.stderr.write(`${sentence}\n`) },
);
const ownHardware = /link\/ether (\S+)/.exec(ip("link", "show", "near"))?.[1] ?? "none";

function ip(...args: readonly string[]): string {
  return execFileSync("ip", args, { encoding: "utf8" });
}

function report(word: string): void {
  const isThere = ip("-o", "addr", "show", "dev", "near", "to", host) !== "";
  process.stdout.write(`${word}: there ${isThere}, neighbour ${isNeighbourTold()}\n`);
}

function isNeighbourTold(): boolean {
  return ip("-n", "neighbour", "neigh", "show", host).includes(ownHardware);
}

report("before");
await address.take();
const givesUpAt = performance.now() + 20_000;
while (!isNeighbourTold() && performance.now() < givesUpAt) await delay(50);
report(address.state());
await address.drop();
report(address.state());
await address.drop();
report(address.state());
await address.close();
