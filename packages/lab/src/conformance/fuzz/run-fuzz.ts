/**
 * `tandem conformance --fuzz-seconds N`: mutated messages through edge and machine, seeded, for a
 * bounded time. Rounds of a few hundred messages share one subject; after each every timer runs
 * out, and nothing may be left. Counts exceptions, hangs and states left behind: all three must be
 * 0.
 */
import { chance, createRandom, nextInt, pick, type Random } from "@tandem/kernel";
import { bindPhone } from "../bind-phone.ts";
import { hangMs } from "../corpus/run-corpus.ts";
import { faultsOfRemains } from "../messages/run-messages.ts";
import type { ConformanceReport } from "../report.ts";
import { createSubject, settleMs, type Address, type Subject } from "../subject.ts";
import { playCall } from "./call-play.ts";
import { openDesk } from "./desk.ts";
import { farewells } from "./farewells.ts";
import { mutate } from "./mutate.ts";

export interface FuzzReport extends ConformanceReport {
  readonly seed: number;
  readonly exceptions: number;
  readonly hangs: number;
  readonly leftBehind: number;
}

export interface FuzzOptions {
  readonly seed: number;
  readonly seeds: readonly string[];
  /** Asked before each round; false ends the run. */
  readonly goesOn: (round: number) => boolean;
  readonly clock: () => number;
}

const dns = ["1001", "1002"];
const trunk: Address = { transport: "UDP", host: "127.0.3.1", port: 5060 };
const phone: Address = { transport: "UDP", host: "127.0.3.20", port: 5060 };
const stranger: Address = { transport: "UDP", host: "127.0.3.99", port: 5060 };
const messagesPerRound = 150;
const callsPerRound = 12;
const failuresMax = 20;

interface Tally {
  messages: number;
  exceptions: number;
  hangs: number;
  leftBehind: number;
  readonly failures: string[];
}

export function runFuzz(options: FuzzOptions): FuzzReport {
  const tally: Tally = { messages: 0, exceptions: 0, hangs: 0, leftBehind: 0, failures: [] };
  for (let round = 0; options.goesOn(round); round += 1) {
    playRound(options, createRandom(options.seed + round), round, tally);
  }
  const { messages, exceptions, hangs, leftBehind, failures } = tally;
  const failed = exceptions + hangs + leftBehind;
  return {
    suite: "fuzz",
    cases: messages,
    failed,
    failures,
    passed: failed === 0 && messages > 0,
    seed: options.seed,
    exceptions,
    hangs,
    leftBehind,
  };
}

function playRound(options: FuzzOptions, random: Random, round: number, tally: Tally): void {
  const subject = createSubject({ dns, domains: ["b.example"], trunkHosts: [trunk.host] });
  // A phone on a WebSocket is called in another way.
  const callee: Address = { ...phone, transport: chance(random, 300) ? "WSS" : "UDP" };
  for (const dn of dns) bindPhone(subject, dn, callee);
  const desk = openDesk(subject, dns);
  const watch = watcher(subject, options.clock, `seed ${options.seed} round ${round}`, tally);
  const send = (from: Address, text: string): void => {
    tally.messages += 1;
    watch(`message ${JSON.stringify(text.slice(0, 120))}`, () => subject.receive(from, text));
  };
  for (let count = 0; count < messagesPerRound; count += 1) {
    const text = mutate(random, pick(random, options.seeds), pick(random, options.seeds));
    const from = { ...pick(random, [trunk, phone, stranger]), transport: transportOf(random) };
    if (from.host !== phone.host) send(from, text);
    else {
      tally.messages += 1;
      const what = `message of a user ${JSON.stringify(text.slice(0, 120))}`;
      watch(what, () => subject.receiveFrom(from, text, "1001"));
    }
    if (chance(random, 100)) watch("time", () => subject.pass(nextInt(random, 1, 40_000)));
  }
  for (let count = 0; count < callsPerRound; count += 1) {
    playCall({
      subject,
      random,
      caller: trunk,
      callee,
      dn: pick(random, dns),
      mutatedPerMille: pick(random, [0, 100, 400]),
      other: pick(random, options.seeds),
      send,
      ask: () => watch("a desktop's request", () => desk.ask(random)),
    });
  }
  watch("the timers of what was begun", () => subject.pass(settleMs));
  for (const { at, text } of farewells(subject)) watch("a BYE", () => subject.receive(at, text));
  watch("the last timers", () => subject.pass(settleMs));
  const left = faultsOfRemains(subject.remains());
  if (left.length > 0) note(tally, `seed ${options.seed} round ${round}: ${left.join(", ")}`);
  tally.leftBehind += left.length;
}

function transportOf(random: Random): Address["transport"] {
  return chance(random, 200) ? "TCP" : "UDP";
}

/** Runs one act and counts what it broke. */
function watcher(
  subject: Subject,
  clock: () => number,
  where: string,
  tally: Tally,
): (what: string, act: () => void) => void {
  let faultsSeen = 0;
  return (what, act) => {
    const startedAt = clock();
    try {
      act();
    } catch (error) {
      tally.exceptions += 1;
      note(tally, `${where}: ${what} threw ${String(error)}`);
    }
    if (clock() - startedAt > hangMs) {
      tally.hangs += 1;
      note(tally, `${where}: ${what} took over ${hangMs} ms`);
    }
    const faults = subject.faults();
    for (; faultsSeen < faults.length; faultsSeen += 1) {
      tally.exceptions += 1;
      note(tally, `${where}: ${what}: ${faults[faultsSeen] ?? ""}`);
    }
  };
}

function note(tally: Tally, text: string): void {
  if (tally.failures.length < failuresMax) tally.failures.push(text);
}
