import { createRandom, nextInt } from "@tandem/kernel";
import { encode, type Snapshot } from "@tandem/replica";
import { switchMachine, type SwitchState } from "@tandem/switch";
import { playCalls } from "@tandem/switch/testing";
import { afterEach, expect, test, vi } from "vitest";
import { stateSnapshots } from "./replicated.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

interface Going {
  readonly of: SwitchState;
  readonly snapshot: Snapshot;
  readonly assembly: ReturnType<typeof stateSnapshots.assemble>;
}

/**
 * Calls under chance, while the switch's state is sent between its frames, over and over; each copy
 * then steps the same frames beside its source.
 */
function playWithTransfers(seed: number): { readonly copies: number; readonly frames: number } {
  const random = createRandom(seed);
  const stepFrame = switchMachine.stepFrame;
  let going: Going | null = null;
  let copy: { readonly of: SwitchState; readonly state: SwitchState; left: number } | null = null;
  let copies = 0;
  let frames = 0;

  function goOn(state: SwitchState): void {
    if (going === null || going.of !== state) {
      going?.snapshot.abandon();
      if (nextInt(random, 0, 9) > 0) return void (going = null);
      going = {
        of: state,
        snapshot: stateSnapshots.open(state),
        assembly: stateSnapshots.assemble(),
      };
    }
    const { snapshot, assembly } = going;
    const slice = snapshot.next();
    if (slice !== null) return expect(assembly.add(slice)).toBe(true);
    if (nextInt(random, 0, 9) > 0) return; // the end may come later than it could
    const arrived = assembly.finish(snapshot.finish());
    going = null;
    expect(encode(arrived)).toBe(encode(state));
    if (arrived === null) return;
    copies += 1;
    copy = { of: state, state: arrived, left: 200 };
  }

  vi.spyOn(switchMachine, "stepFrame").mockImplementation((state, frame) => {
    const effects = stepFrame(state, frame);
    frames += 1;
    if (copy?.of === state && copy.left > 0) {
      copy.left -= 1;
      expect(stepFrame(copy.state, frame)).toEqual(effects);
      if (copy.left % 20 === 0) expect(encode(copy.state)).toBe(encode(state));
    }
    goOn(state);
    return effects;
  });
  const { failures } = playCalls(seed, { steps: 60, hasTakeovers: seed % 2 === 0 });
  expect(failures).toEqual([]);
  return { copies, frames };
}

test.each([1, 2, 3, 4])(
  "H5: a switch that came in slices goes on like its source, seed %i",
  (seed) => {
    const { copies, frames } = playWithTransfers(seed);
    expect(frames).toBeGreaterThan(500);
    expect(copies).toBeGreaterThan(5);
  },
);
