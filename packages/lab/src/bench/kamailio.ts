import { spawn } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { measuredCore } from "./sipp.ts";

/**
 * The peer of the benches: Kamailio with one worker, as a transaction-stateful record-routing proxy
 * or as a registrar with digest, on the same core and under the same load.
 */
export interface Peer {
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

export function hasKamailio(): boolean {
  return modulesFolder() !== null;
}

function modulesFolder(): string | null {
  for (const root of ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib"]) {
    const folder = join(root, "kamailio", "modules");
    if (existsSync(folder) && readdirSync(folder).includes("tm.so")) return `${folder}/`;
  }
  return null;
}

interface Address {
  readonly host: string;
  readonly port: number;
}

function head(listen: Address, modules: readonly string[]): string {
  return `#!KAMAILIO
debug=0
log_stderror=yes
children=1
auto_aliases=no
dns=no
rev_dns=no
disable_tcp=yes
listen=udp:${listen.host}:${listen.port}
mpath="${modulesFolder() ?? ""}"
${modules.map((name) => `loadmodule "${name}.so"`).join("\n")}
`;
}

export function proxyConfiguration(listen: Address, callee: Address): string {
  const modules = ["tm", "sl", "rr", "pv", "maxfwd", "textops", "siputils"];
  return `${head(listen, modules)}
request_route {
  if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
  if (has_totag()) {
    if (loose_route()) { t_relay(); exit; }
    if (is_method("ACK") && t_check_trans()) t_relay();
    exit;
  }
  if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
  t_check_trans();
  record_route();
  $du = "sip:${callee.host}:${callee.port}";
  t_relay();
}
`;
}

export function registrarConfiguration(listen: Address, secret: string): string {
  const modules = ["sl", "pv", "textops", "usrloc", "registrar", "auth"];
  return `${head(listen, modules)}
modparam("usrloc", "hash_size", 14)
modparam("registrar", "max_contacts", 1)
modparam("auth", "nonce_expire", 300)
modparam("auth", "secret", "bench")
request_route {
  if (!is_method("REGISTER")) { sl_send_reply("405", "Method Not Allowed"); exit; }
  if (!pv_www_authenticate("${listen.host}", "${secret}", "0")) {
    www_challenge("${listen.host}", "1");
    exit;
  }
  consume_credentials();
  if (!save("location")) sl_reply_error();
}
`;
}

const settleMs = 1_500;

export async function startKamailio(folder: string, configuration: string): Promise<Peer> {
  const file = join(folder, "kamailio.cfg");
  writeFileSync(file, configuration);
  const options = ["-DD", "-E", "-f", file, "-m", "1024", "-M", "64", "-b", "4194304"];
  const child = spawn("taskset", ["-c", measuredCore, "kamailio", ...options], {
    cwd: folder,
    stdio: "ignore",
  });
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  if (child.exitCode !== null)
    throw new Error(`Kamailio did not start (exit code ${child.exitCode})`);
  return {
    pid: child.pid ?? 0,
    stop: () =>
      new Promise((resolve) => {
        child.once("exit", () => resolve());
        child.kill("SIGTERM");
      }),
  };
}
