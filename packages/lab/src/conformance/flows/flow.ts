/**
 * A call flow as the suites write it (`flows.json`): steps with a label (`180 Ringing Bob`), a
 * receiver, and mostly a message. Read here into steps with a sender, a receiver and a message.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { callIdOf, parseMessage, tagOf, type SipMessage } from "@tandem/sip";

export interface Flow {
  readonly id: string;
  readonly title: string;
  readonly steps: readonly FlowStep[];
}

export interface FlowStep {
  /** `F7`. */
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly kind: "request" | "response";
  /** Of a request, or of the request that is answered; empty when the flow does not say. */
  readonly method: string;
  /** 0 for a request. */
  readonly status: number;
  readonly hasBody: boolean;
  /** Null for a step that is only named. */
  readonly message: SipMessage | null;
  readonly callId: string;
  readonly hasToTag: boolean;
}

interface RawStep {
  readonly n: number;
  readonly step?: string;
  readonly label?: string;
  readonly from?: string;
  readonly to?: string;
  readonly kind?: string;
  readonly method?: string;
  readonly status?: number;
  readonly cseq?: readonly [number, string] | null;
  readonly body_bytes?: number | null;
  readonly file?: string | null;
  readonly same_as?: string | null;
}

interface RawFlow {
  readonly id: string;
  readonly title?: string;
  readonly steps: readonly RawStep[];
}

type Rfcs = Readonly<Record<string, { readonly flows?: readonly RawFlow[] }>>;

/** Every flow of a `flows.json`, whatever RFCs it has. */
export function readFlows(folder: string): readonly Flow[] {
  const json: unknown = JSON.parse(readFileSync(join(folder, "flows.json"), "utf8"));
  // What is not of this shape gives no flows, and the run fails.
  const { rfcs = {} } = json as { rfcs?: Rfcs }; // the suites' MANIFEST.md
  const flows = Object.values(rfcs).flatMap((rfc) => rfc.flows ?? []);
  return flows.map((flow) => readFlow(folder, flow));
}

function readFlow(folder: string, { id, title = "", steps }: RawFlow): Flow {
  const names = participantsOf(steps);
  const read: FlowStep[] = [];
  for (const raw of steps) {
    if (raw.kind !== "request" && raw.kind !== "response") continue;
    if (/^(?:HTTP|101)\b/.test(raw.label ?? "")) continue; // a handshake of the transport
    const same = read.find(({ name }) => name === raw.same_as);
    const message = messageOf(folder, raw) ?? same?.message ?? null;
    const to = cleanName(raw.to ?? "");
    const method = methodOf(raw, message) || (raw.kind === "response" ? lastMethod(read, to) : "");
    const from = cleanName(raw.from ?? "") || senderOf(raw, names, read, to, method);
    if (from === "" || to === "") continue;
    read.push({
      name: raw.step ?? String(raw.n),
      from,
      to,
      kind: raw.kind,
      method,
      status: raw.kind === "response" ? (raw.status ?? 0) : 0,
      hasBody: message === null ? (raw.body_bytes ?? 0) > 0 : bodyOf(raw, message),
      message,
      callId: message === null ? "" : callIdOf(message),
      hasToTag: message !== null && tagOf(message, "to") !== undefined,
    });
  }
  return { id, title, steps: read };
}

/** A step whose body the flow leaves out still says what it is by its Content-Type. */
function bodyOf({ body_bytes: bytes }: RawStep, message: SipMessage): boolean {
  return (bytes ?? 0) > 0 || /^(?:content-type|c)\s*:/im.test(message.headers.text);
}

function messageOf(folder: string, { file }: RawStep): SipMessage | null {
  if (file === undefined || file === null) return null;
  const path = join(folder, file);
  if (!existsSync(path)) return null;
  const text = readFileSync(path, "latin1");
  // Lengths that the RFC leaves open (`...`) or got wrong are not what the flow is about.
  const sound = text.replace(/^(?:Content[- ]?Length|l)[ \t]*:.*\r\n/gim, "");
  const whole = sound.includes("\r\n\r\n") ? sound : `${sound.replace(/(?:\r\n)*$/, "")}\r\n\r\n`;
  const parsed = parseMessage(whole);
  return parsed.ok ? parsed.value : null;
}

function methodOf({ method, cseq }: RawStep, message: SipMessage | null): string {
  if (method !== undefined) return method;
  if (Array.isArray(cseq)) return cseq[1];
  return /^CSeq\s*:\s*\d+\s+(\S+)/im.exec(message?.headers.text ?? "")?.[1] ?? "";
}

/** The request that a response without CSeq answers: the receiver's last. */
function lastMethod(read: readonly FlowStep[], to: string): string {
  return read.findLast((step) => step.kind === "request" && step.from === to)?.method ?? "";
}

function participantsOf(steps: readonly RawStep[]): readonly string[] {
  const names = new Set(
    steps.flatMap(({ to = "", from = "" }) => [cleanName(to), cleanName(from)]),
  );
  names.delete("");
  return [...names].sort((one, other) => other.length - one.length);
}

/** `Bob (transport UDP)` is Bob. */
function cleanName(text: string): string {
  return text.replace(/\s*\([^)]*\)\s*$/, "").trim();
}

/**
 * A label ends with its sender; where it names him otherwise than the receivers are named, he is
 * whom the receiver asked, or what stands behind the method or reason.
 */
function senderOf(
  raw: RawStep,
  names: readonly string[],
  read: readonly FlowStep[],
  to: string,
  method: string,
): string {
  const label = cleanName(raw.label ?? "");
  const named = names.find((name) => label.toLowerCase().endsWith(` ${name.toLowerCase()}`));
  if (named !== undefined) return named;
  if (raw.kind === "response") {
    const asked = read.findLast(
      (step) => step.kind === "request" && step.from === to && step.method === method,
    );
    if (asked !== undefined) return asked.to;
  }
  return label.replace(/^\S+\s+/, "").trim();
}
