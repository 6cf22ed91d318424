/**
 * Transactions as scripts: what comes in and what goes out in words, so that a test is a table.
 *
 *   in:   "180" a response · "INVITE", "ACK" a request · ">486" the user's response ·
 *         "A" a timer · "failed" the transport
 *   out:  "send INVITE", "send 486", "arm A 500", "disarm A", "up 180", "up ACK", "timed out",
 * "failed"
 */
import { buildResponse } from "../build.ts";
import type { SipRequest } from "../message.ts";
import type {
  ClientEffect,
  ClientEvent,
  ServerEffect,
  ServerEvent,
  Step,
} from "../transactions/timing.ts";
import { responseFrom, sampleRequest } from "./samples.ts";

export function clientEvent<Timer extends string>(
  word: string,
  request: SipRequest,
): ClientEvent<Timer> {
  if (word === "failed") return { kind: "transportFailed" };
  if (/^\d+$/.test(word)) {
    const text = buildResponse(request, Number(word), { toTag: "bob-1" });
    return { kind: "received", response: responseFrom(text) };
  }
  return { kind: "timer", timer: word as Timer }; // the table names a timer of its machine
}

export function serverEvent<Timer extends string>(
  word: string,
  request: SipRequest,
): ServerEvent<Timer> {
  if (word === "failed") return { kind: "transportFailed" };
  if (word.startsWith(">")) {
    const status = Number(word.slice(1));
    return { kind: "send", status, text: buildResponse(request, status, { toTag: "bob-1" }) };
  }
  if (word.length > 1) return { kind: "received", request: sampleRequest({ method: word }) };
  return { kind: "timer", timer: word as Timer }; // as above
}

/** Runs a script and gives the final state's kind and the words of the last step's effects. */
export function runScript<State extends { readonly kind: string }, Event, Effect>(
  first: Step<State, Effect>,
  words: readonly string[],
  eventOf: (word: string) => Event,
  step: (state: State, event: Event) => Step<State, Effect>,
): readonly [state: string, ...effects: string[]] {
  let last = first;
  for (const word of words) {
    if (last.next === undefined) throw new Error(`over before ${word}`);
    last = step(last.next, eventOf(word));
  }
  // every effect of the four machines is one of these
  const effects = last.effects as readonly (ClientEffect<string> | ServerEffect<string>)[];
  return [last.next?.kind ?? "over", ...effects.map(describeEffect)];
}

function describeEffect(effect: ClientEffect<string> | ServerEffect<string>): string {
  switch (effect.kind) {
    case "transmit": {
      const [first, second] = effect.text.split(" ");
      return `send ${first === "SIP/2.0" ? second : first}`;
    }
    case "arm":
      return `arm ${effect.timer} ${effect.afterMs}`;
    case "disarm":
      return `disarm ${effect.timer}`;
    case "passUp":
      return `up ${"response" in effect ? effect.response.status : effect.request.method}`;
    case "timedOut":
      return "timed out";
    case "transportFailed":
      return "failed";
  }
}
