import type { AgentStateName } from "@tandem/cti";
import {
  runContractCases,
  type ContractBench,
  type ContractCase,
  type ContractOptions,
} from "./desktop-contract.ts";

/** Registers every case of the contract with `options.test`. */
export function runDesktopContract(options: ContractOptions): void {
  runContractCases(contractCases, options);
}

export const contractCases: readonly ContractCase[] = [
  {
    name: "a desktop connects and its agent is logged in, Not Ready",
    needs: [],
    run: async (bench) => {
      await bench.inService(1);
      await agentIs(bench, "NotReady");
      const { agent, phoneInService, services } = bench.snapshot();
      check(agent.dn === bench.server.dn, "the DN is the Place's");
      check(phoneInService === true, "the phone is registered");
      check(services.telephony.status === "ON", "telephony is ON");
      check(services.configuration.status === "ON", "configuration is ON");
      check(services.statistics.status === "notConfigured", "there is no Stat Server");
    },
  },
  {
    name: "Ready, Not Ready with a reason, after-call work: each command is done by its event",
    needs: [],
    run: async (bench) => {
      await bench.inService(1);
      const { commands } = bench.desktop;
      const ready = await commands.setReady();
      check(ready.kind === "done" && ready.event?.event === "EventAgentReady", "by its event");
      await agentIs(bench, "Ready");
      await bench.done(commands.setNotReady({ reasons: { ReasonCode: "lunch" } }));
      await bench.until(
        "Not Ready with the reason",
        ({ agent }) => agent.state?.reasons?.["ReasonCode"] === "lunch",
      );
      await bench.done(
        commands.setNotReady({ workMode: "AfterCallWork", afterCallWorkMs: 60_000 }),
      );
      await agentIs(bench, "AfterCallWork");
    },
  },
  {
    name: "an inbound call: answer, hold, retrieve, attach data, release",
    needs: ["ring"],
    run: async (bench) => {
      await bench.inService(1);
      const { commands } = bench.desktop;
      await bench.done(commands.setReady());
      await bench.ability("ring")(1, { customer: "7" });
      const connID = await callIs(bench, "Ringing");
      await bench.done(commands.answer(connID));
      await callIs(bench, "Established");
      await bench.done(commands.hold(connID));
      await callIs(bench, "Held");
      await bench.done(commands.retrieve(connID));
      await callIs(bench, "Established");
      await bench.done(commands.attachUserData(connID, { note: "seen" }));
      await bench.until("the data", ({ calls }) => calls[0]?.userData["note"] === "seen");
      await bench.done(commands.release(connID));
      await bench.until("no call", ({ calls }) => calls.length === 0);
      await bench.refusedAs(commands.answer(connID), "call-unknown");
    },
  },
  {
    name: "an outbound call: dialling, answered, and the far end hangs up",
    needs: ["answeringNumber", "hangUp"],
    run: async (bench) => {
      await bench.inService(1);
      const outcome = await bench.desktop.commands.makeCall(bench.ability("answeringNumber"));
      check(outcome.kind === "done" && outcome.event?.event === "EventDialing", "by EventDialing");
      await callIs(bench, "Established");
      await bench.ability("hangUp")(1);
      await bench.until("no call", ({ calls }) => calls.length === 0);
    },
  },
  {
    name: "connections are reset: the session goes on and no event is missed",
    needs: ["dropConnections", "ring"],
    run: async (bench) => {
      await bench.inService(1);
      await bench.done(bench.desktop.commands.setReady());
      const sequences: number[] = [];
      bench.desktop.on("event", (event) => {
        if ("eventSequenceNumber" in event) sequences.push(event.eventSequenceNumber);
      });
      await bench.ability("dropConnections")(1);
      await bench.ability("ring")(1);
      const connID = await callIs(bench, "Ringing");
      await bench.inService(1);
      await agentIs(bench, "Ready");
      await bench.done(bench.desktop.commands.answer(connID));
      const isOrdered = sequences.every((each, index) => each > (sequences[index - 1] ?? 0));
      check(isOrdered, `each event once and in order: ${sequences.join(" ")}`);
    },
  },
  {
    name: "R8 a SIP Server that starts anew: logged in again at once, in the former state",
    needs: ["killSip", "startSip"],
    run: async (bench) => {
      await bench.inService(1);
      await bench.done(bench.desktop.commands.setNotReady({ reasons: { ReasonCode: "lunch" } }));
      await bench.ability("killSip")(1);
      await bench.until("impaired", ({ state }) => state === "impaired");
      await bench.ability("startSip")(1);
      await bench.inService(1);
      await bench.until(
        "the reason is back",
        ({ agent }) => agent.state?.reasons?.["ReasonCode"] === "lunch",
      );
    },
  },
  {
    name: "R8 R17 R24 a site is lost: refused meanwhile, then Ready at the other site",
    needs: ["killSip", "killConfig"],
    run: async (bench) => {
      await bench.inService(1);
      const { commands } = bench.desktop;
      await bench.done(commands.setReady());
      await bench.ability("killSip")(1);
      await bench.ability("killConfig")(1);
      await bench.until("impaired", ({ state }) => state === "impaired");
      await bench.refusedAs(commands.setReady(), "site-unavailable");
      await bench.inService(2);
      await agentIs(bench, "Ready");
      await bench.until(
        "configuration ON",
        ({ services }) => services.configuration.status === "ON",
      );
      const path = bench.desktop.timeline().map(({ to }) => `${to.state}@${to.site ?? "-"}`);
      check(
        path.slice(-3).join(" ") === "impaired@site-1 switchingOver@site-2 inService@site-2",
        `the timeline says it: ${path.join(" ")}`,
      );
    },
  },
  {
    name: "R17 a call at the lost site: Not Ready until the agent says that it is over",
    needs: ["killSip", "ring"],
    run: async (bench) => {
      await bench.inService(1);
      const { commands } = bench.desktop;
      await bench.done(commands.setReady());
      await bench.ability("ring")(1);
      await bench.done(commands.answer(await callIs(bench, "Ringing")));
      await callIs(bench, "Established");
      await bench.ability("killSip")(1);
      await bench.inService(2);
      await bench.until(
        "call-in-progress",
        ({ agent }) => agent.state?.reasons?.["ReasonCode"] === "call-in-progress",
      );
      await bench.done(commands.callOver());
      await agentIs(bench, "Ready");
    },
  },
  {
    name: "R13 the phone comes back in time: logged in again here, in the former state",
    needs: ["setPhone"],
    run: async (bench) => {
      await bench.inService(1);
      const { commands } = bench.desktop;
      await bench.done(commands.setReady());
      await bench.ability("setPhone")(1, false);
      await bench.until("impaired", ({ state }) => state === "impaired");
      await bench.refusedAs(commands.makeCall("0700"), "phone-unregistered");
      await bench.ability("setPhone")(1, true);
      await bench.inService(1);
      await agentIs(bench, "Ready");
    },
  },
  {
    name: "R13 the phone does not come back: the other site",
    needs: ["setPhone"],
    run: async (bench) => {
      await bench.inService(1);
      await bench.done(bench.desktop.commands.setReady());
      await bench.ability("setPhone")(1, false);
      await bench.inService(2);
      await agentIs(bench, "Ready");
    },
  },
  {
    name: "R10 the Configuration Server is lost: told, and nothing else",
    needs: ["killConfig", "startConfig"],
    run: async (bench) => {
      await bench.inService(1);
      await bench.ability("killConfig")(1);
      await bench.until("OFF", ({ services }) => services.configuration.status === "OFF");
      await bench.done(bench.desktop.commands.setReady());
      await bench.ability("startConfig")(1);
      await bench.until("ON", ({ services }) => services.configuration.status === "ON");
      check(bench.snapshot().site === "site-1", "it is where it was");
    },
  },
  {
    name: "R14 graceful shutdown with a call: draining, then the other site",
    needs: ["shutDownGracefully", "ring"],
    run: async (bench) => {
      await bench.inService(1);
      const { commands } = bench.desktop;
      await bench.done(commands.setReady());
      await bench.ability("ring")(1);
      const connID = await callIs(bench, "Ringing");
      await bench.done(commands.answer(connID));
      await bench.ability("shutDownGracefully")(1);
      await bench.until("draining", ({ state }) => state === "draining");
      await bench.refusedAs(commands.makeCall("0700"), "leaving-site");
      await bench.done(commands.release(connID));
      await bench.inService(2);
      await agentIs(bench, "Ready");
    },
  },
  {
    name: "R11 a supervisor's logout stays; the agent may log in again",
    needs: ["forceLogout"],
    run: async (bench) => {
      await bench.inService(1);
      await bench.ability("forceLogout")(1);
      await bench.until("logged out", ({ agent }) => agent.login.kind === "none");
      await bench.refusedAs(bench.desktop.commands.setReady(), "agent-not-logged-in");
      await bench.done(bench.desktop.commands.login());
      await bench.inService(1);
    },
  },
  {
    name: "R11 a logout that was asked for stays; the agent may log in again",
    needs: [],
    run: async (bench) => {
      await bench.inService(1);
      await bench.done(bench.desktop.commands.logout());
      await bench.until("logged out", ({ agent }) => agent.login.kind === "none");
      await bench.done(bench.desktop.commands.login());
      await agentIs(bench, "NotReady");
    },
  },
  {
    name: "the user moves to the other site and back",
    needs: [],
    run: async (bench) => {
      await bench.inService(1);
      await bench.done(bench.desktop.commands.setReady());
      await bench.done(bench.desktop.commands.switchover());
      await bench.inService(2);
      await agentIs(bench, "Ready");
      await bench.done(bench.desktop.commands.switchover());
      await bench.inService(1);
      await agentIs(bench, "Ready");
    },
  },
];

function agentIs(bench: ContractBench, state: AgentStateName): Promise<void> {
  return bench.until(`the agent is ${state}`, ({ agent }) => agent.state?.state === state);
}

/** Waits for one call in that state, and says which. */
async function callIs(bench: ContractBench, partyState: string): Promise<string> {
  await bench.until(`a call is ${partyState}`, ({ calls }) => calls[0]?.partyState === partyState);
  return bench.snapshot().calls[0]?.connID ?? "";
}

function check(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(`it should be so: ${what}`);
}
