/**
 * linphonec, driven over its standard input: files for sound (there is no card), a folder of its
 * own. Traps: its Contact is given, signalling and RTP are bound to the phone's address, it finds
 * no address in a certificate and so looks at the chain only, and `quit` is the way to end it.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../../until.ts";
import { toneFile } from "../tone-file.ts";
import type { PhoneChoice, TestedPhone } from "./tested-phone.ts";

export const linphoneMissing: string | null =
  spawnSync("which", ["linphonec"]).status === 0
    ? null
    : "skipped, linphonec is not installed: " +
      "apt-get install -y --no-install-recommends linphone-cli";

const quitWithinMs = 3_000;
const pauseWithinMs = 5_000;

export async function openLinphone(choice: PhoneChoice): Promise<TestedPhone> {
  const folder = mkdtempSync(join(tmpdir(), "tandem-linphone-"));
  for (const below of [".local/share/linphone", ".config/linphone"]) {
    mkdirSync(join(folder, below), { recursive: true });
  }
  const tone = join(folder, "tone.wav");
  writeFileSync(tone, toneFile(600));
  writeFileSync(join(folder, "linphonerc"), settingsText(choice, folder));
  const log = join(folder, "log");
  let grantsBefore = 0;
  const child = spawn("linphonec", ["-d", "6", "-l", log, "-S", "-c", join(folder, "linphonerc")], {
    env: { ...process.env, HOME: folder },
    stdio: ["pipe", "pipe", "ignore"],
  });
  const exited = new Promise<void>((resolve) => {
    child.once("error", () => resolve());
    child.once("exit", () => resolve());
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const command = (line: string): Promise<void> =>
    new Promise((resolve) => child.stdin.write(`${line}\n`, () => resolve()));
  const uri = (number: string): string => `sip:${number}@${choice.server.host}`;
  for (const line of [
    "soundcard use files",
    `play ${tone}`,
    `record ${join(folder, "heard.wav")}`,
  ]) {
    await command(line);
  }
  return {
    dial: (number) => command(`call ${uri(number)}`),
    accept: () => command(`answer ${incomingCall(output)}`),
    hangup: () => command("terminate"),
    reject: () => command("terminate"),
    async hold() {
      await command("pause");
      // Until it says so itself it takes no `resume`.
      await until(() => output.includes("is now paused"), pauseWithinMs, "Linphone is on hold");
    },
    resume: () => command(`resume ${lastCall(output)}`),
    digit: (digit) => command(digit),
    transfer: (number) => command(`transfer ${lastCall(output)} ${uri(number)}`),
    transferToSecond() {
      const [first = "1", second = "2"] = callNumbers(output).slice(-2);
      return command(`transfer ${first} --to-call ${second}`);
    },
    isRinging: () => Promise.resolve(isRinging(output)),
    hearsRinging: () => Promise.resolve(hearsRinging(output)),
    // It says nothing, and connects when it has something to say.
    isConnected: () => Promise.resolve(true),
    registrations: () => Promise.resolve(grants(log) - grantsBefore),
    // What it hears is written to a file as it comes: 16 bits a sample, 160 samples a packet.
    heardPackets: () => Promise.resolve(Math.floor(sizeOf(join(folder, "heard.wav")) / 320)),
    async clear() {
      await command("terminate all");
      output = "";
      grantsBefore = grants(log);
    },
    async stop() {
      await command("quit");
      const impatient = setTimeout(() => child.kill("SIGKILL"), quitWithinMs);
      await exited;
      clearTimeout(impatient);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Only its log tells that a registration was granted. */
function grants(log: string): number {
  if (!existsSync(log)) return 0;
  return [...readFileSync(log, "utf8").matchAll(/Register refresher \[200\]/g)].length;
}

function sizeOf(path: string): number {
  return Number(spawnSync("stat", ["-c", "%s", path]).stdout.toString().trim()) || 0;
}

/** The numbers of the calls that it spoke of, the newest last; a number comes again later. */
function callNumbers(output: string): readonly string[] {
  const spoken = [...output.matchAll(/\b(?:assigned id|[Cc]all) (\d+)\b/g)];
  const numbers = spoken.flatMap(([, number]) => number ?? []);
  return [...new Set(numbers.toReversed())].toReversed();
}

function lastCall(output: string): string {
  return callNumbers(output).at(-1) ?? "1";
}

/** Where it said last that somebody calls. */
function incomingCall(output: string): string {
  return [...output.matchAll(/assigned id (\d+)/g)].at(-1)?.[1] ?? "1";
}

function isRinging(output: string): boolean {
  const came = output.lastIndexOf("Receiving new incoming call");
  const over = Math.max(output.lastIndexOf("ended"), output.lastIndexOf("connected"));
  return came > over;
}

function hearsRinging(output: string): boolean {
  const rang = output.lastIndexOf("ringing");
  const over = Math.max(...["ended", "connected", "error"].map((word) => output.lastIndexOf(word)));
  return rang > over;
}

function settingsText(
  { dn, host, server, secret, rtpPortFirst, transport }: PhoneChoice,
  folder: string,
): string {
  const port = transport === "TLS" ? server.sips : server.sip;
  const place = `${server.host}:${port};transport=${transport.toLowerCase()}`;
  return `[sip]
${server.authority === undefined ? "" : `root_ca=${server.authority}`}
bind_address=${host}
sip_port=5060
sip_tcp_port=5060
sip_tls_port=-1
verify_server_cn=0
guess_hostname=0
contact="${dn}" <sip:${dn}@${host}>
use_info=0
use_ipv6=0
use_rfc2833=1
keepalive_period=0
refresher_retry_after=1000
register_only_when_network_is_up=0
inc_timeout=120
auto_net_state_mon=0
default_proxy=0
[rtp]
audio_rtp_port=${rtpPortFirst}-${rtpPortFirst + 38}
bind_address=${host}
[sound]
echocancellation=0
local_ring=
remote_ring=
tone_indications=0
[video]
enabled=0
display=0
capture=0
[net]
mtu=1300
dns_srv_enabled=0
firewall_policy=0
[misc]
uuid=00000000-0000-4000-8000-0000000${dn.padStart(5, "0")}
hide_empty_chat_rooms=1
version_check_url_root=
[storage]
backend=sqlite3
uri=${folder}/linphone.db
[lime]
enabled=0
[proxy_0]
reg_proxy=<sip:${place}>
reg_route=<sip:${place};lr>
reg_identity=sip:${dn}@${server.host}
reg_expires=60
reg_sendregister=1
publish=0
avpf=0
dial_escape_plus=0
quality_reporting_enabled=0
push_notification_allowed=0
[auth_info_0]
username=${dn}
passwd=${secret}
`;
}
