/**
 * A flow replayed against the server. Each user agent sends what the flow has it send, in dialogs
 * of its own; what the server sends to it is held against what the flow has it receive: method or
 * status, the CSeq's method, and whether there is a body.
 */
import { cseqOf, type SipMessage } from "@tandem/sip";
import { farewells } from "../fuzz/farewells.ts";
import { faultsOfRemains } from "../messages/run-messages.ts";
import { settleMs, type Subject } from "../subject.ts";
import { legOf, listen, reactPlainly, understand, type Agent } from "./agent.ts";
import { castOf } from "./cast.ts";
import { ruleFor, type Difference, type ReplayFacts } from "./deviations.ts";
import type { Flow, FlowStep } from "./flow.ts";
import { scriptOf, type FlowEvent, type Script } from "./participants.ts";
import { send } from "./send.ts";

export interface FlowResult {
  readonly id: string;
  readonly failures: readonly string[];
  /** Rules that were needed, each once. */
  readonly deviations: readonly string[];
}

export interface Replay {
  readonly subject: Subject;
  readonly script: Script;
  readonly agents: ReadonlyMap<string, Agent>;
  /** The event being played. */
  at: number;
  readonly facts: {
    -readonly [Key in keyof ReplayFacts]: ReplayFacts[Key] extends ReadonlySet<string>
      ? Set<string>
      : ReplayFacts[Key];
  };
  /** Somebody refused a call, or did not answer. */
  wasRefused: boolean;
  readonly heard: Set<string>;
  readonly failures: string[];
  readonly deviations: Set<string>;
}

/** How long an expected message may be on its way: longer than any timer that sends one. */
const patienceMs = 40_000;
const lookEveryMs = 250;
const roundsMax = 200;

/** `prologue` brings about what the flow takes for granted, before its first step. */
export function replayFlow(flow: Flow, prologue?: (replay: Replay) => void): FlowResult {
  const script = scriptOf(flow);
  if (script.events.length === 0) {
    return {
      id: flow.id,
      failures: ["nothing in it is said to or by a user agent"],
      deviations: [],
    };
  }
  // A call that the server itself begins is third party call control: the ladders are about it.
  const isBegunHere = script.events[0]?.kind === "expect";
  if (isBegunHere && prologue === undefined) {
    return { id: flow.id, failures: [], deviations: ["controller-services"] };
  }
  const { subject, agents } = castOf(script);
  const replay: Replay = {
    subject,
    script,
    agents,
    at: 0,
    facts: {
      referees: new Set(),
      isReferred: false,
      wasAsked: false,
      isReplaced: false,
      isRefreshed: false,
      isCrossing: false,
      hasForeignContact: false,
      unserved: null,
      uncalled: new Set(),
      isSequential: isSequential(script),
      isUpdated: false,
    },
    wasRefused: false,
    heard: new Set(),
    failures: [],
    deviations: new Set(script.leftOut),
  };
  prologue?.(replay);
  for (const event of script.events) {
    play(replay, event);
    replay.at += 1;
  }
  endCalls(replay);
  const { failures, deviations } = replay;
  return {
    id: flow.id,
    failures: [...failures, ...subject.faults(), ...faultsOfRemains(subject.remains())],
    deviations: [...deviations].sort(),
  };
}

/** One agent is called after another was given up or refused, for the same call. */
function isSequential({ events }: Script): boolean {
  return events.some(({ kind, agent, step }, at) => {
    if (kind !== "expect" || step.method !== "INVITE" || step.kind !== "request") return false;
    return events.slice(0, at).some((before) => {
      if (before.agent === agent || before.step.callId !== step.callId) return false;
      const isRefusal = before.kind === "send" && before.step.status >= 300;
      return isRefusal || (before.kind === "expect" && before.step.method === "CANCEL");
    });
  });
}

function play(replay: Replay, { kind, agent: name, step }: FlowEvent): void {
  const agent = replay.agents.get(name);
  if (agent === undefined) return;
  if (kind === "expect") return expect(replay, agent, step);
  if (!send(replay, agent, step)) note(replay, agent, "unsendable", step);
  hear(replay);
}

/** Everything that was sent is taken in, until nobody has anything more to say. */
export function hear(replay: Replay): void {
  for (let round = 0; round < roundsMax; round += 1) {
    let isQuiet = true;
    for (const agent of replay.agents.values()) {
      for (const message of listen(replay.subject, agent)) {
        isQuiet = false;
        take(replay, agent, message);
      }
    }
    if (isQuiet) return;
  }
  replay.failures.push("the server and the phones talk without end");
}

function take(replay: Replay, agent: Agent, message: SipMessage): void {
  const text = `${agent.name}|${message.headers.text}`;
  const isAgain = replay.heard.has(text);
  replay.heard.add(text);
  if (!isAgain) {
    understand(agent, message);
    noteUnserved(replay, agent, message);
  }
  const awaited = replay.script.events
    .slice(replay.at)
    .filter(
      ({ kind, agent: name, step }) =>
        kind === "expect" && name === agent.name && isIt(message, step),
    );
  const waiting = agent.inbox.filter((other) => isSame(other, message)).length;
  if (awaited.length > waiting) {
    agent.inbox.push(message);
    return;
  }
  if (isAgain) return;
  note(replay, agent, "extra", stepLike(message));
  reactPlainly(replay.subject, agent, message);
}

function isIt(message: SipMessage, step: FlowStep): boolean {
  if (message.kind === "request") return step.kind === "request" && step.method === message.method;
  const method = cseqOf(message)?.method;
  return step.kind === "response" && step.status === message.status && step.method === method;
}

function isSame(one: SipMessage, other: SipMessage): boolean {
  if (one.kind === "request") return other.kind === "request" && one.method === other.method;
  if (other.kind === "request") return false;
  return one.status === other.status && cseqOf(one)?.method === cseqOf(other)?.method;
}

type StepLike = Pick<FlowStep, "kind" | "method" | "status">;

function stepLike(message: SipMessage): StepLike {
  if (message.kind === "request") return { kind: "request", method: message.method, status: 0 };
  return { kind: "response", method: cseqOf(message)?.method ?? "", status: message.status };
}

/** Services that the server does not have, and says so. */
const unservedMethods = ["SUBSCRIBE", "PUBLISH", "MESSAGE", "REFER"];

function noteUnserved(replay: Replay, agent: Agent, message: SipMessage): void {
  if (message.kind === "request") return;
  if ([401, 407, 422].includes(message.status)) replay.facts.wasAsked = true;
  const method = cseqOf(message)?.method ?? "";
  // Within a call these may not be refused.
  const isOutside = legOf(agent, message)?.first.method === method;
  const isRefused = message.status >= 400 && message.status !== 401 && message.status !== 407;
  const isSo = isRefused && isOutside && unservedMethods.includes(method);
  if (isSo) replay.facts.unserved ??= `${method} ${message.status}`;
}

function expect(replay: Replay, agent: Agent, step: FlowStep): void {
  const find = (): number => agent.inbox.findIndex((message) => isIt(message, step));
  let found = find();
  const isExcused = ruleFor(differenceOf(replay, agent, "missing", step)) !== null;
  const patience = isExcused || step.status === 100 ? 0 : patienceMs;
  for (let waited = 0; found < 0 && waited < patience; waited += lookEveryMs) {
    replay.subject.pass(lookEveryMs);
    hear(replay);
    found = find();
  }
  const message = agent.inbox[found];
  if (message === undefined) return missed(replay, agent, step);
  agent.inbox.splice(found, 1);
  const leg = legOf(agent, message);
  if (leg !== null && leg.flowCallId === "") leg.flowCallId = step.callId;
  const isAboutMedia = ["INVITE", "ACK", "PRACK", "UPDATE"].includes(step.method);
  if (isAboutMedia && step.message !== null && step.hasBody !== (message.body !== "")) {
    note(replay, agent, "body", step);
  }
}

function missed(replay: Replay, agent: Agent, step: FlowStep): void {
  const { facts } = replay;
  if (step.method === "REFER" && facts.isReferred) facts.referees.add(agent.name);
  const isCall = step.kind === "request" && step.method === "INVITE" && !step.hasToTag;
  if (isCall && replay.wasRefused) facts.uncalled.add(agent.name);
  note(replay, agent, "missing", step);
}

function differenceOf(
  { facts }: Replay,
  { name }: Agent,
  kind: Difference["kind"],
  { kind: what, method, status }: StepLike,
): Difference {
  return { kind, agent: name, what, method, status, facts };
}

export function note(
  replay: Replay,
  agent: Agent,
  kind: Difference["kind"],
  step: StepLike & { readonly name?: string },
): void {
  const difference = differenceOf(replay, agent, kind, step);
  const rule = ruleFor(difference);
  if (rule !== null) {
    replay.deviations.add(rule);
    return;
  }
  const what = step.kind === "request" ? step.method : `${step.status} (${step.method})`;
  const where = step.name === undefined ? `after ${nameAt(replay)}` : step.name;
  replay.failures.push(`${where}: ${kind} at ${agent.name}: ${what}`);
}

function nameAt({ script, at }: Replay): string {
  return script.events[Math.min(at, script.events.length - 1)]?.step.name ?? "the beginning";
}

/** What still stands is hung up, and every timer runs out. */
function endCalls({ subject, agents }: Replay): void {
  for (const { at, text } of farewells(subject)) subject.receive(at, text);
  for (let waited = 0; waited < settleMs; waited += settleMs / 40) {
    for (const agent of agents.values()) {
      for (const message of listen(subject, agent)) {
        understand(agent, message);
        reactPlainly(subject, agent, message);
      }
    }
    subject.pass(settleMs / 40);
  }
}
