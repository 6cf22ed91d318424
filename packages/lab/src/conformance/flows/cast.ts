/**
 * The cast of a flow: a DN and an address for each user agent, the subject that has these DNs, and
 * the registrations that the flow takes for granted.
 */
import { headerOf, parseNameAddr, parseUri, parseVia, listOf, type SipMessage } from "@tandem/sip";
import type { Transport } from "@tandem/switch";
import { createSubject, serverHost, type Subject } from "../subject.ts";
import { begin, contactOf, createAgent, listen, understand, type Agent } from "./agent.ts";
import type { Script } from "./participants.ts";

export interface Cast {
  readonly subject: Subject;
  readonly agents: ReadonlyMap<string, Agent>;
}

export function castOf(script: Script): Cast {
  const agents = new Map<string, Agent>();
  for (const [index, name] of script.agents.entries()) {
    const dn = dnOf(script, name);
    const transport = transportOf(script, name);
    const address = { transport, host: `127.0.9.${index + 1}`, port: 5060 } as const;
    agents.set(name, createAgent(name, dn, address));
  }
  const aliases = aliasesOf(script, agents);
  const dns = [...new Set([...[...agents.values()].map(({ dn }) => dn), ...aliases.keys()])];
  const subject = createSubject({ dns, domains: [], trunkHosts: [] });
  for (const agent of agents.values()) {
    // Who registers in the flow has at least met the server before, and knows a nonce.
    if (registersItself(script, agent)) ask(subject, agent, "none", contactOf(agent));
    else register(subject, agent, contactOf(agent));
  }
  for (const [alias, agent] of aliases)
    register(subject, { ...agent, dn: alias }, contactOf(agent));
  return { subject, agents };
}

/** Who the agent is in the addresses of the flow: its own From, or the To that it answers for. */
function dnOf({ events }: Script, name: string): string {
  const own = events.filter(({ agent }) => agent === name);
  for (const { kind, step } of own) {
    if (step.message === null) continue;
    const isCaller = (kind === "send") === (step.kind === "request");
    const user = userIn(step.message, isCaller ? "from" : "to");
    if (user !== undefined) return user;
  }
  return name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
}

function userIn(message: SipMessage, header: string): string | undefined {
  const uri = parseNameAddr(headerOf(message, header) ?? "")?.uri ?? "";
  return parseUri(uri)?.user;
}

function transportOf({ events }: Script, name: string): Transport {
  const own = events.find(
    ({ agent, kind, step }) => agent === name && kind === "send" && step.kind === "request",
  );
  const via =
    own?.step.message === undefined || own.step.message === null
      ? []
      : listOf(own.step.message, "via");
  const named = parseVia(via[0] ?? "")?.transport ?? "UDP";
  const transports: readonly Transport[] = ["UDP", "TCP", "TLS", "WS", "WSS"];
  return transports.find((each) => each === named.toUpperCase()) ?? "UDP";
}

/**
 * Users who are dialled and have no phone of their own: the phone that rings in the flow is theirs.
 */
function aliasesOf(
  { events }: Script,
  agents: ReadonlyMap<string, Agent>,
): ReadonlyMap<string, Agent> {
  const known = new Set([...agents.values()].map(({ dn }) => dn));
  const aliases = new Map<string, Agent>();
  for (const [index, { kind, step, agent }] of events.entries()) {
    if (kind !== "send" || step.method !== "INVITE" || step.hasToTag) continue;
    if (step.message?.kind !== "request") continue;
    const user = parseUri(step.message.uri)?.user;
    if (user === undefined || known.has(user) || aliases.has(user)) continue;
    const rings = events
      .slice(index)
      .find(
        (later) =>
          later.kind === "expect" &&
          later.agent !== agent &&
          later.step.method === "INVITE" &&
          later.step.kind === "request",
      );
    const phone = rings === undefined ? undefined : agents.get(rings.agent);
    if (phone !== undefined) aliases.set(user, phone);
  }
  return aliases;
}

function registersItself({ events }: Script, { name }: Agent): boolean {
  const first = events.find(({ agent }) => agent === name);
  return first?.step.method === "REGISTER";
}

/** REGISTER, the challenge, and REGISTER with credentials: the nonce serves the flow's requests. */
export function register(subject: Subject, agent: Agent, contact: string): void {
  ask(subject, agent, "none", contact);
  ask(subject, agent, "right", contact);
}

function ask(subject: Subject, agent: Agent, credentials: "none" | "right", contact: string): void {
  begin(subject, agent, {
    method: "REGISTER",
    uri: `sip:${serverHost}`,
    toUri: `sip:${agent.dn}@${serverHost}`,
    headers: [
      ["Contact", contact],
      ["Expires", "3600"],
    ],
    body: "",
    flowCallId: `registration of ${agent.dn}`,
    credentials,
  });
  for (const message of listen(subject, agent)) understand(agent, message);
}
