/**
 * In a process of its own, with the collector at hand: a switch with so many registered DNs, then
 * so many established calls whose transactions have run out, and what each cost in heap. Prints one
 * JSON line.
 */
import { logTime } from "@tandem/kernel";
import {
  buildRequest,
  buildResponse,
  dialogFromResponse,
  dialogRequest,
  parseMessage,
  type SipRequest,
} from "@tandem/sip";
import { switchMachine, type Effect, type Flow, type Input } from "@tandem/switch";
import { testConfig, testDn } from "@tandem/switch/testing";
import { benchDns } from "./bench-dns.ts";

const dnCount = Number(process.argv[2]);
const callCount = Number(process.argv[3]);
const numbers = benchDns(dnCount);
const state = switchMachine.create();
let index = 1;
let nowMs = 0;

function step(inputs: readonly Input[]): readonly Effect[] {
  const entropy = (index * 2_654_435_761).toString(16).padStart(32, "5eed0123456789ab");
  const frame = { epoch: 1, firstIndex: index, now: logTime(nowMs), entropy, inputs };
  index += Math.max(1, inputs.length);
  return switchMachine.stepFrame(state, frame);
}

function heapBytes(): number {
  for (let round = 0; round < 4; round += 1) globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

function flow(port: number, host = "127.0.3.50"): Flow {
  const local = { localHost: "127.0.1.10", localPort: 5060 };
  return { transport: "UDP", name: "", ...local, remoteHost: host, remotePort: port };
}

const gateway = flow(5070, "127.0.3.1");
const sdp = [
  "v=0",
  "o=- 1 1 IN IP4 127.0.3.1",
  "s=-",
  "c=IN IP4 127.0.3.1",
  "t=0 0",
  "m=audio 4000 RTP/AVP 0 8 101",
  "a=rtpmap:0 PCMU/8000",
  "a=rtpmap:8 PCMA/8000",
  "a=rtpmap:101 telephone-event/8000",
  "a=sendrecv",
  "",
].join("\r\n");

function register(number: string, order: number): void {
  const text = buildRequest({
    method: "REGISTER",
    uri: "sip:127.0.1.10",
    headers: [
      ["Via", `SIP/2.0/UDP 127.0.3.50:${10_000 + order};branch=z9hG4bKr${order};rport`],
      ["Max-Forwards", "70"],
      ["From", `<sip:${number}@test>;tag=r${order}`],
      ["To", `<sip:${number}@test>`],
      ["Call-ID", `register-${order}-4f9a0c1d2e3b@127.0.3.50`],
      ["CSeq", "1 REGISTER"],
      ["Contact", `<sip:${number}@127.0.3.50:${10_000 + order}>`],
      ["Expires", "3600"],
    ],
  });
  const nonce = `nonce-of-some-length-${order}`;
  const authenticated = { user: number, isStale: false, nonce, nonceCount: 1, challenge: "" };
  step([{ kind: "sip", flow: flow(10_000 + order), text, authenticated }]);
}

function sent(effects: readonly Effect[], begins: string): string {
  for (const effect of effects) {
    if (effect.kind === "sip" && effect.text.startsWith(begins)) return effect.text;
  }
  throw new Error(`the switch did not send ${begins}`);
}

function request(text: string): SipRequest {
  const parsed = parseMessage(text);
  if (!parsed.ok || parsed.value.kind !== "request") throw new Error("not a request");
  return parsed.value;
}

function call(number: string, order: number): void {
  const invite = buildRequest({
    method: "INVITE",
    uri: `sip:${number}@127.0.1.10`,
    headers: [
      ["Via", `SIP/2.0/UDP 127.0.3.1:5070;branch=z9hG4bKi${order};rport`],
      ["Max-Forwards", "70"],
      ["From", `"Caller ${order}" <sip:5550${order}@127.0.3.1>;tag=c${order}`],
      ["To", `<sip:${number}@127.0.1.10>`],
      ["Call-ID", `call-${order}-8d7c6b5a4f3e@127.0.3.1`],
      ["CSeq", "1 INVITE"],
      ["Contact", "<sip:gateway@127.0.3.1:5070>"],
      ["Content-Type", "application/sdp"],
    ],
    body: sdp,
  });
  const out = step([{ kind: "sip", flow: gateway, text: invite, authenticated: null }]);
  const inner = request(sent(out, "INVITE"));
  const contact = `<sip:${number}@127.0.3.50:${10_000 + order}>`;
  const ok = buildResponse(inner, 200, {
    toTag: `phone${order}`,
    headers: [["Contact", contact]],
    body: sdp,
    contentType: "application/sdp",
  });
  const answered = step([
    { kind: "sip", flow: flow(10_000 + order), text: ok, authenticated: null },
  ]);
  const response = parseMessage(sent(answered, "SIP/2.0 200"));
  if (!response.ok || response.value.kind !== "response") throw new Error("not a response");
  const dialog = dialogFromResponse(request(invite), response.value);
  if (dialog === undefined) throw new Error("no dialog");
  const via = `SIP/2.0/UDP 127.0.3.1:5070;branch=z9hG4bKa${order};rport`;
  const ack = dialogRequest(dialog, "ACK", { via, cseq: 1 }).text;
  step([{ kind: "sip", flow: gateway, text: ack, authenticated: null }]);
}

function passTime(ms: number): void {
  const until = nowMs + ms;
  while (nowMs < until) {
    nowMs += 250;
    step([]);
  }
}

const config = testConfig({ dns: numbers.map((number) => testDn(number)) });
step([
  { kind: "epochBegan", epoch: 1, takenOver: false },
  { kind: "wallClock", wallMs: 1_700_000_000_000 },
  { kind: "configured", config },
]);
const empty = heapBytes();
numbers.forEach((number, order) => register(number, order));
passTime(40_000);
const withDns = heapBytes();
numbers.slice(0, callCount).forEach((number, order) => call(number, order));
const inSetUp = heapBytes();
passTime(40_000);
const withCalls = heapBytes();
if (state.calls.size !== callCount) throw new Error(`only ${state.calls.size} calls are up`);
process.stdout.write(
  `${JSON.stringify({
    bytesPerDn: Math.round((withDns - empty) / dnCount),
    bytesPerCall: Math.round((withCalls - withDns) / callCount),
    bytesPerFreshCall: Math.round((inSetUp - withDns) / callCount),
  })}\n`,
);
