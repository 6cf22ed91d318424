import { nextInt, pick } from "@tandem/kernel";
import type { PhoneReport } from "@tandem/softphone";
import { createPhoneModel, type PhoneModel } from "./phone-model.ts";
import type { SiteWorld } from "./site.ts";
import { phoneNetwork } from "./site.ts";
import { about, after, fail, happens } from "./world.ts";

/** Agents' phones, callers beyond the trunks, and the calls they make. */
export interface Traffic {
  readonly counts: { placed: number; answered: number; refused: number };
  /** A site died or the trunk is cut: whoever talks through it may be told late, or never. */
  readonly trouble: () => void;
  /** Nobody calls any more, and everybody hangs up. */
  readonly stop: () => void;
}

export interface TrafficPlan {
  readonly dns: readonly string[];
  readonly siteHosts: readonly [string, string];
  /** Mean time between two calls from outside. */
  readonly callEveryMs: number;
  readonly talkMs: number;
}

const callersPerGateway = 12;
/** Longer than a BYE is repeated (64·T1). */
const silenceMs = 40_000;
/** No call of this traffic lasts longer. */
const callLongestMs = 300_000;

export function startTraffic(setting: SiteWorld, plan: TrafficPlan): Traffic {
  const { world } = setting;
  const counts = { placed: 0, answered: 0, refused: 0 };
  const all: PhoneModel[] = [];
  let isStopped = false;
  let lastTroubleMs = -Infinity;

  /**
   * Whoever is left alone on the line hears silence and hangs up in the end; but without trouble
   * the server has to tell them long before.
   */
  function expectOtherToHear(phone: PhoneModel, call: number): void {
    const ends = phone.media.get(call);
    if (ends === undefined) return;
    const left = all.flatMap((other) =>
      [...other.media].flatMap(([line, { local, remote }]) => {
        const isOther = local === ends.remote && remote === ends.local;
        return isOther && other.state.calls.has(line) ? [{ other, line }] : [];
      }),
    );
    phone.media.delete(call);
    after(world, silenceMs, () => {
      for (const { other, line } of left) {
        if (!other.state.calls.has(line)) continue;
        if (world.nowMs - lastTroubleMs > callLongestMs) {
          fail(world, `${other.state.settings.host} was never told that its call is over`);
        }
        other.command({ kind: "hangup", call: line });
      }
    });
  }

  /** A call that this phone placed and that was answered lasts for a while. */
  function talk(phone: () => PhoneModel): (report: PhoneReport) => void {
    return (report) => {
      if (report.kind === "established" && report.direction === "out") {
        counts.answered += 1;
        const hangup = { kind: "hangup", call: report.call } as const;
        after(world, about(world, plan.talkMs), () => phone().command(hangup));
      }
      if (report.kind !== "ended") return;
      if (!report.wasEstablished) counts.refused += 1;
      expectOtherToHear(phone(), report.call);
    };
  }

  const agents = plan.dns.map((dn, index) => {
    const phone: PhoneModel = createPhoneModel(
      setting,
      {
        host: `${phoneNetwork}${1 + Math.floor(index / 200)}.${1 + (index % 200)}`,
        port: 5060,
        answer: { kind: "auto", ringMs: nextInt(world.random, 200, 4_000) },
        accounts: plan.siteHosts.map((host) => ({
          user: dn,
          domain: host,
          authUser: dn,
          password: "",
          registrar: { transport: "UDP", host, port: 5060 },
          expiresSeconds: 60,
        })),
      },
      talk(() => phone),
    );
    all.push(phone);
    return phone;
  });

  const callers = plan.siteHosts.flatMap((host, gateway) =>
    Array.from({ length: callersPerGateway }, (_, line) => {
      const other = plan.siteHosts[1 - gateway] as string; // there are two
      const phone: PhoneModel = createPhoneModel(
        setting,
        {
          host: `10.9.${gateway}.1`,
          port: 5_100 + line,
          rtpPort: 20_000 + 10 * line,
          callerUser: `555${gateway}${line}`,
          targets: [host, other].map((target) => ({ transport: "UDP", host: target, port: 5060 })),
        },
        talk(() => phone),
      );
      all.push(phone);
      return phone;
    }),
  );

  function callFromOutside(): void {
    if (isStopped) return;
    after(world, about(world, plan.callEveryMs), callFromOutside);
    const caller = pick(world.random, callers);
    if (caller.state.calls.size > 0) return; // this line is busy
    counts.placed += 1;
    caller.command({ kind: "call", uri: pick(world.random, plan.dns) });
  }

  function callInside(): void {
    if (isStopped) return;
    after(world, about(world, 4 * plan.callEveryMs), callInside);
    const from = nextInt(world.random, 0, agents.length - 1);
    const phone = agents[from] as PhoneModel; // within bounds
    const to = plan.dns[nextInt(world.random, 0, plan.dns.length - 1)] as string; // within bounds
    if (phone.state.calls.size > 0 || to === plan.dns[from]) return;
    counts.placed += 1;
    const account = happens(world, 500) ? 0 : 1;
    phone.command({ kind: "call", uri: to, account });
  }

  after(world, 10_000, callFromOutside);
  after(world, 12_000, callInside);
  return {
    counts,
    trouble() {
      lastTroubleMs = world.nowMs;
    },
    stop() {
      isStopped = true;
      for (const phone of all) {
        for (const call of phone.state.calls.keys()) phone.command({ kind: "hangup", call });
      }
    },
  };
}
