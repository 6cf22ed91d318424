import { armTimer, logTime } from "@tandem/kernel";
import type { Turn } from "../turn.ts";

/**
 * Transactions that have done their work and stay for repeats only (RFC 3261 timers D, I, J, K, RFC
 * 6026 L and M): most of all that stand. What ends within the same half second ends together: a
 * list of keys and one timer cost far less than a timer each. A transaction may stay so much
 * longer; never shorter.
 */
export type Lingering = Map<string, string[]>;

const together = 500;
const lingering: ReadonlySet<string> = new Set(["D", "I", "J", "K", "L", "M"]);

export function isLingering(timer: string): boolean {
  return lingering.has(timer);
}

export function linger(turn: Turn, key: string, timer: string, afterMs: number): void {
  const { lingering: lists, timers } = turn.state;
  const at = Math.ceil((turn.now + afterMs) / together) * together;
  const name = `${at}/${timer}`;
  const list = lists.get(name);
  if (list !== undefined) {
    list.push(key);
    return;
  }
  lists.set(name, [key]);
  armTimer(timers, `linger/${name}`, logTime(at));
}

/** The timers of the transactions whose time has come. */
export function takeLingering(lists: Lingering, timerKey: string): readonly string[] {
  const name = timerKey.slice("linger/".length);
  const keys = lists.get(name) ?? [];
  lists.delete(name);
  const timer = name.slice(name.lastIndexOf("/") + 1);
  return keys.map((key) => `tx/${key}/${timer}`);
}
