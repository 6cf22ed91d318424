import { createCaller, siteOf, startLab, type Lab } from "@tandem/lab";
import { test } from "vitest";
import { runDesktopContract } from "../testing/contract-cases.ts";
import type { ContractServer } from "../testing/contract-server.ts";

/**
 * The desktop contract against real servers, real phones and real sockets: a lab for each case.
 * What a lab cannot do by itself (one server of a site, one registration of a phone) is left to the
 * fakes.
 */
runDesktopContract({
  startServer: startLabServer,
  test,
  skip: (name, reason) =>
    test.skipIf(true)(`${name} (${reason}; the fakes run it)`, () => undefined),
  abilities: ["ring", "answeringNumber", "hangUp", "killSip", "killConfig"],
});

async function startLabServer(): Promise<ContractServer> {
  const lab = await startLab({ agents: 2 });
  const { topology } = lab;
  const [agent, other] = topology.agents;
  if (agent === undefined || other === undefined) throw new Error("a lab of two agents has two");
  const callers: { readonly close: () => Promise<void> }[] = [];
  return {
    local: {
      sites: topology.sites.map(({ number, host, ports }) => ({
        applicationName: `desktop-${number}`,
        configUrls: [`ws://${host}:${ports.config}/config`],
      })),
    },
    userName: agent.userName,
    password: topology.password,
    profile: topology.profile,
    dn: agent.dn,
    abilities: {
      ring: async (site) => {
        const caller = await createCaller(topology, siteOf(topology, site), 0, () => undefined);
        callers.push(caller);
        caller.call(agent.dn);
      },
      answeringNumber: other.dn,
      hangUp: async () => phoneOf(lab, 1).hangup(),
      // A lab ends both servers of a site at once.
      killSip: (site) => lab.killSite(site),
      killConfig: async () => undefined,
    },
    stop: async () => {
      for (const caller of callers) await caller.close();
      await lab.stop();
    },
  };
}

function phoneOf(lab: Lab, index: number): Lab["phones"][number] {
  const phone = lab.phones[index];
  if (phone === undefined) throw new Error("each agent has a phone");
  return phone;
}
