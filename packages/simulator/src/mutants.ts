import { logTime, type Machine } from "@tandem/kernel";
import { createReplica, lastIndexOf } from "@tandem/replica";
import { switchMachine, type Effect, type Input, type SwitchState } from "@tandem/switch";
import type { NodeMutant } from "./pair-node.ts";
import type { DoorMutant, Tamper } from "./site.ts";

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
  | "listedNodeForgets"
  | "wallClockInMachine"
  | "vouchesWhileNobodyServes"
  | "flowNumberTwice"
  | "lostFlowIsLostPhone"
  | "quietSessionIsOld";

/** A bug in what leaves, in a node, or in a door. */
export interface Mutant {
  readonly tamper?: Tamper;
  readonly node?: NodeMutant;
  readonly door?: DoorMutant;
}

const eventName = (effect: Effect): string => (effect.kind === "cti" ? effect.event.event : "");

type SwitchMachine = Machine<SwitchState, Input, Effect>;

function stepping(stepFrame: SwitchMachine["stepFrame"]): SwitchMachine {
  return { ...switchMachine, stepFrame };
}

/** Measures a resume against the events of all instead of those of the session. */
function asTooOld({ ring }: SwitchState): (input: Input) => Input {
  const [oldest = ring.lastSequence + 1] = ring.entries.keys();
  return (input) => {
    if (input.kind !== "ctiRegister" || input.resume === null) return input;
    if (input.resume.eventSequenceNumber >= oldest - 1) return input;
    return { ...input, resume: { ...input.resume, eventSequenceNumber: -1 } };
  };
}

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
  /** The machine reads a clock: the other node's is a little ahead. */
  wallClockInMachine: {
    node: {
      machine: (name) =>
        name === "a"
          ? switchMachine
          : stepping((state, frame) =>
              switchMachine.stepFrame(state, { ...frame, now: logTime(frame.now + 1) }),
            ),
    },
  },
  /** H11: the door answers its peer though nobody serves behind it. */
  vouchesWhileNobodyServes: { door: { vouchesAlways: true } },
  /** Connections: two of them have one name. */
  flowNumberTwice: { door: { numberOf: (count) => Math.ceil(count / 2) } },
  /** Connections: a phone whose flow is lost is taken off. */
  lostFlowIsLostPhone: {
    node: {
      machine: () =>
        stepping((state, frame) => {
          const effects = switchMachine.stepFrame(state, frame);
          const begun = frame.inputs.find(({ kind }) => kind === "epochBegan");
          if (begun?.kind !== "epochBegan" || !begun.takenOver) return effects;
          for (const dn of state.dns.values()) {
            for (const { target } of [...dn.bindings]) {
              const isLost = target.name !== "" && Number.parseInt(target.name, 10) < begun.epoch;
              if (isLost) dn.bindings.splice(0);
            }
          }
          return effects;
        }),
    },
  },
  /** Sessions: who has heard nothing while others' events came and went is taken for too late. */
  quietSessionIsOld: {
    node: {
      machine: () =>
        stepping((state, frame) =>
          switchMachine.stepFrame(state, { ...frame, inputs: frame.inputs.map(asTooOld(state)) }),
        ),
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
