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
 * A phone for tests that answers by itself, with as many dialogs as it is given: every new call
 * rings and is taken (or as told), everything in a dialog is accepted. `settle` lets phones and the
 * switch talk until nobody has anything left to say.
 */
export interface AutoPhone {
  readonly user: string;
  readonly address: Address;
  /** What it does with a new call; `answer` unless told otherwise. */
  manner: "answer" | "ring" | "busy" | "silent" | "early";
  readonly dialogs: Map<string, AutoDialog>;
  /** First lines of what it received, and bodies of NOTIFY. */
  readonly heard: string[];
  readonly register: () => void;
  /** Returns the Call-ID. */
  readonly invite: (number: string, headers?: readonly (readonly [string, string])[]) => string;
  readonly request: (
    callId: string,
    method: string,
    headers?: readonly (readonly [string, string])[],
    body?: string,
  ) => void;
  /** Takes a call that rings. */
  readonly take: (callId: string) => void;
  readonly refuse: (callId: string, status: number) => void;
  readonly cancel: (callId: string) => void;
  /** Deals with what was sent to it; false when there was nothing. */
  readonly turn: () => boolean;
}

export interface AutoDialog {
  dialog: Dialog | null;
  invite: SipRequest | null;
  sent: SipRequest | null;
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
  knownBy: string | null = user,
): AutoPhone {
  const dialogs = new Map<string, AutoDialog>();
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
  const description = (): string => offerOf(address.host, ownPort);
  const send = (text: string, who?: string): void => void script.sip(address, text, who);
  const requestOf = (text: string): SipRequest => {
    const parsed = parseMessage(text);
    if (!parsed.ok || parsed.value.kind !== "request") throw new Error(`no request: ${text}`);
    return parsed.value;
  };
  const reply = (
    request: SipRequest,
    status: number,
    body = "",
    more: readonly (readonly [string, string])[] = [],
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
  const dialogOf = (callId: string): AutoDialog => {
    const known = dialogs.get(callId);
    if (known === undefined) throw new Error(`${user} has no dialog ${callId}`);
    return known;
  };
  function onRequest(request: SipRequest): void {
    const callId = headerOf(request, "call-id") ?? "";
    heard.push(`${request.method}${sipfrag(request)}`);
    const known = dialogs.get(callId);
    if (request.body.startsWith("v=") && known !== undefined) known.remote = request.body;
    switch (request.method) {
      case "ACK":
        return;
      case "CANCEL":
        reply(request, 200);
        if (known?.invite) reply(known.invite, 487);
        if (known !== undefined) known.isOver = true;
        return;
      case "BYE":
        reply(request, 200);
        if (known !== undefined) known.isOver = true;
        return;
      case "INVITE":
        if (tagOf(request, "to") !== undefined) return reply(request, 200, description());
        return onNewCall(callId, request);
      default:
        return reply(request, 200);
    }
  }
  function onNewCall(callId: string, request: SipRequest): void {
    const remote = request.body;
    const row: AutoDialog = {
      dialog: null,
      invite: request,
      sent: null,
      remote,
      isOver: false,
      lastStatus: 0,
    };
    dialogs.set(callId, row);
    if (api.manner === "busy") return reply(request, 486);
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
      known.isOver = known.dialog === null;
      return send(
        known.sent.headers.text
          .replace(/^INVITE/, "ACK")
          .replace(/CSeq: (\d+) INVITE/, "CSeq: $1 ACK")
          .replace(/Content-Type[\s\S]*$/, "Content-Length: 0\r\n\r\n"),
      );
    }
    known.dialog ??= dialogFromResponse(known.sent, response) ?? null;
    if (known.dialog === null) return;
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
    manner: "answer",
    dialogs,
    heard,
    register() {
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
            ["Expires", "3600"],
          ],
        }),
        user,
      );
    },
    invite(number, headers = []) {
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
          type,
        ],
        body: description(),
      });
      const sent = requestOf(text);
      dialogs.set(callId, {
        dialog: null,
        invite: null,
        sent,
        remote: "",
        isOver: false,
        lastStatus: 0,
      });
      send(text, knownBy ?? undefined);
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
    take(callId) {
      const row = dialogOf(callId);
      if (row.invite === null) return;
      row.dialog ??= dialogFromRequest(row.invite, `t${user}`) ?? null;
      reply(row.invite, 200, description());
    },
    refuse(callId, status) {
      const row = dialogOf(callId);
      row.isOver = true;
      if (row.invite !== null) reply(row.invite, status);
    },
    cancel(callId) {
      const { sent } = dialogOf(callId);
      if (sent === null) return;
      send(
        sent.headers.text
          .replace(/^INVITE/, "CANCEL")
          .replace(/CSeq: (\d+) INVITE/, "CSeq: $1 CANCEL")
          .replace(/Content-Type[\s\S]*$/, "Content-Length: 0\r\n\r\n"),
      );
    },
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

/** Phones and switch talk until all is said; a conversation without end fails the test. */
export function settle(...phones: readonly AutoPhone[]): void {
  for (let round = 0; round < 100; round += 1) {
    let isQuiet = true;
    for (const phone of phones) if (phone.turn()) isQuiet = false;
    if (isQuiet) return;
  }
  throw new Error("the phones never stop talking");
}

function sipfrag(request: SipRequest): string {
  const type = headersOf(request, "content-type")[0] ?? "";
  return type.startsWith("message/sipfrag") ? ` ${request.body.trim()}` : "";
}
