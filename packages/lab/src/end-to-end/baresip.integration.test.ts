/**
 * The thread of the whole with phones that nobody here wrote: baresip registered at both sites with
 * digest, calls through either site, and the loss of one. One lab for the file; the tests follow
 * each other, and each leaves the phones idle.
 */
import type { Phone } from "@tandem/softphone";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../until.ts";
import { type Baresip, baresipMissing } from "./baresip.ts";
import { callWithSipp } from "./sipp-call.ts";
import { type Scene, type SceneAgent, comesTrue, openScene, withinMs } from "./scene.ts";

/** Packets of 20 ms that count as sound: half a second. */
const packetsMin = 25;

let scene: Scene;
let stop: () => Promise<void> = async () => undefined;
let first: SceneAgent;
let second: SceneAgent;
/** Her phone has two DNs: 1003 at site 1, 2003 at site 2. */
let third: SceneAgent;

beforeAll(async () => {
  if (baresipMissing !== null) return;
  scene = await openScene({ lab: 171, agents: 3, secondDns: { "1003": "2003" } });
  stop = scene.stop;
  [first, second, third] = scene.agents as [SceneAgent, SceneAgent, SceneAgent]; // three asked for
});

afterAll(() => stop());

const suite = baresipMissing ?? "baresip at two sites";
if (baresipMissing !== null) process.stderr.write(`end to end: ${baresipMissing}\n`);

describe.skipIf(baresipMissing !== null)(suite, () => {
  test("agents log in at their preferred sites and get ready", async () => {
    const { agents } = scene;
    await until(() => agents.every((agent) => agent.isLoggedIn()), withinMs, "all are logged in");
    for (const { desktop } of agents) {
      expect(await desktop.commands.setReady()).toMatchObject({ kind: "done" });
    }
    const places = agents.map(({ desktop }) => {
      const { site, agent } = desktop.snapshot();
      return `${agent.dn} at ${site}`;
    });
    expect(places).toEqual(["1001 at site-1", "1002 at site-2", "1003 at site-1"]);
  });

  test("every registration was challenged and let in with credentials", () => {
    for (const { phone } of scene.agents) {
      for (const site of [1, 2] as const) {
        const answers = phone
          .received()
          .filter(({ method, from }) => method === "REGISTER" && from === scene.sipAt(site));
        const statuses = answers.map(({ first: line }) => line.split(" ")[1]);
        expect([statuses[0], statuses.at(-1)]).toEqual(["401", "200"]);
      }
    }
  });

  test("a caller that is SIPp is answered through site 1, and its BYE ends the call", async () => {
    begin(1);
    await callWithSipp(scene.lab.topology.sites[0], "1001");
    await until(() => namesOf(first).includes("EventReleased"), withinMs, "the call is over");
    expect(namesOf(first)).toEqual(["EventRinging", "EventEstablished", "EventReleased"]);
    expect(inviteFrom(first.phone)).toBe(scene.sipAt(1));
  });

  test("a call through site 1 is answered, with sound both ways", async () => {
    const caller = begin(1);
    const call = caller.call("1001");
    await haveSound(caller, call, first);
    expect(inviteFrom(first.phone)).toBe(scene.sipAt(1));
    await end(caller, call, first);
    expect(namesOf(first)).toEqual(["EventRinging", "EventEstablished", "EventReleased"]);
    expect(first.heard()[0]).toMatchObject({ thisDN: "1001", callType: "Inbound" });
  });

  test("P4 at site 1 a call for an agent of site 2 is delivered through site 2", async () => {
    const caller = begin(1);
    const call = caller.call("1002");
    await haveSound(caller, call, second);
    expect(placedTo(caller)).toBe(scene.sipAt(1));
    expect(inviteFrom(second.phone)).toBe(scene.sipAt(2));
    expect(accountsTalking(second.phone)).toEqual([`sip:1002@${hostOf(scene.sipAt(2))}`]);
    await end(caller, call, second);
    expect(namesOf(second)).toEqual(["EventRinging", "EventEstablished", "EventReleased"]);
    expect(second.heard()[0]).toMatchObject({ thisDN: "1002", callType: "Inbound" });
  });

  test("P6 a call between the sites is one call: same identifiers, same user data", async () => {
    begin(1);
    const userData = { customer: "4711", note: "grüezi" };
    const { commands } = first.desktop;
    expect(await commands.makeCall("1002", userData)).toMatchObject({ kind: "done" });
    await until(
      () => [first, second].every((agent) => namesOf(agent).includes("EventEstablished")),
      withinMs,
      "both desktops see the call answered",
    );
    await hears(first.phone);
    await hears(second.phone);
    expect(inviteFrom(second.phone)).toBe(scene.sipAt(2));
    const [dialing, ringing] = [first.heard()[0], second.heard()[0]];
    expect(dialing).toMatchObject({ event: "EventDialing", thisDN: "1001", userData });
    const { connID, callUUID } = dialing ?? {};
    expect(ringing).toMatchObject({ event: "EventRinging", connID, callUUID, userData });
    expect(await commands.release(connID ?? "")).toMatchObject({ kind: "done" });
    await until(() => namesOf(second).includes("EventReleased"), withinMs, "the call is over");
  });

  test("hold and resume from the phone pass through to the caller", async () => {
    const caller = begin(1);
    const call = caller.call("1001");
    await haveSound(caller, call, first);
    const held = caller.waitFor("held", withinMs);
    await first.phone.command(0, "hold");
    expect(await held).toMatchObject({ by: "remote" });
    await until(() => caller.rtp(call)?.isSending === false, withinMs, "the caller is silent");
    await until(() => namesOf(first).includes("EventHeld"), withinMs, "the desktop sees the hold");

    const retrieved = caller.waitFor("retrieved", withinMs);
    await first.phone.command(0, "resume");
    await retrieved;
    const before = caller.rtp(call)?.receivedPackets ?? 0;
    const isBack = (): boolean => (caller.rtp(call)?.receivedPackets ?? 0) >= before + packetsMin;
    await until(isBack, withinMs, "the caller hears again");
    await end(caller, call, first);
    expect(namesOf(first)).toEqual([
      "EventRinging",
      "EventEstablished",
      "EventHeld",
      "EventRetrieved",
      "EventReleased",
    ]);
  });

  test("P4 one phone, two DNs: called by the one, it rings as the one logged in", async () => {
    const caller = begin(2);
    const call = caller.call("2003");
    await haveSound(caller, call, third);
    expect(inviteFrom(third.phone)).toBe(scene.sipAt(1));
    await end(caller, call, third);
    expect(third.heard()[0]).toMatchObject({ event: "EventRinging", thisDN: "1003" });
  });

  test("P5 it dials out through the other site; its desktop sees it at its own", async () => {
    const gateway = begin(1);
    const incoming = gateway.waitFor("incoming", withinMs);
    await third.phone.command(1, "dial", `sip:95551234@${hostOf(scene.sipAt(2))}`);
    const { call, to } = await incoming;
    await haveSound(gateway, call, third);
    expect(to).toContain("5551234");
    expect(third.heard()[0]).toMatchObject({ event: "EventDialing", thisDN: "1003" });
    await third.phone.command(1, "hangup");
    await until(() => namesOf(third).includes("EventReleased"), withinMs, "the call is over");
    expect(third.desktop.snapshot().site).toBe("site-1");
  });

  test("site 1 is killed: agents are back at site 2, and a call is answered there", async () => {
    const caller = begin(1);
    const reasons = { ReasonCode: "lunch" };
    const { commands } = third.desktop;
    expect(await commands.setNotReady({ reasons })).toMatchObject({ kind: "done" });
    await scene.lab.killSite(1);
    const isBack = (agent: SceneAgent): boolean =>
      agent.isLoggedIn() && agent.desktop.snapshot().site === "site-2";
    await until(() => scene.agents.every(isBack), withinMs, "every agent is at site 2");
    const states = scene.agents.map(({ desktop }) => {
      const { agent } = desktop.snapshot();
      return [agent.dn, agent.state];
    });
    expect(states).toMatchObject([
      ["1001", { state: "Ready" }],
      ["1002", { state: "Ready" }],
      ["2003", { state: "NotReady", reasons }],
    ]);

    const call = caller.call("1001");
    await haveSound(caller, call, first);
    expect(placedTo(caller)).toBe(scene.sipAt(2));
    expect(inviteFrom(first.phone)).toBe(scene.sipAt(2));
    await end(caller, call, first);
    expect(namesOf(first)).toEqual(["EventRinging", "EventEstablished", "EventReleased"]);
    await callWithSipp(scene.lab.topology.sites[1], "2003");
  });
});

/** Everything heard so far is forgotten; gives the caller at a site's gateway. */
function begin(site: 1 | 2): Phone {
  for (const agent of scene.agents) agent.begin();
  return scene.callerAt(site);
}

async function haveSound(caller: Phone, call: number, agent: SceneAgent): Promise<void> {
  const isHeard = (): boolean =>
    (caller.rtp(call)?.receivedPackets ?? 0) >= packetsMin &&
    caller.toneShare(agent.toneHertz, call) > 0.8;
  await until(isHeard, withinMs, `the caller hears ${agent.toneHertz} Hz`);
  await hears(agent.phone);
}

async function hears(phone: Baresip): Promise<void> {
  await comesTrue("the phone hears", async () => (await phone.heardPackets()) >= packetsMin);
}

async function end(caller: Phone, call: number, agent: SceneAgent): Promise<void> {
  caller.hangup(call);
  await until(() => namesOf(agent).includes("EventReleased"), withinMs, "the call is over");
}

function namesOf(agent: SceneAgent): readonly string[] {
  return agent.heard().map(({ event }) => event);
}

/** Who sent the INVITEs that this phone got; a request sent again counts once. */
function inviteFrom(phone: Baresip): string {
  const invites = phone.received().filter(({ first: line }) => line.startsWith("INVITE "));
  return [...new Set(invites.map(({ from }) => from))].join(" and ");
}

/** The accounts of whose calls the phone itself says that they stand. */
function accountsTalking(phone: Baresip): readonly string[] {
  return phone
    .events()
    .flatMap(({ type, account }) => (type === "CALL_ESTABLISHED" ? [account] : []));
}

/** The site that the caller's last call went to in the end. */
function placedTo(caller: Phone): string {
  const placing = caller.reports().findLast(({ kind }) => kind === "placing");
  return placing?.kind === "placing" ? `${placing.target.host}:${placing.target.port}` : "nowhere";
}

function hostOf(address: string): string {
  return address.replace(/:\d+$/, "");
}
