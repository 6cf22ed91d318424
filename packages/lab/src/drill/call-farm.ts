/**
 * Many calls through one site, for the drills of a pair: callers behind the gateway, phones of
 * DNs, calls that stay and calls that are always being set up. Most phones are silent; the sound of
 * twenty calls is measured.
 */
import { createPhone, type Phone, type PhoneReport } from "@tandem/softphone";
import type { AgentTopology, SiteTopology, Topology } from "../topology.ts";
import { until } from "../until.ts";
import { Repeats } from "./repeats.ts";
import { FarmSetups } from "./farm-setups.ts";

export interface FarmChoice {
  readonly topology: Topology;
  readonly site: SiteTopology;
  readonly transport: "UDP" | "TCP";
}

/** Phones whose calls have sound: four each. */
export const soundPhones = 5;
const soundLines = 4;
const callers = 20;
const lines = 200;
const ringMs = 400;
const talkMs = 1_500;
const registeredWithinMs = 30_000;
const answeredWithinMs = 20_000;
const packetMs = 20;
/** The other leg of a call that its phone gave up ends with the INVITE's transaction (timer B). */
const givenUpEndsWithinMs = 40_000;

interface StableCall {
  readonly caller: Phone;
  readonly call: number;
}

export class CallFarm {
  readonly choice: FarmChoice;
  readonly #callers: Phone[] = [];
  readonly #phones: Phone[] = [];
  readonly #stable: StableCall[] = [];
  readonly #sound: StableCall[] = [];
  readonly setups: FarmSetups = new FarmSetups();
  #timer: NodeJS.Timeout | undefined;
  #next = 0;
  readonly repeats: Repeats = new Repeats();
  /** Calls that the DNs' phones answered, for a recount of events. */
  answered = 0;
  /** Calls that have ended at the DNs' phones. */
  ended = 0;

  constructor(choice: FarmChoice) {
    this.choice = choice;
  }

  async open(): Promise<void> {
    const { topology, site, transport } = this.choice;
    for (const [index, agent] of topology.agents.entries()) {
      this.#phones.push(await this.#agentPhone(agent, index));
    }
    for (let index = 0; index < callers + soundPhones; index += 1) {
      const hasSound = index < soundPhones;
      const phone = await createPhone({
        host: site.gateway.host,
        port: site.gateway.port + 2 * index,
        lines: hasSound ? soundLines : lines,
        rtpPort: 40_000 + 8 * index,
        callerUser: `5550${String(index).padStart(3, "0")}`,
        targets: [{ transport: "UDP", host: site.host, port: site.ports.sip }],
        onTrace: this.repeats.onTrace,
        toneHertz: hasSound ? 1_000 : 0,
        onEvent: (event) => this.#onCaller(index, event),
      });
      this.#callers.push(phone);
    }
    const areRegistered = (): boolean => this.#phones.every((phone) => phone.isRegistered(0));
    await until(areRegistered, registeredWithinMs, `the phones are registered over ${transport}`);
  }

  #agentPhone(agent: AgentTopology, index: number): Promise<Phone> {
    const { topology, site, transport } = this.choice;
    const hasSound = index < soundPhones;
    return createPhone({
      host: agent.phone.host,
      port: agent.phone.port,
      onTrace: this.repeats.onTrace,
      lines: hasSound ? soundLines : lines,
      rtpPort: 20_000 + 8 * index,
      accounts: [
        {
          user: agent.dn,
          domain: site.host,
          password: topology.sipSecret,
          registrar: { transport, host: site.host, port: site.ports.sip },
        },
      ],
      toneHertz: hasSound ? 500 : 0,
      answer: { kind: "auto", ringMs },
      registerRetryMs: 500,
      onEvent: (event) => this.#onPhone(index, event),
    });
  }

  #onPhone(index: number, event: PhoneReport): void {
    if (event.kind === "established") this.answered += 1;
    else if (event.kind === "ended" && event.wasEstablished) this.ended += 1;
    this.#onSetup(`dn-${index}`, this.#phones[index], event);
  }

  #onCaller(index: number, event: PhoneReport): void {
    this.#onSetup(`line-${index}`, this.#callers[index], event);
  }

  #onSetup(name: string, phone: Phone | undefined, event: PhoneReport): void {
    if (event.kind !== "established" && event.kind !== "ended") return;
    const key = `${name}/${event.call}`;
    if (event.kind === "ended") return this.setups.ended(key, event.cause);
    if (this.setups.established(key)) setTimeout(() => phone?.hangup(event.call), talkMs);
  }

  /** Calls that stay, so many a second; twenty of them with sound. */
  async establish(count: number, perSecond: number): Promise<void> {
    const waiting: Promise<unknown>[] = [];
    for (let index = 0; index < count; index += 1) {
      const isSound = index < soundPhones * soundLines;
      const callerIndex = isSound ? index % soundPhones : soundPhones + (index % callers);
      const caller = this.#callerOf(callerIndex);
      const isEstablished = new Promise<void>((resolve) => {
        const call = caller.call(this.#dnFor(index, isSound));
        const stable = { caller, call };
        this.#stable.push(stable);
        if (isSound) this.#sound.push(stable);
        void caller
          .waitFor("established", answeredWithinMs, (event) => event.call === call)
          .then(() => resolve());
      });
      waiting.push(isEstablished);
      if (index % 10 === 9) await pause(10_000 / perSecond);
    }
    await Promise.all(waiting);
  }

  #callerOf(index: number): Phone {
    return this.#callers[index] as Phone; // opened above, by the same count
  }

  #dnFor(index: number, isSound: boolean): string {
    const { agents } = this.choice.topology;
    const silent = agents.length - soundPhones;
    const at = isSound ? index % soundPhones : soundPhones + (index % silent);
    return agents[at]?.dn ?? "";
  }

  /** Calls that are set up, talk for a while and end, so many a second. */
  keepCalling(perSecond: number): void {
    this.#timer = setInterval(() => {
      this.#next += 1;
      const isByPhone = this.choice.transport === "TCP" && this.#next % 2 === 0;
      if (!isByPhone || !this.#placeByPhone()) this.#placeByLine();
    }, 1_000 / perSecond);
  }

  #placeByLine(): void {
    const index = soundPhones + (this.#next % callers);
    const call = this.#callerOf(index).call(this.#dnFor(this.#next, false));
    this.setups.begin(`line-${index}/${call}`, "line");
  }

  /** By the next silent phone, where it has its connection: nobody dials on one that has none. */
  #placeByPhone(): boolean {
    const index = soundPhones + (this.#next % (this.#phones.length - soundPhones));
    const phone = this.#phones[index];
    if (phone?.isRegistered(0) !== true) return false;
    const call = phone.call(this.#dnFor(this.#next + 1, false));
    this.setups.begin(`dn-${index}/${call}`, "phone");
    return true;
  }

  stopCalling(): void {
    clearInterval(this.#timer);
  }

  /** Until the calls that were being set up have come to something. */
  async setupsOver(): Promise<void> {
    const isOver = (): boolean => this.setups.areOver();
    await until(isOver, answeredWithinMs + talkMs, "").catch(() => undefined); // they count as lost
  }

  stableCalls(): number {
    return this.#stable.length;
  }

  /** How many of the calls that stay answer an OPTIONS within their dialog. */
  async probeAll(): Promise<number> {
    const answers: Promise<boolean>[] = [];
    for (const [index, { caller, call }] of this.#stable.entries()) {
      const answered = caller.waitFor("probeAnswered", 8_000, (event) => event.call === call);
      answers.push(
        answered.then(
          ({ status }) => status === 200,
          () => false, // nobody knows the call any more
        ),
      );
      caller.probe(call);
      if (index % 20 === 19) await pause(20);
    }
    return (await Promise.all(answers)).filter((isKept) => isKept).length;
  }

  /** How many of the calls that stay end at the other side when the caller hangs up. */
  async hangUpAll(): Promise<number> {
    const isOnlyStable = (): boolean => this.answered - this.ended === this.#stable.length;
    await until(isOnlyStable, givenUpEndsWithinMs, "").catch(() => undefined); // told as a number
    const before = this.ended;
    for (const [index, { caller, call }] of this.#stable.entries()) {
      caller.hangup(call);
      if (index % 10 === 9) await pause(20);
    }
    const count = this.#stable.length;
    const isOver = (): boolean => this.ended - before >= count;
    await until(isOver, answeredWithinMs, "").catch(() => undefined); // told as a number
    return this.ended - before;
  }

  /** Longest run of packets missing by their numbers, in milliseconds, of each call with sound. */
  mediaGapsMs(): readonly number[] {
    return this.#sound.map(({ caller, call }) => (caller.rtp(call)?.missingRunMax ?? 0) * packetMs);
  }

  /** Packets heard in the calls with sound; none would make a gap of none worthless. */
  packetsHeard(): number {
    return this.#sound.reduce(
      (sum, { caller, call }) => sum + (caller.rtp(call)?.receivedPackets ?? 0),
      0,
    );
  }

  async close(): Promise<void> {
    this.stopCalling();
    await Promise.all([...this.#callers, ...this.#phones].map((phone) => phone.close()));
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
