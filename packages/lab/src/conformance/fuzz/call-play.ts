/**
 * Mutated messages inside a call that lives: a gateway calls a DN, its phone answers, somebody
 * holds, refers or hangs up, and any of the messages may be mutated on its way. So the deep states
 * are met, where a message without a dialog never comes.
 */
import { chance, nextInt, pick, type Random } from "@tandem/kernel";
import {
  ackForFailure,
  buildRequest,
  buildResponse,
  cancelFor,
  dialogFromRequest,
  dialogFromResponse,
  dialogRequest,
  parseMessage,
  type Dialog,
  type SipMessage,
  type SipRequest,
} from "@tandem/sip";
import type { Address, Subject } from "../subject.ts";
import { mutate } from "./mutate.ts";

export interface CallPlay {
  readonly subject: Subject;
  readonly random: Random;
  readonly caller: Address;
  readonly callee: Address;
  readonly dn: string;
  /** Per mille of the messages that are mutated. */
  readonly mutatedPerMille: number;
  readonly other: string;
  /** A desktop asks for something. */
  readonly ask: () => void;
  readonly send: (from: Address, text: string) => void;
}

let count = 0;
const session = "v=0\r\no=- 1 1 IN IP4 127.0.3.1\r\ns=-\r\nc=IN IP4 127.0.3.1\r\nt=0 0\r\n";
const sdp = `${session}m=audio 4000 RTP/AVP 0\r\n`;
const type = ["Content-Type", "application/sdp"] as const;
const turnsMax = 14;

/** One call from its INVITE to wherever chance takes it. */
export function playCall(play: CallPlay): void {
  const { random, caller, callee } = play;
  count += 1;
  const invite = requestOf(inviteText(play));
  say(play, caller, invite.headers.text + invite.body);
  let callerDialog: Dialog | null = null;
  let calleeDialog: Dialog | null = null;
  for (let turn = 0; turn < turnsMax; turn += 1) {
    for (const message of heard(play, callee)) {
      if (message.kind === "response") continue;
      const answered = respond(play, message);
      if (message.method === "INVITE" && answered) {
        calleeDialog ??= dialogFromRequest(message, tagOfCallee) ?? null;
      }
    }
    for (const message of heard(play, caller)) {
      if (message.kind === "request") void respond(play, message);
      else callerDialog ??= onResponse(play, invite, message);
    }
    const dialog = pick(random, [callerDialog, calleeDialog]);
    if (dialog !== null && chance(random, 500)) {
      say(play, dialog === callerDialog ? caller : callee, inDialog(play, dialog));
    }
    if (chance(random, 60)) say(play, caller, cancelFor(invite));
    if (chance(random, 120)) play.ask();
    if (chance(random, 300)) play.subject.pass(nextInt(random, 1, 40_000));
  }
}

const tagOfCallee = "callee";

function inviteText({ caller, dn, random }: CallPlay): string {
  const isDelayed = chance(random, 200);
  return buildRequest({
    method: "INVITE",
    uri: `sip:${dn}@127.0.1.10`,
    headers: [
      ["Via", via(caller)],
      ["Max-Forwards", "70"],
      ["From", `<sip:5551234@127.0.3.1>;tag=caller${count}`],
      ["To", `<sip:${dn}@127.0.1.10>`],
      ["Call-ID", `fuzz-${count}`],
      ["CSeq", "1 INVITE"],
      ["Contact", `<sip:5551234@${caller.host}:${caller.port}>`],
      ...(chance(random, 300) ? [["Supported", "100rel, timer"] as const] : []),
      ...(isDelayed ? [] : [type]),
    ],
    body: isDelayed ? "" : sdp,
  });
}

function via({ transport, host, port }: Address): string {
  count += 1;
  return `SIP/2.0/${transport} ${host}:${port};branch=z9hG4bKfuzz${count};rport`;
}

function heard({ subject }: CallPlay, at: Address): readonly SipMessage[] {
  return subject
    .take(({ to }) => to.host === at.host && to.port === at.port)
    .map(({ message }) => message);
}

/** Answers a request in one of the ways that happen; false where nothing was said. */
function respond(play: CallPlay, request: SipRequest): boolean {
  const { random, callee } = play;
  if (request.method === "ACK" || chance(random, 100)) return false;
  const statuses = request.method === "INVITE" ? inviteStatuses : otherStatuses;
  const from = callee;
  for (let many = nextInt(random, 1, 3); many > 0; many -= 1) {
    const status = pick(random, statuses);
    const isWithBody = request.method === "INVITE" && status < 300 && chance(random, 800);
    const text = buildResponse(request, status, {
      toTag: chance(random, 900) ? tagOfCallee : `fork${nextInt(random, 1, 3)}`,
      headers: [
        ["Contact", `<sip:1001@${from.host}:${from.port}>`],
        ...(chance(random, 200) ? [["Require", "100rel"] as const, ["RSeq", "1"] as const] : []),
      ],
      ...(isWithBody ? { body: sdp, contentType: "application/sdp" } : {}),
    });
    say(play, from, text);
  }
  return true;
}

const inviteStatuses = [
  100, 180, 180, 183, 199, 200, 200, 200, 200, 302, 401, 404, 486, 487, 503, 603,
];
const otherStatuses = [200, 200, 200, 202, 404, 481, 491, 500];

function onResponse(play: CallPlay, invite: SipRequest, response: SipMessage): Dialog | null {
  if (response.kind === "request" || response.status < 200) return null;
  if (response.status >= 300) {
    say(play, play.caller, ackForFailure(invite, response));
    return null;
  }
  const dialog = dialogFromResponse(invite, response) ?? null;
  if (dialog !== null) {
    const parts = { via: via(play.caller), cseq: dialog.localCseq };
    say(play, play.caller, dialogRequest(dialog, "ACK", parts).text);
  }
  return dialog;
}

function inDialog({ random, caller }: CallPlay, dialog: Dialog): string {
  const method = pick(random, dialogMethods);
  const isWithBody = chance(random, 500);
  return dialogRequest(dialog, method, {
    via: via(caller),
    contact: `<sip:5551234@${caller.host}:${caller.port}>`,
    headers: [
      ...(method === "REFER" ? [["Refer-To", pick(random, referTargets)] as const] : []),
      ...(method === "NOTIFY" ? [["Event", "refer"] as const] : []),
      ...(method === "PRACK" ? [["RAck", "1 1 INVITE"] as const] : []),
      ...(isWithBody ? [type] : []),
    ],
    body: isWithBody ? sdp : "",
  }).text;
}

const dialogMethods = "INVITE INVITE BYE BYE UPDATE INFO REFER NOTIFY PRACK OPTIONS MESSAGE".split(
  " ",
);
const referTargets = [
  "<sip:1002@127.0.1.10>",
  "<sip:1001@127.0.1.10?Replaces=fuzz-1%3Bto-tag%3Da%3Bfrom-tag%3Db>",
  "<mailto:nobody>",
  "<>",
];

function say(play: CallPlay, from: Address, text: string): void {
  const isMutated = chance(play.random, play.mutatedPerMille);
  play.send(from, isMutated ? mutate(play.random, text, play.other) : text);
}

function requestOf(text: string): SipRequest {
  const parsed = parseMessage(text);
  if (!parsed.ok || parsed.value.kind !== "request") throw new Error("the play's own INVITE");
  return parsed.value;
}
