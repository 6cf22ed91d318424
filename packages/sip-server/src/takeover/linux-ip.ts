import { isIPv6 } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { AddressSettings } from "./address-settings.ts";
import { complaintOf, type RunProgram } from "./run-program.ts";
import type { AddressSteps } from "./site-address.ts";

/**
 * The address on a device of this host: `ip addr replace` and `del` (iproute2), which may be said
 * twice, and for 10 s what makes the neighbours send to this host: gratuitous ARP (`arping` of
 * iputils), for IPv6 unsolicited neighbour advertisements with the override flag (`ndptool` of
 * libndp; RFC 4861 7.2.6). IPv6 without duplicate address detection: a tentative address cannot be
 * bound, and the other node is known to have given it up or to be dead.
 */
type LinuxIpSettings = Extract<AddressSettings, { kind: "linux-ip" }>;

const stepLimitMs = 2_000;
const announceMs = 10_000;
const announceEveryMs = 1_000;

export function linuxIpSteps(settings: LinuxIpSettings, run: RunProgram): AddressSteps {
  const { host, prefix, device } = settings;
  const isV6 = isIPv6(host);
  const family = isV6 ? "-6" : "-4";
  const ip = async (
    ...args: readonly string[]
  ): Promise<{ complaint: string | null; words: string }> => {
    const all = [family, ...args];
    const outcome = await run({ program: "ip", args: all, limitMs: stepLimitMs });
    return { complaint: complaintOf(`ip ${all.join(" ")}`, outcome), words: outcome.words };
  };
  const place = `${host}/${prefix}`;
  return {
    async take() {
      const withoutDetection = isV6 ? ["nodad"] : [];
      return (await ip("addr", "replace", place, "dev", device, ...withoutDetection)).complaint;
    },
    async drop() {
      const { complaint } = await ip("addr", "del", place, "dev", device);
      if (complaint === null) return null;
      // There is nothing to give up where it is not: in no words of one version of `ip`.
      const shown = await ip("-o", "addr", "show", "dev", device, "to", host);
      return shown.complaint === null && shown.words === "" ? null : complaint;
    },
    announce(until, complain) {
      const { program, args } = isV6 ? advertise(settings) : gratuitousArp(settings);
      const once = async (): Promise<void> => {
        const outcome = await run({ program, args, limitMs: stepLimitMs, signal: until });
        const complaint = complaintOf(`${program} ${args.join(" ")}`, outcome);
        if (complaint !== null) complain(complaint);
      };
      return repeat(once, until);
    },
  };
}

interface Announcement {
  readonly program: string;
  readonly args: readonly string[];
}

/** Each asks for nothing and takes no answer. */
function gratuitousArp({ host, device }: LinuxIpSettings): Announcement {
  return { program: "arping", args: ["-q", "-U", "-c", "1", "-w", "1", "-I", device, host] };
}

function advertise({ host, device }: LinuxIpSettings): Announcement {
  return { program: "ndptool", args: ["-t", "na", "-U", "-i", device, "-T", host, "send"] };
}

async function repeat(once: () => Promise<void>, until: AbortSignal): Promise<void> {
  for (let time = 0; time < announceMs / announceEveryMs && !until.aborted; time += 1) {
    await once();
    // Told to end: the loop sees it.
    await delay(announceEveryMs, null, { signal: until, ref: false }).catch(() => null);
  }
}
