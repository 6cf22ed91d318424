import {
  buildRequest,
  buildResponse,
  dialogFromRequest,
  dialogFromResponse,
  dialogRequest,
  headerOf,
  headersOf,
  parseMessage,
  tagOf,
  type Dialog,
  type SipRequest,
  type SipResponse,
} from "@tandem/sip";
import { offerOf } from "./phone.ts";
import type { Address, Script } from "./script.ts";

/**
 * A phone for tests that answers by itself, with as many dialogs as it is given: what it does with
 * a new call its `manner` says, everything in a dialog is accepted. `settle` lets phones and the
 * switch talk until nobody has anything left to say. Where no Call-ID is said, an act is on the
 * latest call that it fits.
 */
export interface AutoPhone {
  readonly user: string;
  readonly address: Address;
  /** NOTIFY talk (AnswerCall) makes it take one that rings. */
  manner: Manner;
  /** How it answers re-INVITE. */
  reinviteStatus: number;
  readonly dialogs: Map<string, AutoDialog>;
  /** First lines of what it received, and bodies of NOTIFY. */
  readonly heard: string[];
  readonly register: (expires?: number) => void;
  /** Returns the Call-ID. An empty offer makes it a delayed one. */
  readonly invite: (number: string, headers?: readonly Header[], offer?: string) => string;
  readonly request: (
    callId: string,
    method: string,
    headers?: readonly Header[],
    body?: string,
  ) => void;
  /** Takes a call that rings. */
  readonly take: (callId?: string) => void;
  readonly refuse: (callId: string, status: number, headers?: readonly Header[]) => void;
  /** Takes back a call that it has made. */
  readonly cancel: (callId?: string) => void;
  /** Leaves a call in whichever way that takes. */
  readonly leave: (callId?: string) => void;
  /** A re-INVITE. */
  readonly offerAgain: (direction: "inactive" | "sendonly" | "sendrecv", callId?: string) => void;
  /** Call-IDs of calls that are not over, oldest first. */
  readonly open: () => string[];
  /** Deals with what was sent to it; false when there was nothing. */
  readonly turn: () => boolean;
}

export type Manner = "answer" | "ring" | "busy" | "silent" | "early";
type Header = readonly [string, string];

export interface AutoDialog {
  dialog: Dialog | null;
  /** The INVITE by which the call came; null for one that it made. */
  readonly invite: SipRequest | null;
  /** Its own latest INVITE. */
  sent: SipRequest | null;
  isAnswered: boolean;
  /** The last session description of the other end. */
  remote: string;
  isOver: boolean;
  lastStatus: number;
}

let count = 0;
let mediaPort = 20_000;

export function createAutoPhone(
  script: Script,
  user: string,
  address: Address,
  manner: Manner = "answer",
): AutoPhone {
  const dialogs = new Map<string, AutoDialog>();
  const knownBy = /^\d{4}$/.test(user) ? user : undefined;
  const heard: string[] = [];
  const transport = address.transport ?? "UDP";
  const contact = `<sip:${user}@${address.host}:${address.port}>`;
  const type = ["Content-Type", "application/sdp"] as const;
  mediaPort += 2;
  const ownPort = mediaPort;
  let register = 0;
  const via = (): string => {
    count += 1;
    return `SIP/2.0/${transport} ${address.host}:${address.port};branch=z9hG4bKa${count};rport`;
  };
  const description = (direction = ""): string => offerOf(address.host, ownPort, direction);
  const send = (text: string): void => void script.sip(address, text, knownBy);
  const requestOf = (text: string): SipRequest => {
    const parsed = parseMessage(text);
    if (!parsed.ok || parsed.value.kind !== "request") throw new Error(`no request: ${text}`);
    return parsed.value;
  };
  const reply = (
    request: SipRequest,
    status: number,
    body = "",
    more: readonly Header[] = [],
  ): void =>
    send(
      buildResponse(request, status, {
        toTag: `t${user}`,
        headers: [
          ...more,
          ["Contact", contact],
          ["Allow", "INVITE, ACK, BYE, CANCEL, UPDATE, INFO, NOTIFY, REFER, PRACK"],
        ],
        ...(body === "" ? {} : { body, contentType: "application/sdp" }),
      }),
    );
  const latest = (fits: (row: AutoDialog) => boolean): string => {
    const found = [...dialogs].findLast(([, row]) => !row.isOver && fits(row));
    if (found === undefined) throw new Error(`${user} has no such call`);
    return found[0];
  };
  const dialogOf = (callId: string): AutoDialog => {
    const known = dialogs.get(callId);
    if (known === undefined) throw new Error(`${user} has no dialog ${callId}`);
    return known;
  };
  /** CANCEL, and the ACK of a refusal: in the INVITE's own transaction. */
  const alongInvite = (sent: SipRequest, method: "CANCEL" | "ACK"): void =>
    send(
      sent.headers.text
        .replace(/^INVITE/, method)
        .replace(/CSeq: (\d+) INVITE/, `CSeq: $1 ${method}`)
        .replace(/Content-Type[\s\S]*$/, "Content-Length: 0\r\n\r\n"),
    );
  function onRequest(request: SipRequest): void {
    const callId = headerOf(request, "call-id") ?? "";
    heard.push(`${request.method}${sipfrag(request)}`);
    const known = dialogs.get(callId);
    const isInside = tagOf(request, "to") !== undefined;
    if (request.method === "CANCEL") return onCancel(request, known);
    if (request.method === "INVITE" && !isInside) {
      // The first one again, repeated because this phone is silent, is not another.
      const isRepeated =
        known?.invite !== null && known?.invite.headers.text === request.headers.text;
      return isRepeated ? undefined : onNewCall(callId, request);
    }
    const isOwn = known !== undefined && isInside;
    if (isOwn && request.body.startsWith("v=")) known.remote = request.body;
    if (request.method === "ACK") return;
    if (isInside && (known === undefined || known.isOver)) return reply(request, 481);
    if (request.method === "INVITE") {
      const { reinviteStatus: status } = api;
      return reply(request, status, status === 200 ? description(answerTo(request)) : "");
    }
    reply(request, 200);
    if (known === undefined) return;
    if (request.method === "BYE") known.isOver = true;
    if (headerOf(request, "event") === "talk" && isWaiting(known)) api.take(callId);
  }
  function onCancel(request: SipRequest, known: AutoDialog | undefined): void {
    reply(request, 200);
    if (known === undefined || known.invite === null || !isWaiting(known)) return;
    reply(known.invite, 487);
    known.isOver = true;
  }
  function onNewCall(callId: string, request: SipRequest): void {
    const row = newDialog({ invite: request, remote: request.body });
    dialogs.delete(callId);
    dialogs.set(callId, row);
    if (api.manner === "busy") return api.refuse(callId, 486);
    if (api.manner === "silent") return;
    if (api.manner === "early") {
      row.dialog = dialogFromRequest(request, `t${user}`) ?? null;
      const reliable = [
        ["Require", "100rel"],
        ["RSeq", "77"],
      ] as const;
      return reply(request, 183, description(), reliable);
    }
    reply(request, 180);
    if (api.manner === "answer") api.take(callId);
  }
  function onResponse(response: SipResponse): void {
    const callId = headerOf(response, "call-id") ?? "";
    const known = dialogs.get(callId);
    const method = (headerOf(response, "cseq") ?? "").split(" ")[1] ?? "";
    heard.push(`${response.status} ${method}`);
    if (known === undefined || known.sent === null || method !== "INVITE") return;
    known.lastStatus = response.status;
    if (response.body.startsWith("v=")) known.remote = response.body;
    if (response.status < 200) return acknowledgeReliable(known, response);
    if (response.status >= 300) {
      if (headerOf(response, "cseq") !== headerOf(known.sent, "cseq")) return;
      if (!known.isAnswered) known.isOver = true;
      return alongInvite(known.sent, "ACK");
    }
    known.dialog ??= dialogFromResponse(known.sent, response) ?? null;
    if (known.dialog === null) return;
    if (!known.isAnswered) known.isOver = false; // it was taken before a CANCEL came
    known.isAnswered = true;
    const cseq = parseInt(headerOf(response, "cseq") ?? "1", 10);
    const isOffer = known.sent.body === "";
    const headers = isOffer ? [type] : [];
    const body = isOffer ? description() : "";
    send(dialogRequest(known.dialog, "ACK", { via: via(), headers, body, cseq }).text);
  }
  function acknowledgeReliable(row: AutoDialog, response: SipResponse): void {
    const rseq = headerOf(response, "rseq");
    if (rseq === undefined || row.sent === null) return;
    row.dialog ??= dialogFromResponse(row.sent, response) ?? null;
    if (row.dialog === null) return;
    const headers = [["RAck", `${rseq} 1 INVITE`]] as const;
    send(dialogRequest(row.dialog, "PRACK", { via: via(), headers }).text);
  }
  const api: AutoPhone = {
    user,
    address,
    manner,
    reinviteStatus: 200,
    dialogs,
    heard,
    register(expires = 3_600) {
      register += 1;
      send(
        buildRequest({
          method: "REGISTER",
          uri: "sip:127.0.1.10",
          headers: [
            ["Via", via()],
            ["Max-Forwards", "70"],
            ["From", `<sip:${user}@test>;tag=r`],
            ["To", `<sip:${user}@test>`],
            ["Call-ID", `register-${user}-${address.host}:${address.port}`],
            ["CSeq", `${register} REGISTER`],
            ["Contact", contact],
            ["Expires", String(expires)],
          ],
        }),
      );
    },
    invite(number, headers = [], offer = description()) {
      count += 1;
      const callId = `call-${user}-${count}`;
      const text = buildRequest({
        method: "INVITE",
        uri: `sip:${number}@127.0.1.10`,
        headers: [
          ["Via", via()],
          ["Max-Forwards", "70"],
          ["From", `<sip:${user}@test>;tag=f${count}`],
          ["To", `<sip:${number}@127.0.1.10>`],
          ["Call-ID", callId],
          ["CSeq", "1 INVITE"],
          ["Contact", contact],
          ["Allow", "INVITE, ACK, BYE, CANCEL, UPDATE, INFO, NOTIFY, REFER, PRACK"],
          ...headers,
          ...(offer === "" ? [] : [type]),
        ],
        body: offer,
      });
      dialogs.set(callId, newDialog({ sent: requestOf(text) }));
      send(text);
      return callId;
    },
    request(callId, method, headers = [], body = "") {
      const row = dialogOf(callId);
      if (row.dialog === null) throw new Error(`${callId} is not answered`);
      const all = body === "" ? headers : [...headers, type];
      const { text } = dialogRequest(row.dialog, method, {
        via: via(),
        contact,
        headers: all,
        body,
      });
      if (method === "INVITE") row.sent = requestOf(text);
      if (method === "BYE") row.isOver = true;
      send(text);
    },
    take(callId = latest(isWaiting)) {
      const row = dialogOf(callId);
      if (row.invite === null) return;
      row.dialog ??= dialogFromRequest(row.invite, `t${user}`) ?? null;
      row.isAnswered = true;
      reply(row.invite, 200, description());
    },
    refuse(callId, status, headers = []) {
      const row = dialogOf(callId);
      row.isOver = true;
      if (row.invite !== null) reply(row.invite, status, "", headers);
    },
    cancel(callId = latest((row) => row.invite === null && !row.isAnswered)) {
      const { sent } = dialogOf(callId);
      if (sent !== null) alongInvite(sent, "CANCEL");
    },
    leave(callId = latest(() => true)) {
      const row = dialogOf(callId);
      if (row.isAnswered) return api.request(callId, "BYE");
      if (row.invite !== null) return api.refuse(callId, 480);
      row.isOver = true;
      api.cancel(callId);
    },
    offerAgain(direction, callId = latest((row) => row.isAnswered)) {
      api.request(callId, "INVITE", [], description(direction));
    },
    open: () => [...dialogs].flatMap(([callId, row]) => (row.isOver ? [] : [callId])),
    turn() {
      const messages = script.sent(address);
      for (const { message } of messages) {
        if (message.kind === "request") onRequest(message);
        else onResponse(message);
      }
      return messages.length > 0;
    },
  };
  return api;
}

/** A registered phone at 127.0.3.`last`. */
export function autoPhoneAt(script: Script, user: string, last: number): AutoPhone {
  const phone = createAutoPhone(script, user, { host: `127.0.3.${last}`, port: 5060 });
  phone.register();
  settle(phone);
  return phone;
}

/** Phones and switch talk until all is said; a conversation without end fails the test. */
export function settle(...phones: readonly AutoPhone[]): void {
  for (let round = 0; round < 100; round += 1) {
    let isQuiet = true;
    for (const phone of phones) if (phone.turn()) isQuiet = false;
    if (isQuiet) return;
  }
  throw new Error("the phones never stop talking");
}

const isWaiting = (row: AutoDialog): boolean =>
  row.invite !== null && !row.isAnswered && !row.isOver;

function newDialog(own: Partial<AutoDialog>): AutoDialog {
  return {
    dialog: null,
    invite: null,
    sent: null,
    isAnswered: false,
    remote: "",
    isOver: false,
    lastStatus: 0,
    ...own,
  };
}

/** RFC 3264 §6.1: the direction of an answer. */
function answerTo(request: SipRequest): string {
  if (/a=inactive/.test(request.body)) return "inactive";
  if (/a=sendonly/.test(request.body)) return "recvonly";
  return /a=recvonly/.test(request.body) ? "sendonly" : "";
}

function sipfrag(request: SipRequest): string {
  const type = headersOf(request, "content-type")[0] ?? "";
  return type.startsWith("message/sipfrag") ? ` ${request.body.trim()}` : "";
}
