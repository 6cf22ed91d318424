import { createPhone, type Phone, type PhoneReport } from "@tandem/softphone";
import { dnAt, type AgentTopology, type SiteTopology, type Topology } from "./topology.ts";

/** The phones of a lab: one an agent, registered at both sites, and callers behind the gateways. */
export async function createAgentPhone(
  topology: Topology,
  agent: AgentTopology,
  onEvent: (event: PhoneReport) => void,
): Promise<Phone> {
  const index = topology.agents.indexOf(agent);
  return createPhone({
    host: agent.phone.host,
    port: agent.phone.port,
    rtpPort: rtpPortFirst + 20 * index,
    accounts: topology.sites.map((site) => ({
      user: dnAt(agent, site.number),
      domain: site.host,
      password: topology.sipSecret,
      registrar: { transport: "UDP", host: site.host, port: site.ports.sip },
      expiresSeconds: 60,
    })),
    toneHertz: agentTone(index),
    answer: { kind: "auto", ringMs: 600 },
    // A phone that tries a dead site again soon is back soon.
    registerRetryMs: 3_000,
    onEvent,
  });
}

export const callerToneHertz = 1_000;
const rtpPortFirst = 20_000;
const callerRtpPortFirst = 40_000;

/** A tone of its own for each agent, so that one can tell who is heard. */
export function agentTone(index: number): number {
  return 400 + 20 * (index % 25);
}

/** A caller at a site's gateway: it tries the other site when its own does not answer. */
export async function createCaller(
  topology: Topology,
  site: SiteTopology,
  line: number,
  onEvent: (event: PhoneReport) => void,
): Promise<Phone> {
  const order = site.number === 1 ? topology.sites : topology.sites.toReversed();
  return createPhone({
    host: site.gateway.host,
    port: site.gateway.port + 2 * line,
    rtpPort: callerRtpPortFirst + 1_000 * site.number + 20 * line,
    callerUser: `5550${site.number}${String(line).padStart(2, "0")}`,
    targets: order.map(({ host, ports }) => ({ transport: "UDP", host, port: ports.sip })),
    tryNextAfterMs: 1_000,
    toneHertz: callerToneHertz,
    onEvent,
  });
}
