import type { AddressSettings } from "./address-settings.ts";
import { complaintOf, type RunProgram } from "./run-program.ts";
import type { AddressSteps } from "./site-address.ts";

/**
 * A site's own script: `PROGRAM take ADDRESS` and `PROGRAM drop ADDRESS`. Exit code 0 says that it
 * is done; it is called again until then, so it must bear being called twice.
 */
type ScriptSettings = Extract<AddressSettings, { kind: "script" }>;

export function scriptSteps(settings: ScriptSettings, run: RunProgram): AddressSteps {
  const { program, host, limitMs } = settings;
  const call = async (word: "take" | "drop"): Promise<string | null> => {
    const outcome = await run({ program, args: [word, host], limitMs });
    return complaintOf(`${program} ${word} ${host}`, outcome);
  };
  return { take: () => call("take"), drop: () => call("drop") };
}
