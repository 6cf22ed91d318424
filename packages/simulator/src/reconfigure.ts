import type { SwitchConfig } from "@tandem/switch";
import { testDn } from "@tandem/switch/testing";
import { frame, type Site } from "./site.ts";

/** The site's configuration is another one, with a DN more and other times, until it heals. */
export function reconfigure(site: Site): () => void {
  const { config } = site;
  const other: SwitchConfig = {
    ...config,
    options: { ...config.options, noAnswerTimeoutMs: otherNoAnswerMs },
    dns: [...config.dns, testDn(extraDn)],
  };
  configure(site, other);
  return () => configure(site, config);
}

const otherNoAnswerMs = 9_000;
const extraDn = "1999";

function configure(site: Site, config: SwitchConfig): void {
  site.wanted = config;
  frame(site, [{ kind: "configured", config }]);
}
