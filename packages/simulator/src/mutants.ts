import { createReplica, lastIndexOf } from "@tandem/replica";
import { switchMachine, type Effect } from "@tandem/switch";
import type { NodeMutant } from "./pair-node.ts";
import type { Tamper } from "./site.ts";

/** Planted bugs, one per invariant: a simulation that does not find them proves nothing. */
export type MutantName =
  | "none"
  | "lostRelease"
  | "doubleRelease"
  | "lostBye"
  | "lostLogin"
  | "deafPeer"
  | "standbyMissesInput"
  | "releasedUnacknowledged"
  | "servesWithoutLease"
  | "listedNodeForgets";

/** A bug in what leaves, or in a node. */
export interface Mutant {
  readonly tamper?: Tamper;
  readonly node?: NodeMutant;
}

const eventName = (effect: Effect): string => (effect.kind === "cti" ? effect.event.event : "");

const tampers = {
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
} satisfies Record<string, Tamper>;

export const mutants: Readonly<Record<MutantName, Mutant>> = {
  none: {},
  lostRelease: { tamper: tampers.lostRelease },
  doubleRelease: { tamper: tampers.doubleRelease },
  lostBye: { tamper: tampers.lostBye },
  lostLogin: { tamper: tampers.lostLogin },
  deafPeer: { tamper: tampers.deafPeer },
  /** H9: one input of a frame does not reach the standby. */
  standbyMissesInput: {
    node: {
      hear(node, message) {
        if (message.kind !== "frame" || node.role !== "standby") return message;
        const { frame } = message;
        if (frame.firstIndex % 50 !== 0 || frame.inputs[0]?.kind !== "sip") return message;
        const inputs = [{ kind: "tick" } as const, ...frame.inputs.slice(1)];
        return { kind: "frame", frame: { ...frame, inputs } };
      },
    },
  },
  /** H2: effects leave when they are shipped. */
  releasedUnacknowledged: {
    node: {
      onStep(node) {
        if (node.replica !== null) node.link.acknowledged = lastIndexOf(node.replica) + 100;
      },
    },
  },
  /** H11: a lone primary serves without its lease. */
  servesWithoutLease: {
    node: {
      onStep(node) {
        node.lease.trustedUntilMs = Infinity;
        node.lease.hasLapsed = false;
      },
    },
  },
  /** H7: a listed node forgets its machine when its link closes. */
  listedNodeForgets: {
    node: {
      onStep(node, nowMs) {
        if (node.role !== "standby" || node.link.state === "up" || node.replica === null) return;
        node.replica = createReplica(switchMachine, nowMs);
      },
    },
  },
};
