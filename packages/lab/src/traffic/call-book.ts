/**
 * What became of each caller's call, from the callers' own reports: waiting, talking, answered,
 * lost. A call that was talking through a site that dies has lost its control and counts as lost at
 * that moment; one still in set-up counts only if it fails in the end. Pure.
 */
import type { PhoneReport } from "@tandem/softphone";
import type { SiteNumber } from "../topology.ts";

export interface BookedCall {
  readonly caller: string;
  readonly dn: string;
  /** Through which site it goes; null until it was sent. */
  readonly site: SiteNumber | null;
  readonly phase: "waiting" | "talking";
  readonly isLost: boolean;
}

export interface CallBook {
  /** By caller and call: `5550101/3`. */
  readonly calls: ReadonlyMap<string, BookedCall>;
  readonly answered: number;
  readonly lost: number;
}

export type BookEntry =
  | { readonly kind: "placed"; readonly key: string; readonly caller: string; readonly dn: string }
  | {
      readonly kind: "reported";
      readonly key: string;
      readonly report: PhoneReport;
      /** Whose address a `placing` went to. */
      readonly site: SiteNumber | null;
    }
  | { readonly kind: "siteDied"; readonly site: SiteNumber };

export interface Booked {
  readonly book: CallBook;
  /** Calls that this entry lost: `1003 with 5550101`. */
  readonly lost: readonly string[];
}

export const emptyBook: CallBook = { calls: new Map(), answered: 0, lost: 0 };

export function enter(book: CallBook, entry: BookEntry): Booked {
  switch (entry.kind) {
    case "placed": {
      const { caller, dn } = entry;
      const call: BookedCall = { caller, dn, site: null, phase: "waiting", isLost: false };
      return { book: withCall(book, entry.key, call), lost: [] };
    }
    case "reported":
      return report(book, entry.key, entry.report, entry.site);
    case "siteDied":
      return siteDied(book, entry.site);
  }
}

export function countOf(book: CallBook, phase: BookedCall["phase"], site?: SiteNumber): number {
  return [...book.calls.values()].filter(
    (call) => call.phase === phase && !call.isLost && (site === undefined || call.site === site),
  ).length;
}

function report(book: CallBook, key: string, said: PhoneReport, site: SiteNumber | null): Booked {
  const call = book.calls.get(key);
  if (call === undefined) return { book, lost: [] };
  switch (said.kind) {
    case "placing":
      return { book: withCall(book, key, { ...call, site }), lost: [] };
    case "established": {
      const answered = { ...book, answered: book.answered + 1 };
      return { book: withCall(answered, key, { ...call, phase: "talking" }), lost: [] };
    }
    case "ended": {
      const calls = new Map(book.calls);
      calls.delete(key);
      const isFailure = !said.wasEstablished && failed.has(said.cause);
      if (!isFailure || call.isLost) return { book: { ...book, calls }, lost: [] };
      return { book: { ...book, calls, lost: book.lost + 1 }, lost: [nameOf(call)] };
    }
    default:
      return { book, lost: [] };
  }
}

/** Set-ups that ended without anybody having decided so. */
const failed: ReadonlySet<string> = new Set(["unreachable", "noAnswer", "lost", "media"]);

function siteDied(book: CallBook, site: SiteNumber): Booked {
  const calls = new Map(book.calls);
  const lost: string[] = [];
  for (const [key, call] of calls) {
    if (call.site !== site || call.phase !== "talking" || call.isLost) continue;
    calls.set(key, { ...call, isLost: true });
    lost.push(nameOf(call));
  }
  return { book: { ...book, calls, lost: book.lost + lost.length }, lost };
}

function withCall(book: CallBook, key: string, call: BookedCall): CallBook {
  return { ...book, calls: new Map(book.calls).set(key, call) };
}

function nameOf({ dn, caller }: BookedCall): string {
  return `${dn} with ${caller}`;
}
