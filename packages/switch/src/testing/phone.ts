import {
  buildRequest,
  buildResponse,
  dialogFromRequest,
  dialogFromResponse,
  dialogRequest,
  parseMessage,
  type Dialog,
  type SipRequest,
  type SipResponse,
} from "@tandem/sip";
import { requestIn, responseIn, type Address, type Script } from "./script.ts";

/** A phone or gateway in a test, word by word: it says what it is told to, and keeps its dialog. */
export interface TestPhone {
  readonly address: Address;
  readonly register: (expires?: number) => void;
  /** INVITE; the phone is then a caller. An empty offer makes it a delayed one. */
  readonly invite: (number: string, offer?: string, headers?: Header[]) => void;
  /** Answers the INVITE that came last. */
  readonly respond: (status: number, description?: string) => void;
  readonly ack: (answer?: string) => void;
  readonly cancel: () => void;
  readonly request: (method: string, body?: string) => void;
  /** Answers a request that came in the dialog. */
  readonly reply: (request: SipRequest, status: number, description?: string) => void;
  /** The ACK of the failure response that came last, in the INVITE's transaction. */
  readonly ackFailure: () => void;
  /** The ACK of a 2xx to a re-INVITE of this phone's. */
  readonly ackLast: () => void;
  /** A BYE that names a Call-ID but no tag of its dialog. */
  readonly strangeBye: (callId: string) => void;
  /** Takes the dialog from the 2xx that the caller got. */
  readonly answered: (response: SipResponse) => void;
  readonly heard: () => ReturnType<Script["sent"]>;
}

export function offerOf(host: string, port: number, direction = ""): string {
  return [
    "v=0",
    `o=- 1 1 IN IP4 ${host}`,
    "s=-",
    `c=IN IP4 ${host}`,
    "t=0 0",
    `m=audio ${port} RTP/AVP 0`,
    ...(direction === "" ? [] : [`a=${direction}`]),
    "",
  ].join("\r\n");
}

/** Counts over all phones of a test: one registered twice must not repeat a branch. */
let count = 0;

export function createPhone(script: Script, user: string, address: Address): TestPhone {
  let invited: SipRequest | null = null;
  let sentInvite: SipRequest | null = null;
  let dialog: Dialog | null = null;
  const isTrunk = !/^\d{4}$/.test(user);
  const who = isTrunk ? undefined : user;
  const transport = address.transport ?? "UDP";
  const via = (): string => {
    count += 1;
    const sentBy = `${address.host}:${address.port}`;
    return `SIP/2.0/${transport} ${sentBy};branch=z9hG4bK${user}${count};rport`;
  };
  const contact = `<sip:${user}@${address.host}:${address.port}>`;
  const type = ["Content-Type", "application/sdp"] as const;
  function outside(
    method: string,
    uri: string,
    to: string,
    body: string,
    more: Header[],
  ): SipRequest {
    const text = buildRequest({
      method,
      uri,
      headers: [
        ["Via", via()],
        ["Max-Forwards", "70"],
        ["From", `<sip:${user}@test>;tag=t${user}${count}`],
        ["To", `<${to}>`],
        ["Call-ID", `${method}-${user}-${count}`],
        ["CSeq", `1 ${method}`],
        ["Contact", contact],
        ...more,
        ...(body === "" ? [] : [type]),
      ],
      body,
    });
    script.sip(address, text, who);
    return requestOf(text);
  }
  return {
    address,
    register(expires = 60) {
      const text = buildRequest({
        method: "REGISTER",
        uri: "sip:127.0.1.10",
        headers: [
          ["Via", via()],
          ["Max-Forwards", "70"],
          ["From", `<sip:${user}@test>;tag=r`],
          ["To", `<sip:${user}@test>`],
          ["Call-ID", `register-${user}`],
          ["CSeq", `${count} REGISTER`],
          ["Contact", contact],
          ["Expires", String(expires)],
        ],
      });
      script.sip(address, text, who);
    },
    invite(number, offer = offerOf(address.host, 4000), headers = []) {
      dialog = null;
      const uri = `sip:${number}@127.0.1.10`;
      sentInvite = outside("INVITE", uri, uri, offer, headers);
    },
    respond(status, description = "") {
      if (invited === null) throw new Error(`${user} was not invited`);
      if (dialog === null && status > 100)
        dialog = dialogFromRequest(invited, `tag${user}`) ?? null;
      script.sip(address, responseTo(invited, status, `tag${user}`, contact, description));
    },
    ack(answer = "") {
      if (dialog === null || sentInvite === null) throw new Error(`${user} has no dialog`);
      const headers = answer === "" ? [] : [type];
      script.sip(
        address,
        dialogRequest(dialog, "ACK", { via: via(), headers, body: answer, cseq: dialog.localCseq })
          .text,
      );
    },
    cancel() {
      if (sentInvite === null) throw new Error(`${user} sent no INVITE`);
      const text = sentInvite.headers.text
        .replace(/^INVITE/, "CANCEL")
        .replace("1 INVITE", "1 CANCEL")
        .replace(/Content-Type[\s\S]*$/, "Content-Length: 0\r\n\r\n");
      script.sip(address, text);
    },
    ackFailure() {
      if (sentInvite === null) throw new Error(`${user} sent no INVITE`);
      const text = sentInvite.headers.text
        .replace(/^INVITE/, "ACK")
        .replace("1 INVITE", "1 ACK")
        .replace(/Content-Type[\s\S]*$/, "Content-Length: 0\r\n\r\n");
      script.sip(address, text);
    },
    ackLast() {
      if (dialog === null) throw new Error(`${user} has no dialog`);
      const cseq = dialog.localCseq;
      script.sip(address, dialogRequest(dialog, "ACK", { via: via(), cseq }).text);
    },
    strangeBye(callId) {
      const text = buildRequest({
        method: "BYE",
        uri: "sip:127.0.1.10",
        headers: [
          ["Via", via()],
          ["Max-Forwards", "70"],
          ["From", `<sip:${user}@test>;tag=guess`],
          ["To", "<sip:1001@test>;tag=guess"],
          ["Call-ID", callId],
          ["CSeq", "2 BYE"],
        ],
      });
      script.sip(address, text);
    },
    request(method, body = "") {
      if (dialog === null) throw new Error(`${user} has no dialog`);
      const headers = body === "" ? [] : [type];
      script.sip(
        address,
        dialogRequest(dialog, method, { via: via(), contact, headers, body }).text,
      );
    },
    reply(request, status, description = "") {
      script.sip(address, responseTo(request, status, `tag${user}`, contact, description));
    },
    answered(response) {
      if (sentInvite === null) throw new Error(`${user} sent no INVITE`);
      dialog = dialogFromResponse(sentInvite, response) ?? null;
    },
    heard() {
      const messages = script.sent(address);
      const invite = messages.findLast(({ first }) => first.startsWith("INVITE "));
      if (invite?.message.kind === "request") invited = invite.message;
      return messages;
    },
  };
}

type Header = readonly [string, string];

function responseTo(
  request: SipRequest,
  status: number,
  toTag: string,
  contact: string,
  description: string,
): string {
  return buildResponse(request, status, {
    toTag,
    headers: [["Contact", contact]],
    ...(description === "" ? {} : { body: description, contentType: "application/sdp" }),
  });
}

function requestOf(text: string): SipRequest {
  return requestIn([{ text, first: "", message: parsed(text) }], text.slice(0, text.indexOf(" ")));
}

function parsed(text: string): SipRequest {
  const result = parseMessage(text);
  if (!result.ok || result.value.kind !== "request") throw new Error(`not a request: ${text}`);
  return result.value;
}

/** Caller and callee in an established call: the usual beginning of a test. */
export function connect(caller: TestPhone, callee: TestPhone, number: string): void {
  caller.invite(number);
  callee.heard();
  callee.respond(180);
  callee.respond(200, offerOf(callee.address.host, 5000));
  caller.answered(responseIn(caller.heard(), 200));
  caller.ack();
  callee.heard();
}

/** A phone that is registered, and has read the answer. */
export function registeredPhone(script: Script, user: string, address: Address): TestPhone {
  const phone = createPhone(script, user, address);
  phone.register();
  phone.heard();
  return phone;
}
