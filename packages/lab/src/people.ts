/**
 * What the people of a lab do by themselves: an agent who has just logged in begins to work; one
 * whose call was cut from its site talks on for as long as the other is heard, then hangs up and
 * says on the desktop that the call is over (continuity R17).
 */
import type { Phone } from "@tandem/softphone";
import type { LabDesktop } from "./desktops.ts";
import { until } from "./until.ts";

export interface People {
  readonly stop: () => void;
}

const lookEveryMs = 250;
/** A party who hears nothing for so long thinks that the other has gone. */
const silenceMs = 2_000;
const atWorkWithinMs = 30_000;
const heldReason = "call-in-progress";

/** Never rejects: an agent who cannot begin says so. */
export async function beginWork(desktop: LabDesktop, say: (text: string) => void): Promise<void> {
  const isIn = (): boolean => desktop.facts().phase === "inService";
  const { dn } = desktop.agent;
  try {
    await until(isIn, atWorkWithinMs, `${dn} is logged in`);
    await desktop.setReady();
  } catch (error) {
    say(`${dn} does not begin: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** `phoneOf`: asked each time, since a phone may have been replaced. */
export function watchPeople(
  desktops: readonly LabDesktop[],
  phoneOf: (dn: string) => Phone | undefined,
): People {
  const look = (): void => {
    for (const desktop of desktops) {
      const phone = phoneOf(desktop.agent.dn);
      if (desktop.facts().reason !== heldReason || phone === undefined) continue;
      if (phone.calls().length === 0) {
        // Refused or unknown: the agent is still held, and it is said again at the next look.
        desktop.callOver().catch(() => undefined);
      } else if (isSilent(phone)) for (const call of phone.calls()) phone.hangup(call);
    }
  };
  const timer = setInterval(look, lookEveryMs);
  return { stop: () => clearInterval(timer) };
}

function isSilent(phone: Phone): boolean {
  const lastAtMs = phone.rtp()?.lastAtMs ?? null;
  return lastAtMs === null || performance.now() - lastAtMs > silenceMs;
}
