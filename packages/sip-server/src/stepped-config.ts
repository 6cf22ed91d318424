import type { SwitchConfig } from "@tandem/switch";

/**
 * Which configuration the machine has, beside the one that this node was given: a new primary steps
 * its own where they differ. A large one takes milliseconds to write down, so it is done when it
 * comes, not when a site is taken over.
 */
export interface SteppedConfig {
  /** The machine has stepped it. */
  readonly stepped: (config: SwitchConfig) => void;
  /** The machine is to be another one, that comes as a state. */
  readonly forget: () => void;
  /** What the machine has, unless it was seen being stepped; and this node's own. */
  readonly learn: (has: SwitchConfig | null, own: SwitchConfig) => void;
  readonly isOther: (own: SwitchConfig) => boolean;
}

export function createSteppedConfig(): SteppedConfig {
  let has = "";
  let own: { readonly config: SwitchConfig; readonly text: string } | null = null;
  function textOf(config: SwitchConfig): string {
    if (own?.config !== config) own = { config, text: JSON.stringify(config) };
    return own.text;
  }
  return {
    stepped(config) {
      has = JSON.stringify(config);
    },
    forget() {
      has = "";
    },
    learn(config, given) {
      if (has === "" && config !== null) has = JSON.stringify(config);
      textOf(given);
    },
    isOther: (config) => has !== textOf(config),
  };
}
