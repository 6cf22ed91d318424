import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

/**
 * The address on a real device, in a network namespace of its own with a neighbour in another: the
 * neighbour's cache, which pointed at the dead node, points at us.
 */
const worker = fileURLToPath(new URL("takeover-worker.ts", import.meta.url));
const namespace = ["-r", "-n", "-m", "--kill-child"];

function missing(): string | null {
  for (const [program, name] of [
    ["ip", "iproute2"],
    ["arping", "iputils-arping"],
    ["ndptool", "libndp-tools"],
  ] as const) {
    if (spawnSync(program, ["-V"]).error !== undefined) {
      return `skipped, ${program} is not installed: apt-get install ${name}`;
    }
  }
  const script = "mount -t tmpfs none /run && ip netns add neighbour";
  const tried = spawnSync("unshare", [...namespace, "sh", "-c", script]);
  return tried.status === 0 ? null : "skipped: this system allows no network namespace";
}

const reason = missing();
const prepare = `
mount -t tmpfs none /run
ip link set lo up
ip netns add neighbour
ip link add near type veth peer name far netns neighbour
ip link set near up
ip -n neighbour link set far up
ip addr add 192.0.2.1/24 dev near
ip -n neighbour addr add 192.0.2.2/24 dev far
ip -6 addr add 2001:db8::1/64 dev near nodad
ip -6 -n neighbour addr add 2001:db8::2/64 dev far nodad
for host in 192.0.2.9 2001:db8::9; do
  ip -n neighbour neigh replace $host lladdr 02:00:00:00:00:99 dev far nud stale
done
exec "$@"`;

test.skipIf(reason !== null).each(["192.0.2.9/32", "2001:db8::9/128"])(
  reason ?? "%s is taken, the neighbour sends to us, and it is given up",
  async (place) => {
    const args = [process.execPath, "--conditions=@tandem/source", worker, place];
    const child = spawn("unshare", [...namespace, "sh", "-ec", prepare, "sh", ...args]);
    let said = "";
    let complained = "";
    child.stdout.on("data", (bytes: Buffer) => (said += bytes.toString()));
    child.stderr.on("data", (bytes: Buffer) => (complained += bytes.toString()));
    const code = await new Promise((resolve) => child.on("exit", resolve));
    expect(complained).toBe("");
    expect(said.trim().split("\n")).toEqual([
      "before: there false, neighbour false",
      "held: there true, neighbour true",
      "dropped: there false, neighbour true",
      "dropped: there false, neighbour true",
    ]);
    expect(code).toBe(0);
  },
);
