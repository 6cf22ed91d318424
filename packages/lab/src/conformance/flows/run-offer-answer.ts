/**
 * `rfc4317-offer-answer.json`: session descriptions that are offered and answered, each through a
 * call of two phones. The server passes them as they are, but for the origin line, which is its own
 * (RFC 3264 §8: one session, a version that rises).
 */
import { readFileSync } from "node:fs";
import type { SipMessage } from "@tandem/sip";
import { faultsOfRemains } from "../messages/run-messages.ts";
import { farewells } from "../fuzz/farewells.ts";
import { reportOf, type CaseResult, type ConformanceRun } from "../report.ts";
import { createSubject, serverHost, settleMs, type Subject } from "../subject.ts";
import {
  acknowledge,
  begin,
  contactOf,
  createAgent,
  inDialog,
  listen,
  reply,
  understand,
  type Agent,
} from "./agent.ts";
import { register } from "./cast.ts";

interface OfferAnswerCase {
  readonly section: string;
  readonly title: string;
  readonly exchanges: readonly { readonly role: string; readonly sdp: string }[];
}

const type = ["Content-Type", "application/sdp"] as const;

export function runOfferAnswer(suite: string, file: string): ConformanceRun {
  const json: unknown = JSON.parse(readFileSync(file, "utf8"));
  const { rfc, cases = [] } = json as { rfc?: number; cases?: OfferAnswerCase[] }; // MANIFEST.md
  return reportOf(
    suite,
    cases.map(
      (each): CaseResult => ({
        id: `rfc${rfc ?? ""} ${each.section}`,
        failures: runCase(each),
      }),
    ),
  );
}

function runCase({ exchanges }: OfferAnswerCase): readonly string[] {
  const names = [...new Set(exchanges.map(({ sdp }) => ownerOf(sdp)))];
  const subject = createSubject({ dns: names, domains: [], trunkHosts: [] });
  const agents = names.map((name, index) =>
    createAgent(name, name, { transport: "UDP", host: `127.0.9.${index + 1}`, port: 5060 }),
  );
  for (const agent of agents) register(subject, agent, contactOf(agent));
  const failures: string[] = [];
  for (let at = 0; at + 1 < exchanges.length; at += 2) {
    const [offer, answer] = [exchanges[at]?.sdp ?? "", exchanges[at + 1]?.sdp ?? ""];
    const from = agents.find(({ name }) => name === ownerOf(offer));
    const to = agents.find((each) => each !== from);
    if (from === undefined || to === undefined) return ["two parties are needed"];
    failures.push(...exchange(subject, from, to, { offer, answer, isFirst: at === 0 }));
  }
  for (const { at, text } of farewells(subject)) subject.receive(at, text);
  subject.pass(settleMs);
  return [...failures, ...subject.faults(), ...faultsOfRemains(subject.remains())];
}

interface Exchange {
  readonly offer: string;
  readonly answer: string;
  readonly isFirst: boolean;
}

function exchange(subject: Subject, from: Agent, to: Agent, what: Exchange): readonly string[] {
  const uri = `sip:${to.dn}@${serverHost}`;
  const leg = from.legs.findLast(
    ({ dialog, first }) => dialog !== null && first.method === "INVITE",
  );
  if (what.isFirst) {
    begin(subject, from, {
      method: "INVITE",
      uri,
      toUri: uri,
      headers: [type],
      body: what.offer,
      flowCallId: "offer",
      credentials: "right",
    });
  } else if (leg === undefined) return ["no dialog for the second offer"];
  else inDialog(subject, from, leg, "INVITE", { headers: [type], body: what.offer });
  const invite = heard(subject, to, (message) => isRequest(message, "INVITE"));
  if (invite?.kind !== "request") return ["the offer did not arrive"];
  const failures = [differs("the offer", what.offer, invite.body)];
  reply(subject, to, invite, { status: 200, headers: [type], body: what.answer });
  const ok = heard(
    subject,
    from,
    (message) => message.kind === "response" && message.status === 200,
  );
  if (ok === undefined) return [...failures.filter((each) => each !== null), "no answer came"];
  failures.push(differs("the answer", what.answer, ok.body));
  acknowledge(subject, from, null, "", []);
  const ack = heard(subject, to, (message) => isRequest(message, "ACK"));
  if (ack === undefined) failures.push("no ACK came");
  return failures.filter((each) => each !== null);
}

function heard(
  subject: Subject,
  agent: Agent,
  isIt: (message: SipMessage) => boolean,
): SipMessage | undefined {
  const messages = listen(subject, agent);
  for (const message of messages) understand(agent, message);
  return messages.find(isIt);
}

function isRequest(message: SipMessage, method: string): boolean {
  return message.kind === "request" && message.method === method;
}

function ownerOf(sdp: string): string {
  return /^o=(\S+)/m.exec(sdp)?.[1] ?? "nobody";
}

function differs(what: string, given: string, arrived: string): string | null {
  const media = (text: string): string => text.replace(/^o=.*\r?\n/m, "");
  if (media(given) !== media(arrived)) return `${what} was changed on its way`;
  return /^o=- \d+ \d+ IN IP[46] \S+\r?$/m.test(arrived) ? null : `${what} has no origin of ours`;
}
