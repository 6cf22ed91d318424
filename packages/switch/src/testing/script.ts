import { logTime } from "@tandem/kernel";
import { parseMessage, type SipMessage, type SipRequest, type SipResponse } from "@tandem/sip";
import type { SwitchConfig } from "../config.ts";
import type { Effect } from "../effect.ts";
import type { Authenticated, Flow, Input, Identity, Transport } from "../input.ts";
import type { SwitchState } from "../state.ts";
import { switchMachine } from "../step.ts";

/**
 * A switch in a test: inputs in, effects out, time as the test says. Everything it sent is kept in
 * order until it is read.
 */
export interface Script {
  readonly state: SwitchState;
  /** Steps one frame with these inputs. */
  readonly step: (...inputs: Input[]) => readonly Effect[];
  /** Lets time pass in frames of at most 250 ms, as a replica does. */
  readonly pass: (ms: number) => readonly Effect[];
  /** A SIP message from an address; `user` is who was authenticated. */
  readonly sip: (from: Address, text: string, user?: string) => readonly Effect[];
  /** SIP messages sent to an address since it was last read, oldest first. */
  readonly sent: (to: Address) => SentMessage[];
  /** SIP effects to a host, whatever the port, since they were last read: for the peer trunk. */
  readonly sentOver: (host: string) => Extract<Effect, { kind: "sip" }>[];
  /** Events sent over a CTI connection since it was last read. */
  readonly events: (connection: string) => Extract<Effect, { kind: "cti" }>["event"][];
  /** Alarms raised since the beginning. */
  readonly alarms: () => string[];
  readonly openSession: (connection: string, identity: Partial<Identity>) => void;
  readonly now: () => number;
  /**
   * The node dies when it has stepped so many frames from the beginning; the effects of the last
   * `lost` of them never leave it, and it hears nothing any more.
   */
  readonly dieAt: (frame: number, lost: number) => void;
  readonly isDead: () => boolean;
  /** It is about to die: what it says does not leave any more. */
  readonly isLosing: () => boolean;
  /** Another node goes on with a copy of the state. */
  readonly takeOver: () => readonly Effect[];
  /** Numbers of the frames that had inputs or effects. */
  readonly frames: () => number;
  readonly busyFrames: readonly number[];
  readonly epoch: () => number;
  /** Every SIP message so far, whether it left or not. */
  readonly said: ReadonlySet<string>;
}

export interface Address {
  readonly host: string;
  readonly port: number;
  readonly transport?: Transport;
  /** The name of its connection; one for each port where absent. */
  readonly flow?: string;
}

export interface SentMessage {
  readonly text: string;
  readonly message: SipMessage;
  readonly first: string;
}

export function createScript(config: SwitchConfig): Script {
  let state = switchMachine.create();
  let epoch = 1;
  let death = { frame: Infinity, lost: 0 };
  let isDead = false;
  let frames = 0;
  let steppedMs = 0;
  const said = new Set<string>();
  const busyFrames: number[] = [];
  const outbox: Effect[] = [];
  let nowMs = 0;
  let index = 1;
  let nonceCount = 0;
  function step(...inputs: Input[]): readonly Effect[] {
    if (isDead) return [];
    frames += 1;
    steppedMs = nowMs;
    const entropy = (index * 2_654_435_761).toString(16).padStart(32, "5eed0123456789ab");
    const frame = { epoch, firstIndex: index, now: logTime(nowMs), entropy, inputs };
    const effects = switchMachine.stepFrame(state, frame);
    index += Math.max(1, inputs.length);
    if (inputs.length > 0 || effects.length > 0) busyFrames.push(frames);
    for (const effect of effects) if (effect.kind === "sip") said.add(effect.text);
    const isLost = frames > death.frame - death.lost && frames <= death.frame;
    if (frames === death.frame) isDead = true;
    if (isLost) return [];
    outbox.push(...effects);
    return effects;
  }
  step(
    { kind: "epochBegan", epoch: 1, takenOver: false },
    { kind: "wallClock", wallMs: wallStartMs },
    { kind: "configured", config },
  );
  outbox.length = 0;
  return {
    get state() {
      return state;
    },
    step,
    dieAt(frame, lost) {
      death = { frame, lost };
    },
    isDead: () => isDead,
    isLosing: () => !isDead && frames > death.frame - death.lost && frames < death.frame,
    takeOver() {
      isDead = false;
      epoch += 1;
      state = copyOf(state);
      const until = nowMs;
      nowMs = steppedMs;
      const effects = [...step({ kind: "epochBegan", epoch, takenOver: true })];
      while (nowMs < until) {
        nowMs = Math.min(until, nowMs + frameMs);
        effects.push(...step());
      }
      return effects;
    },
    frames: () => frames,
    busyFrames,
    epoch: () => epoch,
    said,
    pass(ms) {
      const effects: Effect[] = [];
      const until = nowMs + ms;
      while (nowMs < until) {
        nowMs = Math.min(until, nowMs + frameMs);
        effects.push(...step());
      }
      return effects;
    },
    sip(from, text, user) {
      nonceCount += 1;
      const authenticated = user === undefined ? null : provenUser(user, nonceCount);
      return step({ kind: "sip", flow: flowOf(config, from), text, authenticated });
    },
    sent(to) {
      const found: SentMessage[] = [];
      const kept = outbox.filter((effect) => {
        const isIt =
          effect.kind === "sip" &&
          effect.target.host === to.host &&
          effect.target.port === to.port &&
          (to.flow === undefined || effect.target.name === to.flow);
        if (isIt) found.push(read(effect.text));
        return !isIt;
      });
      outbox.splice(0, outbox.length, ...kept);
      return found;
    },
    sentOver(host) {
      const found: Extract<Effect, { kind: "sip" }>[] = [];
      const kept = outbox.filter((effect) => {
        const isIt = effect.kind === "sip" && effect.target.host === host;
        if (isIt) found.push(effect);
        return !isIt;
      });
      outbox.splice(0, outbox.length, ...kept);
      return found;
    },
    events(connection) {
      const found: Extract<Effect, { kind: "cti" }>["event"][] = [];
      const kept = outbox.filter((effect) => {
        const isIt = effect.kind === "cti" && effect.connection === connection;
        if (isIt) found.push(effect.event);
        return !isIt;
      });
      outbox.splice(0, outbox.length, ...kept);
      return found;
    },
    alarms: () =>
      outbox.flatMap((effect) =>
        effect.kind === "alarm" ? [`${effect.code}: ${effect.detail}`] : [],
      ),
    openSession(connection, identity) {
      step({
        kind: "ctiRegister",
        connection,
        referenceID: 1,
        applicationName: "desktop",
        resume: null,
        identity: { ...anyone, ...identity },
      });
    },
    now: () => nowMs,
  };
}

/** As it comes to another node: values only. */
function copyOf<Value>(value: Value): Value {
  if (value instanceof Map) {
    return new Map([...value].map(([key, row]) => [key, copyOf(row)])) as Value; // the same shape
  }
  if (value instanceof Set) return new Set(value) as Value; // of texts
  if (Array.isArray(value)) return value.map((each: unknown) => copyOf(each)) as Value; // as above
  if (typeof value !== "object" || value === null) return value;
  const rows = Object.entries(value).map(([key, row]) => [key, copyOf<unknown>(row)]);
  return Object.fromEntries(rows) as Value; // the same shape
}

export const wallStartMs = 1_700_000_000_000;
const frameMs = 250;

const anyone: Identity = {
  userName: "agent-1001",
  role: "agent",
  agentLogins: ["1001"],
  dns: ["1001"],
  isExpired: false,
};

function provenUser(user: string, nonceCount: number): Authenticated {
  return { user, isStale: false, nonce: "nonce", nonceCount, challenge: "Digest challenge" };
}

function flowOf(config: SwitchConfig, from: Address): Flow {
  const transport = from.transport ?? "UDP";
  return {
    transport,
    name: transport === "UDP" ? "" : (from.flow ?? `1.${from.port}`),
    localHost: config.host,
    localPort: config.port,
    remoteHost: from.host,
    remotePort: from.port,
  };
}

function read(text: string): SentMessage {
  const parsed = parseMessage(text);
  if (!parsed.ok) throw new Error(`the switch sent what does not parse: ${text}`);
  return { text, message: parsed.value, first: text.slice(0, text.indexOf("\r\n")) };
}

/** The request among messages, by method; fails the test when there is none. */
export function requestIn(messages: readonly SentMessage[], method: string): SipRequest {
  for (const { message } of messages) {
    if (message.kind === "request" && message.method === method) return message;
  }
  throw new Error(`no ${method} among: ${messages.map(({ first }) => first).join(" | ")}`);
}

export function responseIn(messages: readonly SentMessage[], status: number): SipResponse {
  for (const { message } of messages) {
    if (message.kind === "response" && message.status === status) return message;
  }
  throw new Error(`no ${status} among: ${messages.map(({ first }) => first).join(" | ")}`);
}
