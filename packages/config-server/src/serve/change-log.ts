/**
 * Changes under growing revisions, so that a client that was away gets what it missed. The first
 * revision is the wall time of the process's start, in milliseconds: no other process of this
 * server has used it, and a position from another server's history is known to be foreign.
 */
import type { ConfigEvent } from "@tandem/cti";
import type { Change } from "../configuration.ts";

export type ChangeEvent = Extract<ConfigEvent, { event: "EventObjectChanged" }>;

export interface ChangeLog {
  readonly revision: () => number;
  /** Gives each change the next revision. */
  readonly append: (changes: readonly Change[]) => readonly ChangeEvent[];
  /** What came after `revision`; undefined where that is not known any more, or never was. */
  readonly since: (revision: number) => readonly ChangeEvent[] | undefined;
}

export const changesKeptMax = 10_000;

export function createChangeLog(firstRevision: number): ChangeLog {
  let revision = firstRevision;
  let kept: ChangeEvent[] = [];
  return {
    revision: () => revision,
    append(changes) {
      const events = changes.map((change): ChangeEvent => {
        revision += 1;
        const { type, object } = change;
        const event = {
          event: "EventObjectChanged",
          revision,
          change: change.change,
          type,
          object,
        };
        return event as ChangeEvent; // type and object of one Change belong together
      });
      kept = [...kept, ...events].slice(-changesKeptMax);
      return events;
    },
    since(from) {
      const oldest = kept[0]?.revision ?? revision + 1;
      if (from > revision || from < oldest - 1) return undefined;
      return kept.filter((event) => event.revision > from);
    },
  };
}
