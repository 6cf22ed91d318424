/**
 * Calls that a site's machine ended because a phone was placing them over a connection to the dead
 * node: its nodes write one line for each in their logs.
 */
import { existsSync, readFileSync } from "node:fs";
import type { Lab } from "../start-lab.ts";
import type { SiteTopology } from "../topology.ts";

/** How the machine's notice begins (packages/switch). */
const placingCallEnded = "placing-call-ended: ";

/** ConnIDs, so that a call of which both nodes speak counts once. */
export function placingNotices({ folder }: Pick<Lab, "folder">, site: SiteTopology): number {
  const connIDs = new Set<string>();
  for (const { name } of site.nodes) {
    const file = folder.file(`log/${name}.log`);
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    for (const part of text.split(placingCallEnded).slice(1)) connIDs.add(part.slice(0, 16));
  }
  return connIDs.size;
}
