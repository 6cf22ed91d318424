import type { Frame } from "@tandem/kernel";
import { headerOf, parseMessage } from "@tandem/sip";
import type { Effect, Input, SwitchState } from "@tandem/switch";

/**
 * One call's story out of a replay: its SIP messages in either direction and its events, in order.
 * Messages are the call's by the Call-IDs of its legs, known from the frame on that made the leg.
 */
export interface Ladder {
  readonly onFrame: (frame: Frame<Input>, effects: readonly Effect[], state: SwitchState) => void;
  readonly steps: readonly LadderStep[];
}

export interface LadderStep {
  /** ISO 8601, by the wall time that the machine was told. */
  readonly time: string;
  readonly index: number;
  readonly from: string;
  readonly to: string;
  /** A start line (a response's with its CSeq), a desktop's request, or an event. */
  readonly what: string;
}

const us = "sip-server";

export function createLadder(connID: string): Ladder {
  const steps: LadderStep[] = [];
  const callIds = new Set<string>();
  return {
    steps,
    onFrame(frame, effects, state) {
      noteLegs(state, connID, callIds);
      const time = new Date(state.wallOffsetMs + frame.now).toISOString();
      let index = frame.firstIndex;
      for (const input of frame.inputs) {
        const step = ofInput(input, connID, callIds);
        if (step !== null) steps.push({ time, index, ...step });
        index += 1;
      }
      const last = Math.max(frame.firstIndex, index - 1);
      for (const effect of effects) {
        const step = ofEffect(effect, connID, callIds);
        if (step !== null) steps.push({ time, index: last, ...step });
      }
    },
  };
}

function noteLegs(state: SwitchState, connID: string, callIds: Set<string>): void {
  for (const call of state.calls.values()) {
    if (call.connID !== connID) continue;
    const others = [call.destination, call.departing, call.announcement, ...call.forks];
    for (const leg of [call.origination, ...others]) if (leg !== null) callIds.add(leg.callId);
  }
}

type What = Pick<LadderStep, "from" | "to" | "what">;

function ofInput(input: Input, connID: string, callIds: ReadonlySet<string>): What | null {
  if (input.kind === "ctiRequest") {
    const { request, connection } = input;
    if (!("connID" in request) || request.connID !== connID) return null;
    return { from: connection, to: us, what: request.request };
  }
  if (input.kind !== "sip") return null;
  const what = startLineOf(input.text, callIds);
  const { flow } = input;
  return what === null ? null : { from: at(flow.remoteHost, flow.remotePort), to: us, what };
}

function ofEffect(effect: Effect, connID: string, callIds: ReadonlySet<string>): What | null {
  if (effect.kind === "cti") {
    const { event, connection } = effect;
    if (!("connID" in event) || event.connID !== connID) return null;
    const dn = "thisDN" in event ? ` ${event.thisDN}` : "";
    return { from: us, to: connection, what: `${event.event}${dn}` };
  }
  if (effect.kind !== "sip") return null;
  const what = startLineOf(effect.text, callIds);
  return what === null ? null : { from: us, to: at(effect.target.host, effect.target.port), what };
}

function at(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function startLineOf(text: string, callIds: ReadonlySet<string>): string | null {
  const parsed = parseMessage(text);
  if (!parsed.ok) return null;
  const callId = headerOf(parsed.value, "call-id");
  if (callId === undefined || !callIds.has(callId)) return null;
  const first = text.slice(0, text.indexOf("\r\n"));
  return parsed.value.kind === "request"
    ? first
    : `${first} (${headerOf(parsed.value, "cseq") ?? ""})`;
}

export function ladderText(steps: readonly LadderStep[]): string {
  const lines = steps.map(
    ({ time, index, from, to, what }) => `${time} #${index} ${from} → ${to}  ${what}`,
  );
  return lines.map((line) => `${line}\n`).join("");
}
