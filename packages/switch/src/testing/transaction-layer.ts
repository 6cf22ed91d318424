import { cseqOf, callIdOf, clientKey, tagOf, viaOf, type SipMessage } from "@tandem/sip";
import { parseMessage } from "@tandem/sip";
import type { Address, Script, SentMessage } from "./script.ts";

/**
 * A phone's transaction layer (RFC 3261 §17, §13.3.1.4), between it and the network: it repeats
 * requests until they are answered and a 2xx until its ACK comes, and absorbs what comes twice.
 * Over a connection nothing but the 2xx is repeated, until the phone reconnects: one that keeps its
 * transactions sends again what has no answer.
 */
export interface TransactionLayer {
  /** What the phone takes for the switch. */
  readonly script: Script;
  /** Sends what is due. */
  readonly tick: () => void;
  /** The phone's connection is another one from now on. */
  readonly reconnect: (how: "keeps" | "forgets") => void;
}

interface Repeated {
  readonly text: string;
  readonly user: string | undefined;
  intervalMs: number;
  at: number;
}

export function createTransactionLayer(script: Script, address: Address): TransactionLayer {
  const isReliable = address.transport !== undefined && address.transport !== "UDP";
  let connections = 0;
  const place = address.host.replaceAll(".", "");
  const flowOf = (epoch: number): string => `${epoch}.${place}${connections}`;
  let here: Address = isReliable ? { ...address, flow: flowOf(1) } : address;
  /** By branch and method. */
  const requests = new Map<string, Repeated>();
  /** By Call-ID and CSeq number of the INVITE. */
  const finals = new Map<string, Repeated>();
  const acks = new Map<string, string>();
  const answers = new Map<string, string>();
  const seen = new Set<string>();
  const heard = new Set<string>();
  const emit = (text: string, user?: string): void => void script.sip(here, text, user);

  function leave(message: SipMessage, text: string, user: string | undefined): void {
    const repeated = { text, user, intervalMs: 500, at: script.now() + 500 };
    if (message.kind === "response") {
      answers.set(clientKey(message), text);
      const isFinal = message.status >= 200 && clientKey(message).endsWith("/INVITE");
      const isOwed = isFinal && (message.status < 300 || !isReliable);
      if (isOwed) finals.set(inviteOf(message), repeated);
    } else if (message.method === "ACK") acks.set(inviteOf(message), text);
    else requests.set(clientKey(message), repeated);
  }

  /** False for what came before. */
  function arrive({ message }: SentMessage): boolean {
    const key = clientKey(message);
    if (message.kind === "request") {
      if (message.method === "ACK") finals.delete(inviteOf(message));
      const name = message.method === "ACK" ? `ACK ${inviteOf(message)}` : key;
      const answer = answers.get(key);
      if (seen.has(name)) {
        if (answer !== undefined) emit(answer);
        return false;
      }
      seen.add(name);
      return true;
    }
    const isInvite = key.endsWith("/INVITE");
    if (message.status >= 200 || isInvite) requests.delete(key);
    if (message.status < 200) return true;
    const name = `${key} ${message.status} ${tagOf(message, "to") ?? ""}`;
    if (!heard.has(name)) {
      heard.add(name);
      return true;
    }
    const ack = acks.get(inviteOf(message));
    if (isInvite && ack !== undefined) emit(ack);
    return false;
  }

  function repeatDue(rows: Map<string, Repeated>): void {
    for (const [key, row] of rows) {
      if (row.at > script.now()) continue;
      row.intervalMs = Math.min(2 * row.intervalMs, 4_000);
      row.at = script.now() + row.intervalMs;
      if (row.intervalMs > 0 && rows.get(key) === row) emit(row.text, row.user);
    }
  }

  return {
    script: {
      ...script,
      sip(_from, text, user) {
        leave(read(text), text, user);
        emit(text, user);
        return [];
      },
      sent: () => script.sent(here).filter(arrive),
    },
    tick() {
      if (!isReliable) repeatDue(requests);
      repeatDue(finals);
    },
    reconnect(how) {
      if (!isReliable) return;
      connections += 1;
      const flow = flowOf(script.epoch());
      here = { ...address, port: address.port + connections, flow };
      if (how === "forgets") {
        for (const rows of [requests, finals, answers, acks, seen, heard]) rows.clear();
      }
      for (const { text, user } of requests.values()) {
        if (viaOf(read(text)) !== undefined) emit(text, user);
      }
    },
  };
}

function read(text: string): SipMessage {
  const parsed = parseMessage(text);
  if (!parsed.ok) throw new Error(`no message: ${text}`);
  return parsed.value;
}

function inviteOf(message: SipMessage): string {
  return `${callIdOf(message)} ${cseqOf(message)?.number ?? 0}`;
}
