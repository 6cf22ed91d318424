import type { Frame, Machine } from "@tandem/kernel";
import { tableSnapshots, type SnapshotPort, type Versions } from "@tandem/replica";
import {
  stateSchema,
  switchMachine,
  type Effect,
  type Input,
  type SwitchState,
} from "@tandem/switch";

/**
 * What a pair of SIP Servers needs to know of its machine: its version, what a frame looks like to
 * the digest, and how its state travels.
 */
export const stateSnapshots: SnapshotPort<SwitchState> = tableSnapshots({
  schema: stateSchema,
  migrations: {}, // there has been one shape so far
  frozen: ["config"],
});

/** Raised with every change of the machine that may read a frame differently. */
export const machineVersion = "1";

export function versionsOf(): Versions {
  return { machine: machineVersion, runtime: process.versions.node, schema: stateSchema };
}

/** A machine, what it calls itself, and how its state travels (H10). */
export interface MachineVersion {
  readonly machine: Machine<SwitchState, Input, Effect>;
  readonly versions: Versions;
  readonly snapshots: SnapshotPort<SwitchState>;
}

export const currentVersion: MachineVersion = {
  machine: switchMachine,
  versions: versionsOf(),
  snapshots: stateSnapshots,
};

/** Where in the history, and what it said: SIP as it leaves, and how much of everything else. */
export function describeFrame(frame: Frame<Input>, effects: readonly Effect[]): string {
  let text = `${frame.firstIndex} ${frame.inputs.length} ${frame.now}\n`;
  for (const effect of effects) {
    if (effect.kind === "sip") text += effect.text;
    else if (effect.kind === "cti") text += `${effect.connection} ${effect.event.event}\n`;
    else text += `${effect.kind}\n`;
  }
  return text;
}
