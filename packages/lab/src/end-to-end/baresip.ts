/**
 * baresip as a phone of a test: a configuration of its own in a folder of its own, driven over its
 * control connection (`ctrl_tcp`: netstrings of JSON), its sound a tone (`ausine`).
 *
 * Traps: commands are about the current account, so each is preceded by `uafind`; a short `uuid`
 * file must not end with a newline, or the Contact breaks; RTP leaves from 127.0.0.1 whatever the
 * SDP says; one control connection at a time.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type Socket, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { until } from "../until.ts";
import { type ControlMessage, netstring, readNetstrings } from "./netstrings.ts";
import { type TracedMessage, readTrace } from "./sip-trace.ts";

export interface BaresipOptions {
  readonly host: string;
  readonly port: number;
  /** Account lines without the secret: `sip:1001@127.9.1.10`. */
  readonly accounts: readonly string[];
  readonly secret: string;
  readonly toneHertz: number;
  /** Forty ports from here, its own on this machine. */
  readonly rtpPortFirst: number;
  /** By itself unless told otherwise. */
  readonly answer?: "auto" | "manual";
  /** UDP unless told otherwise. */
  readonly transport?: "UDP" | "TCP" | "TLS";
  /** Whose certificates it has, as a file: for TLS. */
  readonly authority?: string;
}

interface BaresipEvent {
  readonly type: string;
  readonly account: string;
  readonly peer: string;
  readonly id: string;
  readonly param: string;
}

export interface Baresip {
  readonly pid: number;
  readonly events: () => readonly BaresipEvent[];
  /** Messages that came in, with the address that sent each. */
  readonly received: () => readonly TracedMessage[];
  readonly isRegistered: (account: number) => boolean;
  /** A command about an account; what it printed. */
  readonly command: (account: number, command: string, params?: string) => Promise<string>;
  /** RTP packets that it received in its present call, whichever account has it. */
  readonly heardPackets: () => Promise<number>;
  /** Forgets events and messages so far. */
  readonly forget: () => void;
  readonly stop: () => Promise<void>;
}

export const baresipMissing: string | null = ["baresip", "stdbuf", "sipp"].every(
  (program) => spawnSync("which", [program]).status === 0,
)
  ? null
  : "skipped, baresip or SIPp is not installed: " +
    "apt-get install -y --no-install-recommends baresip-core sip-tester";

const modules = "/usr/lib/baresip/modules";
const controlPort = 4_444;
const answerWithinMs = 10_000;
const stopWithinMs = 1_000;
const connectAgainMs = 50;

export async function startBaresip(options: BaresipOptions): Promise<Baresip> {
  const folder = mkdtempSync(join(tmpdir(), "tandem-baresip-"));
  writeFileSync(join(folder, "config"), configText(options));
  writeFileSync(join(folder, "accounts"), accountsText(options));
  // Line by line, so that what the trace says is there when it has happened.
  const child = spawn("stdbuf", ["-oL", "baresip", "-4", "-s", "-f", folder], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = new Promise<void>((resolve) => {
    child.once("error", () => resolve());
    child.once("exit", () => resolve());
  });
  let output = "";
  let outputFrom = 0;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("latin1").on("data", (text: string) => {
      output += text;
    });
  }
  const end = async (): Promise<void> => {
    await endProcess(child, exited);
    rmSync(folder, { recursive: true, force: true });
  };
  const own = `${options.host}:${options.port}`;
  const received = (since: number): readonly TracedMessage[] =>
    readTrace(output.slice(since)).filter(({ to }) => to === own);
  try {
    const control = await openControl(options.host, child, () => output);
    return {
      pid: child.pid ?? 0,
      events: control.events,
      received: () => received(outputFrom),
      isRegistered(account) {
        const registrar = (options.accounts[account] ?? "").replace(/^.*@/, "");
        const last = received(0).findLast(
          ({ method, from }) => method === "REGISTER" && from.startsWith(`${registrar}:`),
        );
        return last?.first.startsWith("SIP/2.0 200 ") === true;
      },
      async command(account, command, params = "") {
        await control.command("uafind", options.accounts[account] ?? "");
        return control.command(command, params);
      },
      async heardPackets() {
        const heard: number[] = [];
        for (const account of options.accounts) {
          await control.command("uafind", account);
          const text = await control.command("audio_debug", "");
          // One count for each that it heard in the call: after a transfer there are two.
          const counts = [...text.matchAll(/\brcvd=(\d+)/g)].map(([, count]) => Number(count));
          heard.push(counts.reduce((sum, count) => sum + count, 0));
        }
        return Math.max(...heard);
      },
      forget() {
        control.forget();
        outputFrom = output.length;
      },
      async stop() {
        control.close();
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

function configText(options: BaresipOptions): string {
  const { host, port, toneHertz, rtpPortFirst, authority } = options;
  const lines = [
    ...(authority === undefined ? [] : [`sip_cafile ${authority}`]),
    `sip_listen ${host}:${port}`,
    `net_interface ${host}`,
    `ctrl_tcp_listen ${host}:${controlPort}`,
    `rtp_ports ${rtpPortFirst}-${rtpPortFirst + 38}`,
    `audio_source ausine,${toneHertz}`,
    "audio_player aubridge,nobody",
    "ausrc_srate 48000",
    "ausrc_channels 2",
    "call_local_timeout 120",
    "call_max_calls 4",
    `module_path ${modules}`,
    ...["g711", "ausine", "aubridge"].map((name) => `module ${name}.so`),
    "module_tmp account.so",
    "module_app menu.so",
    "module_app ctrl_tcp.so",
  ];
  return `${lines.join("\n")}\n`;
}

function accountsText(options: BaresipOptions): string {
  const { accounts, secret, answer = "auto", transport = "UDP" } = options;
  const way = transport === "UDP" ? "" : `;transport=${transport.toLowerCase()}`;
  const rest = `;auth_pass=${secret};regint=60;answermode=${answer};audio_codecs=PCMU`;
  return `${accounts.map((account) => `<${account}${way}>${rest}`).join("\n")}\n`;
}

/** SIGTERM takes the registrations back and waits for the answers; one that is slow is killed. */
async function endProcess(child: ChildProcess, exited: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  const impatient = setTimeout(() => child.kill("SIGKILL"), stopWithinMs);
  await exited;
  clearTimeout(impatient);
}

interface Control {
  readonly events: () => readonly BaresipEvent[];
  readonly command: (command: string, params: string) => Promise<string>;
  readonly forget: () => void;
  readonly close: () => void;
}

async function openControl(
  host: string,
  child: ChildProcess,
  output: () => string,
): Promise<Control> {
  const socket = await connectControl(host, child, output);
  const events: BaresipEvent[] = [];
  const waiting = new Map<string, (message: ControlMessage) => void>();
  let lastToken = 0;
  readNetstrings(socket, (message) => {
    if (message.event !== true) {
      waiting.get(message.token ?? "")?.(message);
      return;
    }
    events.push(eventOf(message));
  });
  return {
    events: () => events,
    async command(command, params) {
      lastToken += 1;
      const token = `t${lastToken}`;
      let answer: ControlMessage | null = null;
      waiting.set(token, (message) => {
        answer = message;
      });
      socket.write(netstring({ command, params, token }));
      await until(() => answer !== null, answerWithinMs, `baresip answers "${command} ${params}"`);
      waiting.delete(token);
      const { ok, data } = answer as unknown as ControlMessage; // until() saw that it came
      if (ok !== true) throw new Error(`baresip refused "${command} ${params}": ${data ?? ""}`);
      return data ?? "";
    },
    forget() {
      events.length = 0;
    },
    close: () => socket.destroy(),
  };
}

/** It listens a moment after it was started. */
async function connectControl(
  host: string,
  child: ChildProcess,
  output: () => string,
): Promise<Socket> {
  const giveUpAt = performance.now() + answerWithinMs;
  for (;;) {
    const socket = connect({ host, port: controlPort });
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    if (isOpen) {
      socket.on("error", () => socket.destroy());
      return socket;
    }
    socket.destroy();
    const isDead = child.exitCode !== null || child.signalCode !== null;
    if (isDead || performance.now() > giveUpAt) {
      throw new Error(`baresip at ${host} cannot be controlled: ${output().slice(-500)}`);
    }
    await pause(connectAgainMs);
  }
}

function eventOf(message: ControlMessage): BaresipEvent {
  return {
    type: message.type ?? "",
    account: message.accountaor ?? "",
    peer: message.peeruri ?? "",
    id: message.id ?? "",
    param: message.param ?? "",
  };
}
