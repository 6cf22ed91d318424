/**
 * `rfc3725-ladders.json`: third party call control. The controller is the server, which makes a
 * call because a desktop asks for it; the ladders have no messages, only who says what to whom.
 */
import { readFileSync } from "node:fs";
import { reportOf, type CaseResult, type ConformanceRun } from "../report.ts";
import { listen, reactPlainly, understand, type Agent } from "./agent.ts";
import type { Flow, FlowStep } from "./flow.ts";
import { replayFlow, type FlowResult, type Replay } from "./replay.ts";

interface RawLadder {
  readonly id: string;
  readonly title?: string;
  readonly steps: readonly RawStep[];
}

interface RawStep {
  readonly n: number;
  readonly from: string;
  readonly to: string;
  readonly label: string;
  readonly kind: string;
  readonly method?: string;
  readonly status?: number;
}

const controller = "Controller";

export function runLadders(suite: string, file: string): ConformanceRun {
  const json: unknown = JSON.parse(readFileSync(file, "utf8"));
  const { flows = [] } = json as { flows?: RawLadder[] }; // the suites' MANIFEST.md
  const results = flows.map(runLadder);
  const notes = results.flatMap(({ id, deviations }) =>
    deviations.length === 0 ? [] : [`${id}: ${deviations.join(", ")}`],
  );
  return reportOf(suite, results satisfies readonly CaseResult[], notes);
}

function runLadder(ladder: RawLadder): FlowResult {
  const left = leftOutFor(ladder);
  if (left !== null) return { id: ladder.id, failures: [], deviations: [left] };
  const flow = flowOf(ladder);
  const isMidCall = flow.steps[0]?.from !== controller;
  return replayFlow(flow, (replay) => prepare(replay, flow, isMidCall));
}

/** Ladders of another way to do it, or of services that this controller does not have. */
function leftOutFor({ steps }: RawLadder): string | null {
  const sip = steps.filter(({ kind }) => kind === "request" || kind === "response");
  const others = new Set(sip.flatMap(({ from, to }) => [from, to]));
  const isService = sip.some(({ method }) => method === "PRACK" || method === "UPDATE");
  if (isService || others.size > 3) return "controller-services";
  const [first] = sip;
  if (first?.from !== controller || first.method !== "INVITE") return null;
  return /no media/i.test(first.label) ? null : "controller-flow-iv";
}

function flowOf({ id, title = "", steps }: RawLadder): Flow {
  const read: FlowStep[] = [];
  for (const { n, from, to, label, kind, method, status } of steps) {
    if (kind !== "request" && kind !== "response") continue;
    const asked = read.findLast(
      (step) =>
        step.kind === "request" && step.from === to && step.to === from && step.method !== "ACK",
    );
    read.push({
      name: String(n),
      from,
      to,
      kind,
      method: kind === "request" ? (method ?? "") : (asked?.method ?? ""),
      status: kind === "response" ? (status ?? 0) : 0,
      hasBody: /\b(?:offer|answer|sdp)/i.test(label) && !/no sdp/i.test(label),
      message: null,
      callId: "",
      hasToTag: false,
    });
  }
  return { id, title, steps: read };
}

/** A desktop of the first party asks for the call; a ladder within a call needs it made first. */
function prepare(replay: Replay, flow: Flow, isMidCall: boolean): void {
  const names = flow.steps.flatMap(({ from, to }) => [from, to]);
  const [first, second] = [...new Set(names)].flatMap((name) => replay.agents.get(name) ?? []);
  if (first === undefined || second === undefined) return;
  makeCall(replay, first, second);
  if (!isMidCall) return;
  for (let round = 0; round < roundsMax; round += 1) {
    for (const agent of [first, second]) {
      for (const message of listen(replay.subject, agent)) {
        understand(agent, message);
        reactPlainly(replay.subject, agent, message);
      }
    }
  }
}

const roundsMax = 20;

function makeCall({ subject }: Replay, from: Agent, to: Agent): void {
  const connection = "desktop";
  const thisDN = from.dn;
  subject.step({
    kind: "ctiRegister",
    connection,
    referenceID: 1,
    applicationName: "desktop",
    resume: null,
    identity: {
      userName: `agent-${thisDN}`,
      role: "agent",
      agentLogins: [thisDN],
      dns: [thisDN],
      isExpired: false,
    },
  });
  const ask = { kind: "ctiRequest", connection } as const;
  subject.step({ ...ask, request: { request: "RequestRegisterAddress", referenceID: 2, thisDN } });
  subject.step({
    ...ask,
    request: { request: "RequestMakeCall", referenceID: 3, thisDN, otherDN: to.dn },
  });
}
