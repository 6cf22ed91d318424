/**
 * Who is who in a flow. Proxies, registrars and the like are what the server stands for: they
 * collapse into it. Everybody else is a user agent with a phone of his own.
 */
import type { Flow, FlowStep } from "./flow.ts";

export type Part =
  | "agent"
  /** Collapses into the server. */
  | "server"
  /** Sends a caller elsewhere: its steps are left out (deviation `redirect-server`). */
  | "redirect"
  /** Never says a word: its steps are left out (deviation `dead-element`). */
  | "silent";

const serverNames = new RegExp(
  [
    "\\b(?:proxy|registrar|alg|b2bua|controller|sip server|location server|edge|sbc|p\\d)\\b",
    "^server$",
    "\\.(?:com|org|net)\\b",
  ].join("|"),
  "i",
);
/** Servers by name that are user agents by what they do. */
const agentNames = /\b(?:music|media|park|conference|announcement|voicemail|acd|web)\b/i;

export function partsOf(flow: Flow): ReadonlyMap<string, Part> {
  const names = new Set(flow.steps.flatMap(({ from, to }) => [from, to]));
  return new Map([...names].map((name) => [name, partOf(flow, name)]));
}

function partOf({ steps }: Flow, name: string): Part {
  if (/\bredirect\b/i.test(name)) return "redirect";
  const isServer =
    (serverNames.test(name) && !agentNames.test(name)) || steps.some(isForwardedBy(steps, name));
  if (!isServer) return "agent";
  return steps.some(({ from }) => from === name) ? "server" : "silent";
}

/** What comes in goes on, as the same request of the same call. */
function isForwardedBy(steps: readonly FlowStep[], name: string): (step: FlowStep) => boolean {
  return (step) =>
    step.kind === "request" &&
    step.to === name &&
    step.callId !== "" &&
    steps.some(
      (other) =>
        other.kind === "request" &&
        other.from === name &&
        other.to !== step.from &&
        other.method === step.method &&
        other.callId === step.callId &&
        cseqIn(other) === cseqIn(step),
    );
}

function cseqIn({ message }: FlowStep): string {
  return /^CSeq\s*:\s*(\d+)/im.exec(message?.headers.text ?? "")?.[1] ?? "";
}

/** A flow seen from its user agents: each sends to the server, and expects from it. */
export interface FlowEvent {
  readonly kind: "send" | "expect";
  readonly agent: string;
  readonly step: FlowStep;
}

export type LeftOut = "redirect-server" | "dead-element" | "sent-again";

export interface Script {
  readonly agents: readonly string[];
  readonly events: readonly FlowEvent[];
  /** Deviations that the collapsing itself makes. */
  readonly leftOut: readonly LeftOut[];
}

export function scriptOf(flow: Flow): Script {
  const parts = partsOf(flow);
  const events: FlowEvent[] = [];
  const leftOut = new Set<LeftOut>();
  const seen = new Set<string>();
  for (const step of flow.steps) {
    const [from, to] = [parts.get(step.from), parts.get(step.to)];
    const { kind, method, status, callId } = step;
    const key = [step.from, step.to, kind, method, status, callId, cseqIn(step)].join("|");
    const isAgain = callId !== "" && seen.has(key);
    seen.add(key);
    if (isAgain) leftOut.add("sent-again");
    else if (from === "redirect" || to === "redirect") leftOut.add("redirect-server");
    else if (to === "silent") leftOut.add("dead-element");
    else {
      if (from === "agent") events.push({ kind: "send", agent: step.from, step });
      if (to === "agent") events.push({ kind: "expect", agent: step.to, step });
    }
  }
  const agents = [...parts].flatMap(([name, part]) => (part === "agent" ? [name] : []));
  return { agents, events, leftOut: [...leftOut] };
}
