/**
 * The real switch in one process, with so many registered DNs and so many established calls of a
 * gateway's: for benches of what a state costs.
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
import {
  switchMachine,
  type Effect,
  type Flow,
  type Input,
  type SwitchState,
} from "@tandem/switch";
import { testConfig, testDn } from "@tandem/switch/testing";
import { benchDns } from "./bench-dns.ts";

export interface BenchState {
  readonly state: SwitchState;
  readonly numbers: readonly string[];
  /** One frame. */
  readonly step: (inputs: readonly Input[]) => readonly Effect[];
  readonly pass: (ms: number) => void;
  readonly register: (order: number) => void;
  /** From the gateway to the DN of this order; the number of a call is used once. */
  readonly call: (order: number, callNumber?: number) => void;
}

export function createBenchState(dnCount: number): BenchState {
  const numbers = benchDns(dnCount);
  const state = switchMachine.create();
  let index = 1;
  let nowMs = 0;
  const bench: BenchState = {
    state,
    numbers,
    step(inputs) {
      const entropy = (index * 2_654_435_761).toString(16).padStart(32, "5eed0123456789ab");
      const frame = { epoch: 1, firstIndex: index, now: logTime(nowMs), entropy, inputs };
      index += Math.max(1, inputs.length);
      return switchMachine.stepFrame(state, frame);
    },
    pass(ms) {
      const until = nowMs + ms;
      while (nowMs < until) {
        nowMs += 250;
        bench.step([]);
      }
    },
    register: (order) => register(bench, numbers[order] ?? "", order),
    call: (order, callNumber = order) => call(bench, numbers[order] ?? "", order, callNumber),
  };
  bench.step([
    { kind: "epochBegan", epoch: 1, takenOver: false },
    { kind: "wallClock", wallMs: 1_700_000_000_000 },
    { kind: "configured", config: testConfig({ dns: numbers.map((each) => testDn(each)) }) },
  ]);
  return bench;
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

function register(bench: BenchState, number: string, order: number): void {
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
  bench.step([{ kind: "sip", flow: flow(10_000 + order), text, authenticated }]);
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

function call(bench: BenchState, number: string, order: number, callNumber: number): void {
  const invite = buildRequest({
    method: "INVITE",
    uri: `sip:${number}@127.0.1.10`,
    headers: [
      ["Via", `SIP/2.0/UDP 127.0.3.1:5070;branch=z9hG4bKi${callNumber};rport`],
      ["Max-Forwards", "70"],
      ["From", `"Caller ${callNumber}" <sip:5550${callNumber}@127.0.3.1>;tag=c${callNumber}`],
      ["To", `<sip:${number}@127.0.1.10>`],
      ["Call-ID", `call-${callNumber}-8d7c6b5a4f3e@127.0.3.1`],
      ["CSeq", "1 INVITE"],
      ["Contact", "<sip:gateway@127.0.3.1:5070>"],
      ["Content-Type", "application/sdp"],
    ],
    body: sdp,
  });
  const out = bench.step([{ kind: "sip", flow: gateway, text: invite, authenticated: null }]);
  const inner = request(sent(out, "INVITE"));
  const contact = `<sip:${number}@127.0.3.50:${10_000 + order}>`;
  const ok = buildResponse(inner, 200, {
    toTag: `phone${callNumber}`,
    headers: [["Contact", contact]],
    body: sdp,
    contentType: "application/sdp",
  });
  const answered = bench.step([
    { kind: "sip", flow: flow(10_000 + order), text: ok, authenticated: null },
  ]);
  const response = parseMessage(sent(answered, "SIP/2.0 200"));
  if (!response.ok || response.value.kind !== "response") throw new Error("not a response");
  const dialog = dialogFromResponse(request(invite), response.value);
  if (dialog === undefined) throw new Error("no dialog");
  const via = `SIP/2.0/UDP 127.0.3.1:5070;branch=z9hG4bKa${callNumber};rport`;
  const ack = dialogRequest(dialog, "ACK", { via, cseq: 1 }).text;
  bench.step([{ kind: "sip", flow: gateway, text: ack, authenticated: null }]);
}
