/**
 * What is put to the test: the signalling edge's screen and the call machine behind it, in one
 * process, without sockets and under virtual time. A message goes the way it goes in a server:
 * framed when it came over a stream, screened, then stepped; what the machine says is kept by the
 * address it went to.
 */
import { createHmac } from "node:crypto";
import { logTime } from "@tandem/kernel";
import {
  createStream,
  ha1Of,
  parseMessage,
  pushStream,
  sipLimits,
  type SipMessage,
} from "@tandem/sip";
import {
  createNonceKeeper,
  digestHash,
  screen,
  type ScreenContext,
} from "@tandem/sip-server/testing";
import {
  switchMachine,
  type Authenticated,
  type Effect,
  type Flow,
  type Input,
  type SwitchConfig,
  type SwitchState,
  type Transport,
} from "@tandem/switch";
import { testConfig, testDn } from "@tandem/switch/testing";

export interface Address {
  readonly transport: Transport;
  readonly host: string;
  readonly port: number;
}

export interface Sent {
  readonly to: Address;
  readonly text: string;
  readonly message: SipMessage;
}

/** What the door did with what came: `passed` if the machine saw any of it. */
export type Door = "passed" | "answered" | "dropped";

export interface Subject {
  readonly state: SwitchState;
  /** A whole datagram, or all that a stream brought. */
  readonly receive: (from: Address, text: string) => Door;
  /** The same, with the sender's digest taken as verified. */
  readonly receiveFrom: (from: Address, text: string, user: string) => void;
  /** One input that is no SIP message. */
  readonly step: (input: Input) => readonly Effect[];
  /** Lets time pass: the machine is stepped at each of its deadlines. */
  readonly pass: (ms: number) => void;
  /** Takes everything sent so far that `isIt`, oldest first; what is left stays. */
  readonly take: (isIt: (sent: Sent) => boolean) => readonly Sent[];
  /** Bugs that the machine contained, and messages of ours that nobody can read. */
  readonly faults: () => readonly string[];
  readonly remains: () => Remains;
  readonly nowMs: () => number;
}

/** What is left of calls; registrations live as long as they were asked to. */
export interface Remains {
  readonly calls: number;
  readonly dialogs: number;
  readonly transactions: number;
  /** DNs that still have a call. */
  readonly busyDns: number;
  readonly timers: number;
}

export interface SubjectOptions {
  readonly dns: readonly string[];
  /** SIP domains that the server takes for its own. */
  readonly domains: readonly string[];
  /** Addresses that are known: the trunk `gateway`. */
  readonly trunkHosts: readonly string[];
  readonly config?: Partial<SwitchConfig>;
}

export const serverHost = "127.0.1.10";
export const serverHost6 = "2001:db8:1::10";
export const realm = "tandem.test";
export const secretOf = (user: string): string => `secret of ${user}`;

const startedAtMs = 1_700_000_000_000;
/** Longer than any timer of a call or transaction, shorter than a hang is long. */
export const settleMs = 400_000;

export function createSubject(options: SubjectOptions): Subject {
  const config = configOf(options);
  const state = switchMachine.create();
  const sent: Sent[] = [];
  const faults: string[] = [];
  let nowMs = 0;
  let index = 1;
  function step(...inputs: Input[]): readonly Effect[] {
    const frame = {
      epoch: 1,
      firstIndex: index,
      now: logTime(nowMs),
      entropy: seed(index),
      inputs,
    };
    const effects = switchMachine.stepFrame(state, frame);
    index += Math.max(1, inputs.length);
    for (const effect of effects) {
      if (effect.kind === "alarm" && effect.code === "step-failed") faults.push(effect.detail);
      if (effect.kind === "sip") keep(effect.target, effect.text);
    }
    return effects;
  }
  function keep({ transport, host, port }: Address, text: string): void {
    const parsed = parseMessage(text);
    if (parsed.ok) sent.push({ to: { transport, host, port }, text, message: parsed.value });
    else if (!isMerelyLong(text)) {
      faults.push(`we sent what does not parse (${parsed.failure.code})`);
    }
  }
  const context = contextOf(config, options, () => startedAtMs + nowMs);
  function pass(flow: Flow, text: string, authenticated: Authenticated | null): void {
    step({ kind: "sip", flow, text, authenticated });
  }
  function enter(flow: Flow, text: string): Door {
    const verdict = screen(text, flow, context);
    if (verdict.kind === "pass") {
      pass(flow, text, verdict.authenticated);
      return "passed";
    }
    if (verdict.kind !== "answer") return "dropped";
    keep({ transport: flow.transport, host: flow.remoteHost, port: flow.remotePort }, verdict.text);
    return "answered";
  }
  step(
    { kind: "epochBegan", epoch: 1, takenOver: false },
    { kind: "wallClock", wallMs: startedAtMs },
    { kind: "configured", config },
  );
  return {
    state,
    receive(from, text) {
      const doors = framed(from, text).map((each) => enter(flowFrom(from), each));
      return doors.find((door) => door !== "dropped") ?? "dropped";
    },
    receiveFrom: (from, text, user) => pass(flowFrom(from), text, proven(user, index)),
    step,
    pass(ms) {
      const until = nowMs + ms;
      for (let next = deadline(state); next <= until; next = deadline(state)) {
        nowMs = Math.max(nowMs, next);
        step();
        // A timer that is due again at once waits for the next frame, a moment later.
        if (deadline(state) <= nowMs) nowMs += 1;
      }
      nowMs = until;
      step();
    },
    take(isIt) {
      const taken = sent.filter(isIt);
      const left = sent.filter((each) => !taken.includes(each));
      sent.splice(0, sent.length, ...left);
      return taken;
    },
    faults: () => faults,
    remains: () => ({
      calls: state.calls.size,
      dialogs: state.dialogs.size,
      transactions: state.transactions.size,
      busyDns: state.callsByDn.size,
      timers: timersOfCalls(state),
    }),
    nowMs: () => nowMs,
  };
}

/**
 * Repeats what was near the limit for what may be repeated: others can read it, though we would not
 * act on it (`echoedValueBytesMax`).
 */
function isMerelyLong(text: string): boolean {
  const head = text.slice(0, text.indexOf("\r\n\r\n"));
  const lengths = head.split("\r\n").map(({ length }) => length);
  const longest = Math.max(...lengths);
  return longest > sipLimits.echoedValueBytesMax && longest <= sipLimits.headerValueBytesMax;
}

function deadline(state: SwitchState): number {
  return switchMachine.nextDeadline(state) ?? Infinity;
}

/** Timers of transactions and calls; those of registrations, the peer and sessions go on. */
function timersOfCalls(state: SwitchState): number {
  let count = 0;
  for (const key of state.timers.armed.keys()) if (/^(?:tx|call)\//.test(key)) count += 1;
  return count;
}

/**
 * Over a stream several messages may come at once; the head of what cannot be framed comes last.
 */
function framed({ transport }: Address, text: string): readonly string[] {
  if (transport !== "TCP" && transport !== "TLS") return [text];
  const { messages, failedHead } = pushStream(createStream(), text);
  return failedHead === undefined ? messages : [...messages, failedHead];
}

function flowFrom({ transport, host, port }: Address): Flow {
  const isIpv6 = host.includes(":");
  return {
    transport,
    name: transport === "UDP" ? "" : `1.${port}`,
    localHost: isIpv6 ? serverHost6 : serverHost,
    localPort: 5060,
    remoteHost: host,
    remotePort: port,
  };
}

function proven(user: string, nonceCount: number): Authenticated {
  return { user, isStale: false, nonce: "proven", nonceCount, challenge: "Digest challenge" };
}

function configOf({ dns, domains, trunkHosts, config }: SubjectOptions): SwitchConfig {
  return testConfig({
    host: serverHost,
    host6: serverHost6,
    realm,
    domains: [...domains],
    dns: dns.map((number) => testDn(number)),
    trunks: [
      {
        name: "gateway",
        host: trunkHosts[0] ?? "127.0.3.1",
        port: 5060,
        transport: "UDP",
        sources: [...trunkHosts],
      },
    ],
    agentLogins: dns.map((code) => ({ code, userName: `agent-${code}` })),
    ...config,
  });
}

function contextOf(
  config: SwitchConfig,
  { dns, trunkHosts }: SubjectOptions,
  nowMs: () => number,
): ScreenContext {
  const known = new Set(dns);
  return {
    nonces: createNonceKeeper(Buffer.from("a key that only this run knows")),
    realm: config.realm,
    algorithms: ["MD5", "SHA-256"],
    ha1Of: (user, algorithm) =>
      known.has(user)
        ? ha1Of(digestHash, algorithm, user, config.realm, secretOf(user))
        : undefined,
    isTrusted: (flow) => trunkHosts.includes(flow.remoteHost),
    isServing: () => true,
    nowMs,
  };
}

/** Entropy of a frame: the same in every run. */
function seed(index: number): string {
  return createHmac("md5", "conformance").update(String(index)).digest("hex");
}
