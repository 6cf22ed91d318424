/**
 * A phone with sockets: runs the machine of `stepPhone` with real time, chance, SIP over UDP and
 * TCP, and RTP. Performs what the machine says and reports what it reports; decides nothing.
 */
import { createHash, randomBytes } from "node:crypto";
import {
  type LogTimeMs,
  logTime,
  nextUint32,
  type Random,
  randomFromEntropy,
} from "@tandem/kernel";
import type { HashFunction } from "@tandem/sip";
import { nextPhoneDeadline, stepPhone } from "../machine/phone.ts";
import type { PhoneCommand, PhoneEffect, PhoneInput, PhoneReport } from "../machine/phone-event.ts";
import { createPhoneState, type PhoneState } from "../machine/phone-state.ts";
import {
  type Account,
  type Address,
  type AnswerMode,
  linesPreset,
  phoneDefaults,
  type PhoneSettings,
} from "../machine/settings.ts";
import { RtpSession, type RtpStatistics } from "./rtp-session.ts";
import { SipTransport } from "./sip-transport.ts";

/** An account as a user writes it; the rest is what most phones have. */
export type AccountOptions = Pick<Account, "user" | "domain" | "password" | "registrar"> &
  Partial<Account>;

export interface PhoneOptions extends Partial<Omit<PhoneSettings, "accounts" | "host" | "port">> {
  /** The phone's own address; on loopback `127.n.3.x`. */
  readonly host: string;
  readonly port: number;
  readonly accounts?: readonly AccountOptions[];
  /** What this phone says, whole hertz; 0 sends no RTP at all and opens no RTP socket. */
  readonly toneHertz?: number;
  readonly onEvent?: (event: PhoneReport) => void;
  /** Every SIP message, as it comes and goes. */
  readonly onTrace?: (direction: "in" | "out", address: Address, text: string) => void;
}

export interface CallOptions {
  readonly account?: number;
  readonly headers?: readonly (readonly [string, string])[];
}

/** Sound of calls that are over, kept for their statistics. */
const endedSessionsMax = 64;
/** Reports kept for `waitFor`. */
const reportsMax = 1_000;
const rtpPortMin = 16_384;
const registrationDefaults = { expiresSeconds: 60 };

/** Opens the sockets and switches the phone on: its accounts register. */
export async function createPhone(options: PhoneOptions): Promise<Phone> {
  const phone = new Phone(options);
  await phone.open();
  return phone;
}

export class Phone {
  readonly settings: PhoneSettings;
  readonly #options: PhoneOptions;
  readonly #random: Random = randomFromEntropy(randomBytes(16).toString("hex"));
  readonly #sessions = new Map<number, RtpSession>();
  readonly #endedStatistics = new Map<number, RtpStatistics>();
  readonly #reports: PhoneReport[] = [];
  readonly #waiting = new Set<(event: PhoneReport) => void>();
  readonly #inputs: PhoneInput[] = [];
  #isStepping = false;
  #state: PhoneState;
  #transport: SipTransport | undefined;
  #timer: NodeJS.Timeout | undefined;
  #timerAt: LogTimeMs | undefined;

  constructor(options: PhoneOptions) {
    this.#options = options;
    this.settings = settingsFrom(options);
    this.#state = createPhoneState(this.settings);
  }

  /** Called by `createPhone`. */
  async open(): Promise<void> {
    const { host, port } = this.settings;
    this.#transport = await SipTransport.open(host, port, {
      onMessage: (source, text) => {
        this.#options.onTrace?.("in", source, text);
        this.#step({ kind: "message", source, text });
      },
      onSendFailed: (target, text) => {
        this.#step({ kind: "sendFailed", target, text });
      },
      onClosed: (target) => {
        this.#step({ kind: "connectionClosed", target });
      },
    });
    this.#step({ kind: "started" });
  }

  /** Calls a URI or number. Gives the call's number, by which events name it. */
  call(uri: string, options: CallOptions = {}): number {
    const waiting = this.#inputs.filter(({ kind }) => kind === "call").length;
    const call = this.#state.nextCall + waiting;
    this.#step({ kind: "call", uri, ...options });
    return call;
  }

  answer(call?: number): void {
    this.#command("answer", call);
  }

  /** Ends a call in whatever phase; `status` refuses one that rings here. */
  hangup(call?: number, status?: number): void {
    this.#step({ kind: "hangup", ...named(call), ...(status === undefined ? {} : { status }) });
  }

  hold(call?: number): void {
    this.#command("hold", call);
  }

  retrieve(call?: number): void {
    this.#command("retrieve", call);
  }

  /** One in-dialog OPTIONS; `probeAnswered` comes if somebody answers. */
  probe(call?: number): void {
    this.#command("probe", call);
  }

  setAnswer(answer: AnswerMode): void {
    this.#step({ kind: "setAnswer", answer });
  }

  register(): void {
    this.#step({ kind: "register" });
  }

  /** Numbers of the calls, oldest first. */
  calls(): readonly number[] {
    return [...this.#state.calls.keys()];
  }

  /** By account. */
  isRegistered(account = 0): boolean {
    return this.#state.registrations[account]?.phase.kind === "registered";
  }

  /** What was sent and received in a call, also after its end; the newest without a number. */
  rtp(call?: number): RtpStatistics | undefined {
    const id = call ?? this.#newestMedia();
    return id === undefined
      ? undefined
      : (this.#sessions.get(id)?.statistics() ?? this.#endedStatistics.get(id));
  }

  /** How much of the last half second heard is this tone, 0 … 1. */
  toneShare(hertz: number, call?: number): number {
    const id = call ?? this.#newestMedia();
    return id === undefined ? 0 : (this.#sessions.get(id)?.toneShare(hertz) ?? 0);
  }

  /** The last reports, oldest first. */
  reports(): readonly PhoneReport[] {
    return this.#reports;
  }

  /** The next report of a kind that fits; rejects after `timeoutMs`. */
  waitFor<Kind extends PhoneReport["kind"]>(
    kind: Kind,
    timeoutMs: number,
    fits: (event: Extract<PhoneReport, { kind: Kind }>) => boolean = () => true,
  ): Promise<Extract<PhoneReport, { kind: Kind }>> {
    return new Promise((resolve, reject) => {
      const listener = (event: PhoneReport): void => {
        if (!isOfKind(event, kind) || !fits(event)) return;
        clearTimeout(timer);
        this.#waiting.delete(listener);
        resolve(event);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(listener);
        const { host, port } = this.settings;
        reject(new Error(`phone ${host}:${port}: no ${kind} within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#waiting.add(listener);
    });
  }

  /** Hangs up, takes the registrations back, waits for the answers up to `withinMs`, and closes. */
  async stop(withinMs = 2_000): Promise<void> {
    if (this.#transport === undefined) return;
    // That nobody answers is enough of an answer.
    const stopped = this.waitFor("stopped", withinMs).catch(() => undefined);
    this.#step({ kind: "stop" });
    await stopped;
    await this.close();
  }

  /** Closes all sockets at once, as a phone that loses its power. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    for (const session of this.#sessions.values()) session.close();
    this.#sessions.clear();
    const transport = this.#transport;
    this.#transport = undefined;
    await transport?.close();
  }

  #command(kind: "answer" | "hold" | "retrieve" | "probe", call: number | undefined): void {
    this.#step({ kind, ...named(call) } satisfies PhoneCommand);
  }

  /**
   * A listener may command the phone: what it asks for waits until the effects of now are
   * performed.
   */
  #step(input: PhoneInput): void {
    this.#inputs.push(input);
    if (this.#isStepping) return;
    this.#isStepping = true;
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
        if (this.#transport !== undefined) this.#stepOnce(next);
      }
    } finally {
      this.#isStepping = false;
    }
    this.#setTimer();
  }

  #stepOnce(input: PhoneInput): void {
    const context = { now: nowMs(), random: this.#random, hash };
    const { next, effects } = stepPhone(this.#state, input, context);
    this.#state = next;
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: PhoneEffect): void {
    switch (effect.kind) {
      case "send":
        this.#options.onTrace?.("out", effect.target, effect.text);
        this.#transport?.send(effect.target, effect.text);
        break;
      case "media":
        this.#performMedia(effect);
        break;
      case "report":
        this.#publish(effect.report);
        break;
    }
  }

  #performMedia({ call, media }: Extract<PhoneEffect, { kind: "media" }>): void {
    const session = this.#sessions.get(call);
    const tone = this.#options.toneHertz ?? 440;
    if (media === null) {
      if (session !== undefined) this.#keepStatistics(call, session);
      session?.close();
      this.#sessions.delete(call);
    } else if (session !== undefined) {
      session.update(media);
    } else if (tone > 0) {
      const ssrc = nextUint32(this.#random);
      // A port that is taken makes a call without sound, which its statistics show.
      const created = new RtpSession(this.settings.host, media, tone, ssrc, () => undefined);
      this.#sessions.set(call, created);
    }
  }

  #keepStatistics(call: number, session: RtpSession): void {
    this.#endedStatistics.set(call, session.statistics());
    const oldest = this.#endedStatistics.keys().next().value;
    if (this.#endedStatistics.size > endedSessionsMax && oldest !== undefined) {
      this.#endedStatistics.delete(oldest);
    }
  }

  #newestMedia(): number | undefined {
    const ids = [...this.#endedStatistics.keys(), ...this.#sessions.keys()];
    return ids.length === 0 ? undefined : Math.max(...ids);
  }

  #publish(event: PhoneReport): void {
    this.#reports.push(event);
    if (this.#reports.length > reportsMax) this.#reports.shift();
    this.#options.onEvent?.(event);
    for (const listener of this.#waiting) listener(event);
  }

  /** One timer, for the earliest deadline. */
  #setTimer(): void {
    if (this.#transport === undefined) return;
    const deadline = nextPhoneDeadline(this.#state);
    if (deadline === this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = deadline;
    if (deadline === undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#timerAt = undefined;
        this.#step({ kind: "tick" });
      },
      Math.max(0, deadline - nowMs()),
    );
  }
}

const hash: HashFunction = (algorithm, text) =>
  createHash(algorithm === "MD5" ? "md5" : "sha256")
    .update(text, "latin1")
    .digest("hex");

function nowMs(): LogTimeMs {
  return logTime(Math.floor(performance.now()));
}

function named(call: number | undefined): { readonly call?: number } {
  return call === undefined ? {} : { call };
}

function isOfKind<Kind extends PhoneReport["kind"]>(
  event: PhoneReport,
  kind: Kind,
): event is Extract<PhoneReport, { kind: Kind }> {
  return event.kind === kind;
}

function settingsFrom(options: PhoneOptions): PhoneSettings {
  const { accounts = [], toneHertz: _tone, onEvent: _event, onTrace: _trace, ...given } = options;
  return {
    ...phoneDefaults,
    // Phones at one address and different ports do not meet: two ports for each line.
    rtpPort: rtpPortMin + 2 * (options.lines ?? linesPreset) * (options.port % 5_000),
    ...given,
    accounts: accounts.map((account) => ({
      authUser: account.user,
      ...registrationDefaults,
      ...account,
    })),
  };
}
