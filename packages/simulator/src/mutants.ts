import type { Effect } from "@tandem/switch";
import type { Tamper } from "./site.ts";

/** Planted bugs, one per invariant: a simulation that does not find them proves nothing. */
export type MutantName =
  | "none"
  | "lostRelease"
  | "doubleRelease"
  | "lostBye"
  | "lostLogin"
  | "deafPeer";

const eventName = (effect: Effect): string => (effect.kind === "cti" ? effect.event.event : "");

export const mutants: Readonly<Record<MutantName, Tamper>> = {
  none: (effects) => effects,
  /** A desktop is never told that its call is over. */
  lostRelease: (effects) => effects.filter((effect) => eventName(effect) !== "EventReleased"),
  /** It is told twice. */
  doubleRelease: (effects) =>
    effects.flatMap((effect) =>
      eventName(effect) === "EventReleased" ? [effect, effect] : [effect],
    ),
  /** The far end is never told: it talks to nobody. */
  lostBye: (effects) =>
    effects.filter((effect) => effect.kind !== "sip" || !effect.text.startsWith("BYE ")),
  /** The answer to a login is lost. */
  lostLogin: (effects) => effects.filter((effect) => eventName(effect) !== "EventAgentLogin"),
  /** OPTIONS of the peer are not answered. */
  deafPeer: (effects) =>
    effects.filter((effect) => effect.kind !== "sip" || !/CSeq: \d+ OPTIONS/.test(effect.text)),
};
