/**
 * A corpus through edge and machine: each message from a trunk, from the proven user of a DN and
 * from a stranger. Nothing may break, take long, or leave anything behind once every timer ran out.
 */
import { bindPhone } from "../bind-phone.ts";
import { faultsOfRemains } from "../messages/run-messages.ts";
import { reportOf, type CaseResult, type ConformanceRun } from "../report.ts";
import { createSubject, settleMs, type Address, type Subject } from "../subject.ts";
import { readCorpus, type CorpusMessage } from "./read-corpus.ts";

const dn = "1001";
const trunk: Address = { transport: "UDP", host: "127.0.3.1", port: 5060 };
const phone: Address = { transport: "UDP", host: "127.0.3.20", port: 5060 };
const stranger: Address = { transport: "UDP", host: "127.0.3.99", port: 5060 };
/** A message that takes longer is a hang; none takes a thousandth of it. */
export const hangMs = 2_000;
const betweenMs = 250;
/** So many messages share one subject: enough to meet, few enough to name who left something. */
const messagesPerSubject = 50;

export function runCorpus(suite: string, folder: string): ConformanceRun {
  const messages = readCorpus(folder);
  const cases: CaseResult[] = [];
  for (let at = 0; at < messages.length; at += messagesPerSubject) {
    cases.push(...runSome(messages.slice(at, at + messagesPerSubject)));
  }
  return reportOf(suite, cases);
}

function runSome(messages: readonly CorpusMessage[]): readonly CaseResult[] {
  const subject = createSubject({
    dns: [dn],
    domains: ["b.example"],
    trunkHosts: [trunk.host],
  });
  bindPhone(subject, dn, phone);
  const cases = messages.map((message): CaseResult => runOne(subject, message));
  const before = subject.faults().length;
  subject.pass(settleMs);
  const failures = [...subject.faults().slice(before), ...faultsOfRemains(subject.remains())];
  if (failures.length === 0) return cases;
  const between = `${messages[0]?.name ?? ""} to ${messages.at(-1)?.name ?? ""}`;
  return [...cases, { id: between, failures }];
}

function runOne(subject: Subject, { name, text }: CorpusMessage): CaseResult {
  const before = subject.faults().length;
  const failures: string[] = [];
  const startedAt = performance.now();
  try {
    subject.receive(trunk, text);
    subject.receive({ ...trunk, transport: "TCP" }, text);
    subject.receiveFrom(phone, text, dn);
    subject.receive(stranger, text);
    subject.pass(betweenMs);
  } catch (error) {
    failures.push(`threw ${String(error)}`);
  }
  const tookMs = performance.now() - startedAt;
  if (tookMs > hangMs) failures.push(`took ${Math.round(tookMs)} ms`);
  subject.take(() => true);
  return { id: name, failures: [...failures, ...subject.faults().slice(before)] };
}
