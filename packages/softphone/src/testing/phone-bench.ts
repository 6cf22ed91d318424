/**
 * A phone's machine on a bench: virtual time, a seeded generator, a hash that shows its input, and
 * effects in words, so that a test is a table of what goes in and what comes out.
 *
 *   "INVITE > 127.0.1.10:5060"   "200 > …"      what is sent, and where
 *   "media 1: 127.0.9.1:9000 sending"  "media 1: off"
 *   "registered 0 60"  "established 1"  …       what is reported
 */
import { createRandom, logTime, type Random } from "@tandem/kernel";
import { type HashFunction, parseMessage, type SipMessage } from "@tandem/sip";
import type { PhoneEffect, PhoneInput, PhoneReport } from "../machine/phone-event.ts";
import { nextPhoneDeadline, stepPhone } from "../machine/phone.ts";
import { createPhoneState, type PhoneState } from "../machine/phone-state.ts";
import { type Address, phoneDefaults, type PhoneSettings } from "../machine/settings.ts";

export const site1: Address = { transport: "UDP", host: "127.0.1.10", port: 5060 };
export const site2: Address = { transport: "UDP", host: "127.0.2.10", port: 5060 };

/** Not a hash at all, but one that tests can read. */
export const plainHash: HashFunction = (algorithm, text) => `${algorithm}(${text})`;

/** An account of user 1001 at a registrar. */
export function accountAt(registrar: Address): PhoneSettings["accounts"][number] {
  return {
    user: "1001",
    domain: "example.test",
    authUser: "1001",
    password: "secret",
    registrar,
    expiresSeconds: 60,
  };
}

export interface Sent {
  readonly target: Address;
  readonly text: string;
}

export class PhoneBench {
  readonly sent: Sent[] = [];
  readonly #random: Random;
  #state: PhoneState;
  #now = 0;

  constructor(settings: Partial<PhoneSettings> = {}, seed = 1) {
    const base = { ...phoneDefaults, host: "127.0.3.1", port: 5070, rtpPort: 20_000 };
    this.#state = createPhoneState({ ...base, ...settings });
    this.#random = createRandom(seed);
  }

  get state(): PhoneState {
    return this.#state;
  }

  get now(): number {
    return this.#now;
  }

  /** Gives an input now, and says what came of it. */
  step(input: PhoneInput): string[] {
    return this.effectsOf(input).map(describeEffect);
  }

  effectsOf(input: PhoneInput): readonly PhoneEffect[] {
    const context = { now: logTime(this.#now), random: this.#random, hash: plainHash };
    const { next, effects } = stepPhone(this.#state, input, context);
    this.#state = next;
    for (const effect of effects) {
      if (effect.kind === "send") this.sent.push({ target: effect.target, text: effect.text });
    }
    return effects;
  }

  receive(text: string, source: Address = site1): string[] {
    return this.step({ kind: "message", source, text });
  }

  /** Lets time pass, firing each timer at its time; every line begins with when. */
  pass(ms: number): string[] {
    const end = this.#now + ms;
    const lines: string[] = [];
    for (;;) {
      const deadline = nextPhoneDeadline(this.#state);
      if (deadline === undefined || deadline > end) break;
      this.#now = Math.max(this.#now, deadline);
      lines.push(...this.step({ kind: "tick" }).map((line) => `${this.#now} ${line}`));
    }
    this.#now = end;
    return lines;
  }

  /** The last message that was sent. */
  get last(): SipMessage {
    const text = this.sent.at(-1)?.text ?? "";
    const parsed = parseMessage(text);
    if (!parsed.ok) throw new Error(`not a message: ${text}`);
    return parsed.value;
  }
}

export function describeEffect(effect: PhoneEffect): string {
  switch (effect.kind) {
    case "send": {
      const [first, second] = effect.text.split(" ");
      const { transport, host, port } = effect.target;
      const what = first === "SIP/2.0" ? second : first;
      return `${what} > ${host}:${port}${transport === "TCP" ? "/TCP" : ""}`;
    }
    case "media": {
      if (effect.media === null) return `media ${effect.call}: off`;
      const { remoteHost, remotePort, isSending } = effect.media;
      const how = isSending ? "sending" : "silent";
      return `media ${effect.call}: ${remoteHost}:${remotePort} ${how}`;
    }
    case "report":
      return describeReport(effect.report);
  }
}

function describeReport(event: PhoneReport): string {
  const words = (...parts: readonly (string | number | undefined)[]): string =>
    [event.kind, ...parts].filter((part) => part !== undefined).join(" ");
  switch (event.kind) {
    case "registered":
      return words(event.account, event.expiresSeconds, event.isRenewal ? "again" : undefined);
    case "registrationFailed":
      return words(event.account, event.status ?? event.reason, event.retryInMs);
    case "unregistered":
      return words(event.account);
    case "stopped":
      return words();
    case "held":
    case "retrieved":
      return words(event.call, "by", event.by);
    case "ended":
      return words(event.call, event.cause, event.status);
    case "holdFailed":
    case "probeAnswered":
      return words(event.call, event.status);
    case "placing":
      return words(event.call, event.target.host);
    case "incoming":
      return words(event.call, event.from);
    case "media":
      return `direction ${event.call} ${event.direction}`;
    case "moved":
      return words(event.call, event.source.host);
    case "ringing":
    case "established":
      return words(event.call);
  }
}
