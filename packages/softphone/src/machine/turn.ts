/**
 * One step of a phone while it runs: the state it changes, what came with the input, and the
 * effects it collects.
 */
import {
  armTimer,
  disarmTimer,
  type LogTimeMs,
  logTime,
  nextHex,
  type Random,
} from "@tandem/kernel";
import type { HashFunction } from "@tandem/sip";
import { branchCookie } from "@tandem/sip";
import type { PhoneEffect, PhoneReport } from "./phone-event.ts";
import type { PhoneState } from "./phone-state.ts";
import type { Address } from "./settings.ts";

/** What comes with every input. The generator is advanced by what the phone draws. */
export interface PhoneContext {
  readonly now: LogTimeMs;
  readonly random: Random;
  readonly hash: HashFunction;
}

export interface Turn {
  readonly state: PhoneState;
  readonly context: PhoneContext;
  readonly effects: PhoneEffect[];
}

export function send(turn: Turn, target: Address, text: string): void {
  turn.effects.push({ kind: "send", target, text });
}

export function report(turn: Turn, event: PhoneReport): void {
  turn.effects.push({ kind: "report", report: event });
}

export function arm(turn: Turn, key: string, afterMs: number): void {
  armTimer(turn.state.timers, key, logTime(turn.context.now + afterMs));
}

export function disarm(turn: Turn, key: string): void {
  disarmTimer(turn.state.timers, key);
}

export function newTag(turn: Turn): string {
  return nextHex(turn.context.random, 12);
}

export function newCallId(turn: Turn): string {
  return `${nextHex(turn.context.random, 24)}@${turn.state.settings.host}`;
}

export function newBranch(turn: Turn): string {
  return branchCookie + nextHex(turn.context.random, 20);
}

/** The Via of a request of ours; RFC 3581 asks for the answer to come back to the source port. */
export function viaFor(turn: Turn, target: Address, branch: string): string {
  const { host, port } = turn.state.settings;
  return `SIP/2.0/${target.transport} ${host}:${port};branch=${branch};rport`;
}

/** Our Contact, for requests over one transport. */
export function contactFor(turn: Turn, user: string, target: Address): string {
  const { host, port } = turn.state.settings;
  const parameter = target.transport === "TCP" ? ";transport=tcp" : "";
  return `<sip:${user === "" ? "" : `${user}@`}${host}:${port}${parameter}>`;
}
