import {
  armTimer,
  base36Of,
  disarmTimer,
  logTime,
  nextHex,
  type LogTimeMs,
  type Random,
} from "@tandem/kernel";
import type { SipRequest } from "@tandem/sip";
import type { SwitchConfig, SwitchOptions } from "./config.ts";
import type { AlarmCode, Effect, NoticeTopic } from "./effect.ts";
import type { SwitchState } from "./state.ts";
import type { ServerTransaction } from "./transactions/transaction.ts";

/**
 * One input being stepped: the state it may change, the log's time, the entropy it may draw from,
 * and the effects so far. Lives for one input only and is no part of the state.
 */
export interface Turn {
  readonly state: SwitchState;
  readonly config: SwitchConfig;
  readonly now: LogTimeMs;
  readonly random: Random;
  /**
   * Frame index and count of identifiers, so that no identifier repeats (replication.md, Frame).
   */
  readonly frameIndex: number;
  identifierCount: number;
  readonly effects: Effect[];
  /** The call whose rows are being changed, to end it if a bug of ours shows (style DET2). */
  touchedCall: string | null;
  touchedTransaction: string | null;
  /** The request that this input was, with its transaction: its answer need not read it again. */
  opened: Opened | null;
}

export interface Opened {
  readonly key: string;
  readonly request: SipRequest;
  readonly transaction: ServerTransaction;
}

/** Epoch milliseconds, for display and leases only. */
export function wallTime(turn: Turn): number {
  return turn.now + turn.state.wallOffsetMs;
}

export function optionsOf(turn: Turn): SwitchOptions {
  return turn.config.options;
}

/** A word that never repeats: 64 bits of entropy, the frame's index and a counter. */
export function newIdentifier(turn: Turn): string {
  turn.identifierCount += 1;
  const count = base36Of(turn.identifierCount);
  return `${nextHex(turn.random, 16)}${base36Of(turn.frameIndex)}.${count}`;
}

/** RFC 3261 §8.1.1.7: the cookie and a word that never repeats. */
export function newBranch(turn: Turn): string {
  return `z9hG4bK${newIdentifier(turn)}`;
}

export function arm(turn: Turn, key: string, afterMs: number): void {
  armTimer(turn.state.timers, key, logTime(turn.now + afterMs));
}

export function disarm(turn: Turn, key: string): void {
  disarmTimer(turn.state.timers, key);
}

export function alarm(turn: Turn, code: AlarmCode, detail: string): void {
  turn.effects.push({ kind: "alarm", code, detail });
}

export function notice(turn: Turn, topic: NoticeTopic, text: string): void {
  turn.effects.push({ kind: "notice", topic, text });
}
