import { nextInt, pick } from "@tandem/kernel";
import type { PhoneReport } from "@tandem/softphone";
import { createPhoneModel, type PhoneModel } from "./phone-model.ts";
import { phoneNetwork, type SiteWorld } from "./site.ts";
import { about, after, fail, happens } from "./world.ts";

/** Agents' phones, callers beyond the trunks, and the calls they make. */
export interface Traffic {
  readonly counts: { placed: number; answered: number; refused: number };
  /** A site died or the trunk is cut: whoever talks through it may be told late, or never. */
  readonly trouble: () => void;
  /** Call-IDs of everybody who talks. */
  readonly talking: () => readonly string[];
  /** Nobody calls any more, and everybody hangs up. */
  readonly stop: () => void;
}

export interface TrafficPlan {
  readonly dns: readonly string[];
  /** What callers dial: the agents, and the queue. */
  readonly numbers: readonly string[];
  readonly siteHosts: readonly [string, string];
  /** Mean time between two calls from outside. */
  readonly callEveryMs: number;
  readonly talkMs: number;
  /** A site has the dialog of this Call-ID, and somebody at its other end. */
  readonly isServed: (callId: string) => boolean;
}

const callersPerGateway = 12;
/** Longer than a BYE is repeated (64·T1). */
const silenceMs = 40_000;
/** No call of this traffic lasts longer. */
const callLongestMs = 300_000;

interface Street {
  readonly setting: SiteWorld;
  readonly plan: TrafficPlan;
  readonly counts: { placed: number; answered: number; refused: number };
  readonly agents: PhoneModel[];
  readonly callers: PhoneModel[];
  isStopped: boolean;
  lastTroubleMs: number;
}

export function startTraffic(setting: SiteWorld, plan: TrafficPlan): Traffic {
  const { world } = setting;
  const counts = { placed: 0, answered: 0, refused: 0 };
  const street: Street = {
    setting,
    plan,
    counts,
    agents: [],
    callers: [],
    isStopped: false,
    lastTroubleMs: -Infinity,
  };
  plan.dns.forEach((dn, index) => street.agents.push(agentPhone(street, dn, index)));
  for (const gateway of [0, 1] as const) {
    for (let line = 0; line < callersPerGateway; line += 1) {
      street.callers.push(caller(street, gateway, line));
    }
  }
  after(world, 10_000, () => callFromOutside(street));
  after(world, 12_000, () => callInside(street));
  return {
    counts,
    trouble() {
      street.lastTroubleMs = world.nowMs;
    },
    talking: () =>
      everyone(street).flatMap((phone) =>
        [...phone.state.calls].flatMap(([line, { phase }]) =>
          phase.kind === "talking" ? [callIdOf(phone, line)] : [],
        ),
      ),
    stop() {
      street.isStopped = true;
      for (const phone of everyone(street)) {
        for (const call of phone.state.calls.keys()) phone.command({ kind: "hangup", call });
      }
    },
  };
}

function everyone(street: Street): PhoneModel[] {
  return [...street.agents, ...street.callers];
}

function agentPhone(street: Street, dn: string, index: number): PhoneModel {
  const transport = index % 3 === 2 ? "TCP" : "UDP";
  const phone: PhoneModel = createPhoneModel(
    street.setting,
    {
      host: `${phoneNetwork}${1 + Math.floor(index / 200)}.${1 + (index % 200)}`,
      port: 5060,
      answer: { kind: "auto", ringMs: nextInt(street.setting.world.random, 200, 4_000) },
      accounts: street.plan.siteHosts.map((host) => ({
        user: dn,
        domain: host,
        authUser: dn,
        password: "",
        registrar: { transport, host, port: 5060 },
        expiresSeconds: 60,
      })),
    },
    (report) => onReport(street, phone, report),
  );
  return phone;
}

function caller(street: Street, gateway: 0 | 1, line: number): PhoneModel {
  const own = street.plan.siteHosts[gateway];
  const other = street.plan.siteHosts[gateway === 0 ? 1 : 0];
  const phone: PhoneModel = createPhoneModel(
    street.setting,
    {
      host: `10.9.${gateway}.1`,
      port: 5_100 + line,
      rtpPort: 20_000 + 10 * line,
      callerUser: `555${gateway}${line}`,
      targets: [own, other].map((host) => ({ transport: "UDP", host, port: 5060 })),
    },
    (report) => onReport(street, phone, report),
  );
  return phone;
}

/** A call that this phone placed and that was answered lasts for a while. */
function onReport(street: Street, phone: PhoneModel, report: PhoneReport): void {
  const { world } = street.setting;
  if (report.kind === "established" && street.agents.includes(phone)) {
    handle(street, phone, report.call);
  }
  if (report.kind === "established" && report.direction === "out") {
    street.counts.answered += 1;
    const hangup = { kind: "hangup", call: report.call } as const;
    after(world, about(world, street.plan.talkMs), () => phone.command(hangup));
  }
  if (report.kind === "established" && report.direction === "in") {
    // After a transfer nobody may be left who placed the call.
    const hangup = { kind: "hangup", call: report.call } as const;
    after(world, nextInt(world.random, 120_000, 280_000), () => phone.command(hangup));
  }
  if (report.kind !== "ended") return;
  if (!report.wasEstablished) street.counts.refused += 1;
  expectOtherToHear(street, phone, report.call);
}

/** What an agent does on the phone itself: hold, and transfers by REFER, blind and attended. */
function handle(street: Street, phone: PhoneModel, call: number): void {
  const { world } = street.setting;
  if (street.isStopped || !happens(world, 150)) return;
  const number = pick(world.random, street.plan.numbers);
  const deed = nextInt(world.random, 0, 2);
  after(world, nextInt(world.random, 500, 15_000), () => {
    if (street.isStopped || !phone.state.calls.has(call)) return;
    phone.command({ kind: "hold", call });
    if (deed === 0) {
      after(world, 4_000, () => phone.command({ kind: "retrieve", call }));
    } else if (deed === 1) {
      after(world, 1_000, () => phone.command({ kind: "refer", call, number }));
    } else {
      phone.command({ kind: "call", uri: number, account: nextInt(world.random, 0, 1) });
      after(world, 9_000, () => {
        const to = [...phone.state.calls.keys()].find((each) => each !== call);
        if (to !== undefined) phone.command({ kind: "refer", call, number, to });
      });
    }
  });
}

/**
 * Whoever is left alone on the line hears silence and hangs up in the end; but without trouble the
 * server has to tell them long before.
 */
function expectOtherToHear(street: Street, phone: PhoneModel, call: number): void {
  const { world } = street.setting;
  const ends = phone.media.get(call);
  if (ends === undefined) return;
  const left = everyone(street).flatMap((other) =>
    [...other.media].flatMap(([line, { local, remote }]) => {
      const isOther = local === ends.remote && remote === ends.local;
      return isOther && other.state.calls.has(line) ? [{ other, line }] : [];
    }),
  );
  phone.media.delete(call);
  after(world, silenceMs, () => {
    for (const { other, line } of left) {
      if (!other.state.calls.has(line)) continue;
      // A transfer has given it somebody else to talk to.
      if (street.plan.isServed(callIdOf(other, line))) continue;
      // The call may have ended only now, and the word of it be on its way, or lost once or twice.
      after(world, wordMs, () => expectTold(street, phone, other, line));
    }
  });
}

function expectTold(street: Street, gone: PhoneModel, other: PhoneModel, line: number): void {
  const { world } = street.setting;
  if (!other.state.calls.has(line)) return;
  // Nobody served it for a moment, and now it is there.
  if (street.plan.isServed(callIdOf(other, line))) return;
  if (world.nowMs - street.lastTroubleMs > callLongestMs + silenceMs + wordMs) {
    const who = other.state.settings.host;
    const from = gone.state.settings.host;
    fail(world, `${who} was never told that ${callIdOf(other, line)} with ${from} is over`);
  }
  other.command({ kind: "hangup", call: line });
}

/** As long as a BYE is repeated (RFC 3261 §17.1.2.2, 64·T1). */
const wordMs = 32_000;

function callIdOf(phone: PhoneModel, line: number): string {
  const phase = phone.state.calls.get(line)?.phase;
  return phase === undefined || phase.kind === "placing" ? "" : phase.dialog.callId;
}

function callFromOutside(street: Street): void {
  if (street.isStopped) return;
  const { world } = street.setting;
  after(world, about(world, street.plan.callEveryMs), () => callFromOutside(street));
  const phone = pick(world.random, street.callers);
  if (phone.state.calls.size > 0) return; // this line is busy
  street.counts.placed += 1;
  phone.command({ kind: "call", uri: pick(world.random, street.plan.numbers) });
  // Some give up soon.
  if (happens(world, 150)) {
    after(world, nextInt(world.random, 50, 6_000), () => phone.command({ kind: "hangup" }));
  }
}

function callInside(street: Street): void {
  if (street.isStopped) return;
  const { world } = street.setting;
  after(world, about(world, 4 * street.plan.callEveryMs), () => callInside(street));
  const from = nextInt(world.random, 0, street.agents.length - 1);
  const phone = street.agents[from];
  const to = pick(world.random, street.plan.dns);
  if (phone === undefined || phone.state.calls.size > 0 || to === street.plan.dns[from]) return;
  street.counts.placed += 1;
  phone.command({ kind: "call", uri: to, account: happens(world, 500) ? 0 : 1 });
}
