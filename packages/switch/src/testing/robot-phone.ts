import {
  buildRequest,
  buildResponse,
  callIdOf,
  dialogFromRequest,
  dialogFromResponse,
  dialogRequest,
  headerOf,
  parseMessage,
  type Dialog,
  type SipRequest,
  type SipResponse,
} from "@tandem/sip";
import { offerOf } from "./phone.ts";
import type { Address, Script } from "./script.ts";

/**
 * A phone that answers for itself, with as many calls as come: it does what a phone does with
 * re-INVITEs, BYE, CANCEL and the rest, and with a new call what its `manner` says. `settle` lets
 * a set of them talk with the switch until all is quiet.
 */
export interface RobotPhone {
  readonly user: string;
  /** What it does with a new call; AnswerCall's NOTIFY talk makes it answer one that rings. */
  manner: "ring" | "answer" | "busy" | "silent";
  readonly register: () => void;
  readonly dial: (number: string) => void;
  /** Acts on the call that came or was made last. */
  readonly answer: () => void;
  readonly hangUp: () => void;
  /** Takes back a call that it has dialled. */
  readonly cancel: () => void;
  /** Leaves its latest call in whichever way that takes. */
  readonly leave: () => void;
  /** Calls that are not over. */
  readonly callCount: () => number;
  readonly offerAgain: (direction: "inactive" | "sendrecv") => void;
  /** Handles what was sent to it; the number of messages. */
  readonly pump: () => number;
}

interface PhoneCall {
  readonly callId: string;
  invite: SipRequest;
  dialog: Dialog | null;
  readonly isIncoming: boolean;
  state: "begun" | "answered" | "over";
}

export function createRobot(script: Script, user: string, address: Address): RobotPhone {
  const calls = new Map<string, PhoneCall>();
  const isTrunk = !/^\d{4}$/.test(user);
  const who = isTrunk ? undefined : user;
  const contact = `<sip:${user}@${address.host}:${address.port}>`;
  const sdp = (direction = ""): string => offerOf(address.host, 4_000, direction);
  let count = 0;

  function via(): string {
    count += 1;
    return `SIP/2.0/UDP ${address.host}:${address.port};branch=z9hG4bKrobot${user}${count};rport`;
  }

  function send(text: string): void {
    script.sip(address, text, who);
  }

  function outside(method: string, number: string, body: string): SipRequest {
    const text = buildRequest({
      method,
      uri: `sip:${number}@127.0.1.10`,
      headers: [
        ["Via", via()],
        ["Max-Forwards", "70"],
        ["From", `<sip:${user}@test>;tag=r${count}`],
        ["To", `<sip:${number}@test>`],
        ["Call-ID", `${method}-robot-${user}-${method === "REGISTER" ? "" : count}`],
        ["CSeq", `${method === "REGISTER" ? count : 1} ${method}`],
        ["Contact", contact],
        ...(method === "REGISTER" ? [["Expires", "3600"] as const] : []),
        ...(body === "" ? [] : [["Content-Type", "application/sdp"] as const]),
      ],
      body,
    });
    send(text);
    return requestOf(text);
  }

  function respond(request: SipRequest, status: number, body = ""): void {
    const type = body === "" ? {} : { body, contentType: "application/sdp" };
    const parts = { toTag: `t${user}`, headers: [["Contact", contact] as const], ...type };
    send(buildResponse(request, status, parts));
  }

  function accept(call: PhoneCall): void {
    if (call.state !== "begun" || !call.isIncoming) return;
    call.state = "answered";
    respond(call.invite, 200, sdp());
  }

  function inDialog(call: PhoneCall, method: string, body = ""): void {
    if (call.dialog === null) throw new Error(`${user} has no dialog for ${method}`);
    const headers = body === "" ? [] : [["Content-Type", "application/sdp"] as const];
    const parts = { via: via(), contact, headers, body };
    const { text } = dialogRequest(call.dialog, method, parts);
    if (method === "INVITE") call.invite = requestOf(text);
    send(text);
  }

  /** CANCEL, and the ACK of a refusal: in the INVITE's own transaction. */
  function alongInvite(call: PhoneCall, method: "CANCEL" | "ACK"): void {
    const text = call.invite.headers.text
      .replace(/^INVITE/, method)
      .replace(/(\d+) INVITE/, `$1 ${method}`)
      .replace(/Content-Type[\s\S]*$/, "Content-Length: 0\r\n\r\n");
    send(text);
  }

  function onRequest(request: SipRequest, manner: RobotPhone["manner"]): void {
    const callId = callIdOf(request) ?? "";
    const known = calls.get(callId);
    switch (request.method) {
      case "ACK":
        return;
      case "INVITE":
        // The first one again, repeated because this phone is silent, is not another.
        if (known !== undefined && known.state === "begun") return;
        if (known !== undefined) return respond(request, 200, sdp(answerTo(request)));
        return onNewCall(callId, request, manner);
      case "CANCEL":
        respond(request, 200);
        if (known !== undefined) respond(known.invite, 487);
        if (known !== undefined) known.state = "over";
        return;
      case "NOTIFY":
        respond(request, 200);
        if (known !== undefined && headerOf(request, "event") === "talk") accept(known);
        return;
      default:
        respond(request, 200);
        if (request.method === "BYE" && known !== undefined) known.state = "over";
    }
  }

  function onNewCall(callId: string, request: SipRequest, manner: RobotPhone["manner"]): void {
    const dialog = dialogFromRequest(request, `t${user}`) ?? null;
    const call: PhoneCall = { callId, invite: request, dialog, isIncoming: true, state: "begun" };
    calls.delete(callId);
    calls.set(callId, call);
    if (manner === "silent") return;
    if (manner === "busy") {
      call.state = "over";
      return respond(request, 486);
    }
    respond(request, 180);
    if (manner === "answer") accept(call);
  }

  function onResponse(response: SipResponse): void {
    const call = calls.get(callIdOf(response) ?? "");
    const isInvite = (headerOf(response, "cseq") ?? "").endsWith("INVITE");
    if (call === undefined || !isInvite || response.status < 200) return;
    if (response.status >= 300) {
      if (call.state === "begun") call.state = "over";
      return alongInvite(call, "ACK");
    }
    if (call.dialog === null) {
      call.dialog = dialogFromResponse(call.invite, response) ?? null;
      call.state = "answered";
    }
    if (call.dialog === null) return;
    const cseq = Number.parseInt(headerOf(response, "cseq") ?? "1", 10);
    send(dialogRequest(call.dialog, "ACK", { via: via(), cseq }).text);
  }

  function last(states: readonly PhoneCall["state"][]): PhoneCall {
    const call = [...calls.values()].findLast(({ state }) => states.includes(state));
    if (call === undefined) throw new Error(`${user} has no such call`);
    return call;
  }

  const robot: RobotPhone = {
    user,
    manner: "ring",
    register: () => void outside("REGISTER", user, ""),
    dial(number) {
      const invite = outside("INVITE", number, sdp());
      const callId = callIdOf(invite) ?? "";
      calls.set(callId, { callId, invite, dialog: null, isIncoming: false, state: "begun" });
    },
    answer: () => accept(last(["begun"])),
    hangUp() {
      const call = last(["answered"]);
      call.state = "over";
      inDialog(call, "BYE");
    },
    leave() {
      const call = last(["begun", "answered"]);
      if (call.state === "answered") return robot.hangUp();
      call.state = "over";
      if (call.isIncoming) respond(call.invite, 480);
      else alongInvite(call, "CANCEL");
    },
    callCount: () => [...calls.values()].filter(({ state }) => state !== "over").length,
    cancel: () => alongInvite(last(["begun"]), "CANCEL"),
    offerAgain: (direction) => inDialog(last(["answered"]), "INVITE", sdp(direction)),
    pump() {
      const messages = script.sent(address);
      for (const { message } of messages) {
        if (message.kind === "request") onRequest(message, robot.manner);
        else onResponse(message);
      }
      return messages.length;
    },
  };
  return robot;
}

export function settle(robots: readonly RobotPhone[]): void {
  for (let round = 0; round < roundsMax; round += 1) {
    let moved = 0;
    for (const robot of robots) moved += robot.pump();
    if (moved === 0) return;
  }
  throw new Error("the phones talk without end");
}

const roundsMax = 100;

/** RFC 3264 §6.1: the direction of an answer. */
function answerTo(request: SipRequest): string {
  if (/a=inactive/.test(request.body)) return "inactive";
  if (/a=sendonly/.test(request.body)) return "recvonly";
  return /a=recvonly/.test(request.body) ? "sendonly" : "";
}

function requestOf(text: string): SipRequest {
  const result = parseMessage(text);
  if (!result.ok || result.value.kind !== "request") throw new Error(`not a request: ${text}`);
  return result.value;
}
