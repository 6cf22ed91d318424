import type { Machine } from "@tandem/kernel";
import { tableSnapshots } from "@tandem/replica";
import type { MachineVersion } from "@tandem/sip-server";
import {
  stateSchema,
  switchMachine,
  type Effect,
  type Input,
  type SwitchState,
} from "@tandem/switch";

/**
 * A version of the machine after this one, for trying upgrades: its state has a table more (how
 * many requests came by each method), which a migration makes for a state of today.
 */
interface NextState extends SwitchState {
  readonly requests: Map<string, number>;
}

const machine: Machine<SwitchState, Input, Effect> = {
  create: () => withRequests(switchMachine.create()),
  stepFrame(state, frame) {
    const { requests } = state as NextState; // made by `create`, or by the migration
    for (const input of frame.inputs) {
      if (input.kind !== "sip") continue;
      const method = input.text.slice(0, input.text.indexOf(" "));
      requests.set(method, (requests.get(method) ?? 0) + 1);
    }
    return switchMachine.stepFrame(state, frame);
  },
  nextDeadline: switchMachine.nextDeadline,
};

function withRequests(state: SwitchState): NextState {
  return Object.assign(state, { requests: new Map<string, number>() });
}

export const nextVersion: MachineVersion = {
  machine,
  versions: { machine: "next", runtime: process.versions.node, schema: stateSchema + 1 },
  snapshots: tableSnapshots({
    schema: stateSchema + 1,
    migrations: { [stateSchema]: (state) => withRequests(state as SwitchState) }, // of that shape
    frozen: ["config"],
  }),
};
