/**
 * The calls of a drill: those that talk when the site dies, those that ring, new ones all the
 * while, and each agent's first call afterwards. Sound counts as heard when it is the other one's
 * tone.
 */
import { createPhone, type Phone } from "@tandem/softphone";
import { agentTone, callerToneHertz, createCaller } from "../lab-phones.ts";
import type { Lab } from "../start-lab.ts";
import { type SiteTopology, type Topology, siteOf } from "../topology.ts";
import type { RoundMeasure } from "./site-loss-report.ts";
import { until } from "../until.ts";

const packetMs = 20;
const packetsToHear = 10;
/** Of what is heard, so much must be the other one's tone. */
const toneShareMin = 0.5;
const establishedWithinMs = 10_000;
const firstCallWithinMs = 15_000;
/** A phone that is called when the site dies rings for so long before it would answer. */
const slowRingMs = 20_000;
const ringMs = 600;
const newCallEveryMs = 500;
const newCallers = 6;
const ownPhoneIndex = 100;
/** Lines of the callers, so that no two share a port. */
const newCallLine = 0;
const agentLine = 10;

interface Former {
  readonly caller: Phone;
  readonly call: number;
  readonly kind: "talking" | "ringing";
}

export class DrillCalls {
  readonly topology: Topology;
  readonly #lab: Lab;
  readonly #phones: Phone[] = [];
  readonly #former = new Map<string, Former>();
  readonly #gapsMs: number[] = [];
  readonly #newCalls: Promise<boolean>[] = [];
  #ringCompleted = 0;
  #newCallTimer: NodeJS.Timeout | undefined;

  constructor(lab: Lab) {
    this.#lab = lab;
    this.topology = lab.topology;
  }

  /** The phone that new calls go to, whose agent is nobody. */
  async open(): Promise<void> {
    const { lab, sites, ownDn, sipSecret } = this.topology;
    const phone = await createPhone({
      host: `127.${lab}.3.${ownPhoneIndex}`,
      port: 5060,
      toneHertz: 0,
      accounts: sites.map(({ host, ports }) => ({
        user: ownDn,
        domain: host,
        password: sipSecret,
        registrar: { transport: "UDP", host, port: ports.sip },
      })),
      answer: { kind: "auto", ringMs: 0 },
    });
    this.#phones.push(phone);
    const isRegistered = (): boolean => phone.isRegistered(0) && phone.isRegistered(1);
    await until(isRegistered, establishedWithinMs, "the phone for new calls is registered");
  }

  /** Calls through site 1 that talk, with sound both ways. */
  async establish(dns: readonly string[]): Promise<void> {
    await Promise.all(
      dns.map(async (dn) => {
        const caller = await this.#caller(siteOf(this.topology, 1), dn);
        const call = caller.call(dn);
        this.#former.set(dn, { caller, call, kind: "talking" });
        const isHeard = (): boolean => this.#isHeard(dn, caller, call);
        await until(isHeard, establishedWithinMs, `${dn} and its caller hear each other`);
      }),
    );
  }

  /** Calls through site 1 that ring, and will not have been answered when it dies. */
  async beginToRing(dns: readonly string[]): Promise<void> {
    await Promise.all(
      dns.map(async (dn) => {
        this.#phoneOf(dn).setAnswer({ kind: "auto", ringMs: slowRingMs });
        const caller = await this.#caller(siteOf(this.topology, 1), dn);
        const rings = caller.waitFor("ringing", establishedWithinMs);
        const call = caller.call(dn);
        this.#former.set(dn, { caller, call, kind: "ringing" });
        await rings;
      }),
    );
  }

  /** One call after the other to a phone that is at both sites, by callers who try both. */
  keepCalling(dn: string): void {
    const callers: Phone[] = [];
    const site = siteOf(this.topology, 1);
    let next = 0;
    const callOnce = async (line: number): Promise<boolean> => {
      const caller = callers[line] ?? (await this.#open(site, newCallLine + line));
      callers[line] = caller;
      const established = caller.waitFor("established", firstCallWithinMs);
      const call = caller.call(dn);
      try {
        await established;
        return true;
      } catch {
        return false; // nobody answered in time: this call is lost
      } finally {
        caller.hangup(call);
      }
    };
    this.#newCallTimer = setInterval(() => {
      this.#newCalls.push(callOnce(next % newCallers));
      next += 1;
    }, newCallEveryMs);
  }

  /** The agent and the caller of before hang up, as people do who hear that something is wrong. */
  async endFormer(dn: string): Promise<void> {
    const former = this.#former.get(dn);
    if (former === undefined) return;
    const phone = this.#phoneOf(dn);
    if (former.kind === "talking") {
      for (const rtp of [phone.rtp(), former.caller.rtp(former.call)]) {
        if (rtp !== undefined) this.#gapsMs.push(rtp.missingRunMax * packetMs);
      }
    } else if (former.caller.rtp(former.call) !== undefined) this.#ringCompleted += 1;
    for (const call of phone.calls()) phone.hangup(call);
    former.caller.hangup(former.call);
    phone.setAnswer({ kind: "auto", ringMs });
  }

  /** Whether a new call through `site` is answered and both hear each other; it is ended then. */
  async firstCall(dn: string, site: SiteTopology): Promise<boolean> {
    const caller = await this.#caller(site, dn);
    const call = caller.call(dn);
    try {
      await until(() => this.#isHeard(dn, caller, call), firstCallWithinMs, "");
      return true;
    } catch {
      return false; // told by name in the report
    } finally {
      caller.hangup(call);
    }
  }

  async counts(): Promise<Omit<RoundMeasure, "agents">> {
    clearInterval(this.#newCallTimer);
    const answered = await Promise.all(this.#newCalls);
    const ofKind = (kind: Former["kind"]): number =>
      [...this.#former.values()].filter((former) => former.kind === kind).length;
    return {
      stableCalls: ofKind("talking"),
      // Their control comes back with the journal of the peers (PEERS.md P9–P11).
      stableCallsKept: 0,
      setupCalls: ofKind("ringing"),
      setupCallsCompleted: this.#ringCompleted,
      newCalls: answered.length,
      newCallsLost: answered.filter((isAnswered) => !isAnswered).length,
      mediaGapsMs: this.#gapsMs,
    };
  }

  async close(): Promise<void> {
    clearInterval(this.#newCallTimer);
    await Promise.all(this.#phones.map((phone) => phone.close()));
  }

  #phoneOf(dn: string): Phone {
    const phone = this.#lab.phones[this.#indexOf(dn)];
    if (phone === undefined) throw new Error(`there is no phone of ${dn}`);
    return phone;
  }

  #indexOf(dn: string): number {
    return this.topology.agents.findIndex((agent) => agent.dn === dn);
  }

  #caller(site: SiteTopology, dn: string): Promise<Phone> {
    return this.#open(site, agentLine + this.#indexOf(dn));
  }

  async #open(site: SiteTopology, line: number): Promise<Phone> {
    const phone = await createCaller(this.topology, site, line, () => undefined);
    this.#phones.push(phone);
    return phone;
  }

  #isHeard(dn: string, caller: Phone, call: number): boolean {
    const phone = this.#phoneOf(dn);
    const hears = (who: Phone, hertz: number, id?: number): boolean =>
      (who.rtp(id)?.receivedPackets ?? 0) >= packetsToHear &&
      who.toneShare(hertz, id) > toneShareMin;
    return hears(phone, callerToneHertz) && hears(caller, agentTone(this.#indexOf(dn)), call);
  }
}
