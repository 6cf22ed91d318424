/**
 * Callers of a lab: behind each site's gateway some lines that call agents now and then, talk for a
 * while and hang up. A caller whose own site does not answer tries the other one, as a carrier
 * does.
 */
import { randomInt } from "node:crypto";
import type { Phone, PhoneReport } from "@tandem/softphone";
import { createCaller } from "../lab-phones.ts";
import type { SiteNumber, SiteTopology, Topology } from "../topology.ts";
import { type CallBook, emptyBook, enter } from "./call-book.ts";

export interface Callers {
  readonly book: () => CallBook;
  readonly isCalling: () => boolean;
  readonly setCalling: (isCalling: boolean) => void;
  readonly siteDied: (site: SiteNumber) => void;
  readonly stop: () => Promise<void>;
}

export interface CallersOptions {
  readonly topology: Topology;
  /** DNs worth calling now: agents who are in service and free. */
  readonly whom: () => readonly string[];
  readonly linesPerSite?: number;
  readonly onLost: (call: string) => void;
  readonly onCall?: (caller: string, dn: string) => void;
}

const linesPreset = 3;
/** Between two calls of a line, and how long one talks. */
const pauseMs = { min: 2_000, max: 8_000 };
const talkMs = { min: 4_000, max: 12_000 };
/** A line that hears nothing any more gives up. */
const giveUpMs = { min: 45_000, max: 45_000 };

export async function startCallers(options: CallersOptions): Promise<Callers> {
  const { topology } = options;
  let book = emptyBook;
  let isCalling = true;
  const timers = new Set<NodeJS.Timeout>();
  const phones: Phone[] = [];

  const note = (entry: Parameters<typeof enter>[1]): void => {
    const booked = enter(book, entry);
    book = booked.book;
    for (const call of booked.lost) options.onLost(call);
  };
  const later = (range: { readonly min: number; readonly max: number }, act: () => void): void => {
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        act();
      },
      randomInt(range.min, range.max + 1),
    );
    timers.add(timer);
  };
  const openLine = async (site: SiteTopology, line: number): Promise<void> => {
    let dialled: string | null = null;
    const keyOf = (call: number): string => `${site.number}.${line}/${call}`;
    const dial = (): void => {
      const candidates = isCalling ? options.whom() : [];
      dialled = candidates[randomInt(0, Math.max(1, candidates.length))] ?? null;
      if (dialled === null) return later(pauseMs, dial);
      options.onCall?.(phone.settings.callerUser, dialled);
      const call = phone.call(dialled);
      later(giveUpMs, () => {
        if (book.calls.has(keyOf(call))) phone.hangup(call);
      });
    };
    const onEvent = (report: PhoneReport): void => {
      if (!("call" in report)) return;
      const key = keyOf(report.call);
      if (report.kind === "placing" && !book.calls.has(key)) {
        const caller = phone.settings.callerUser;
        note({ kind: "placed", key, caller, dn: dialled ?? "" });
      }
      const { target } = report.kind === "placing" ? report : { target: null };
      const to = target === null ? null : siteAt(topology, target.host, target.port);
      note({ kind: "reported", key, report, site: to });
      if (report.kind === "established") later(talkMs, () => phone.hangup(report.call));
      if (report.kind === "ended") later(pauseMs, dial);
    };
    const phone = await createCaller(topology, site, line, onEvent);
    phones.push(phone);
    later(pauseMs, dial);
  };
  for (const site of topology.sites) {
    for (let line = 0; line < (options.linesPerSite ?? linesPreset); line += 1) {
      await openLine(site, line);
    }
  }
  return {
    book: () => book,
    isCalling: () => isCalling,
    setCalling: (calling) => {
      isCalling = calling;
    },
    siteDied: (site) => note({ kind: "siteDied", site }),
    async stop() {
      isCalling = false;
      for (const timer of timers) clearTimeout(timer);
      await Promise.all(phones.map((phone) => phone.close()));
    },
  };
}

function siteAt(topology: Topology, host: string, port: number): SiteNumber | null {
  const { sites } = topology;
  return sites.find((site) => site.host === host && site.ports.sip === port)?.number ?? null;
}
