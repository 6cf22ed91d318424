/**
 * A world of its own for a process and all that it starts: user, network, mount and process
 * namespaces (`unshare -Urnmp`), so that it needs no root where the system allows it, touches
 * nothing of this machine's network, and leaves nothing behind however it ends: with its first
 * process everything in it is gone.
 */
import { spawn, spawnSync } from "node:child_process";

const namespaces = ["-r", "-n", "-m", "-p", "--fork", "--kill-child", "--mount-proc"];
/** Its own `/run`, where `ip netns` and the lab keep what they know. */
const prepare = `
mount -t tmpfs none /run
mkdir /run/scratch
ip link set lo up
exec "$@"`;
const probe = "ip netns add probe; ip link add type veth; ip link add type bridge";
const insideVariable = "TANDEM_OWN_WORLD";
const linesMax = 400;

/** Null where such a world can be made, else the sentence to skip or to refuse with. */
export function worldMissing(): string | null {
  for (const [program, name] of [
    ["unshare", "util-linux"],
    ["ip", "iproute2"],
    ["arping", "iputils-arping"],
  ] as const) {
    if (spawnSync(program, ["-V"]).error !== undefined) {
      return `skipped, ${program} is not installed: apt-get install ${name}`;
    }
  }
  const script = `${prepare.replace('exec "$@"', "")} ${probe}`;
  const tried = spawnSync("unshare", [...namespaces, "sh", "-ec", script], { encoding: "utf8" });
  if (tried.status === 0) return null;
  const said = tried.stderr.trim().split("\n").at(-1) ?? "";
  return (
    "skipped, this system allows no network namespaces here: be root, or allow user namespaces " +
    "(sysctl kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns): " +
    said
  );
}

export function isInOwnWorld(): boolean {
  return process.env[insideVariable] === "1";
}

export interface WorldOutcome {
  readonly code: number;
  readonly output: string;
  /** The last lines of standard error. */
  readonly words: string;
}

export interface WorldChoice {
  readonly command: readonly string[];
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** Runs the command in a new world, whose end is its standard input's: this process's. */
export async function inOwnWorld(choice: WorldChoice): Promise<WorldOutcome> {
  const args = [...namespaces, "sh", "-ec", prepare, "sh", ...choice.command];
  const child = spawn("unshare", args, {
    stdio: ["pipe", "pipe", "pipe"],
    env: {
      ...process.env,
      [insideVariable]: "1",
      XDG_RUNTIME_DIR: "/run",
      TMPDIR: "/run/scratch",
    },
  });
  const end = (): void => void child.kill("SIGKILL");
  process.once("exit", end);
  choice.signal?.addEventListener("abort", end, { once: true });
  let output = "";
  child.stdout.on("data", (bytes: Buffer) => (output += bytes.toString("utf8")));
  const words: string[] = [];
  let rest = "";
  child.stderr.on("data", (bytes: Buffer) => {
    const lines = (rest + bytes.toString("utf8")).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      words.push(line);
      choice.onLine?.(line);
    }
    words.splice(0, words.length - linesMax);
  });
  const code = await new Promise<number>((resolve) => {
    child.once("error", () => resolve(127));
    child.once("close", (status) => resolve(status ?? 128));
  });
  process.off("exit", end);
  return { code, output, words: [...words, rest].join("\n") };
}
