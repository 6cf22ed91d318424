/**
 * The requirement's sentence: an agent on a call through the death of the primary sees no change on
 * the desktop but the role in the services' detail. One node of the pair is killed, then the other,
 * then one is frozen; real servers, phones and sockets, and the SDK as a desktop has it.
 */
import { AilLoader, type AilFactory } from "@tandem/ail";
import type { Phone } from "@tandem/softphone";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { watchHealth, type HealthWatch } from "../health-watch.ts";
import { createCaller } from "../lab-phones.ts";
import { startLab, type Lab } from "../start-lab.ts";
import { configUrl, desktopName, siteOf, type AgentTopology } from "../topology.ts";
import { until } from "../until.ts";
import { watchDesktop, type DesktopEye } from "./desktop-eye.ts";

const withinMs = 30_000;

interface Desk {
  readonly loader: AilLoader;
  readonly factory: AilFactory;
  readonly eye: DesktopEye;
}

let lab: Lab;
let health: HealthWatch;
let caller: Phone;
/** Anna works at site 1, whose nodes die; Bert at site 2. */
let anna: Desk;
let bert: Desk;
let connID = "";
/** The node that was struck last. */
let struck = "";

beforeAll(async () => {
  lab = await startLab({ agents: 2 });
  const { topology, phones } = lab;
  health = watchHealth(topology);
  const isRegistered = (phone: Phone): boolean => phone.isRegistered(0) && phone.isRegistered(1);
  await until(() => phones.every(isRegistered), withinMs, "the phones are at both sites");
  const [first, second] = topology.agents;
  if (first === undefined || second === undefined) throw new Error("a lab of two agents has two");
  [anna, bert] = await Promise.all([openDesk(first), openDesk(second)]);
  for (const { factory } of [anna, bert]) {
    const { kind } = await factory.desktop.commands.setReady();
    if (kind !== "done") throw new Error(`an agent is not Ready: ${kind}`);
  }
  caller = await createCaller(topology, siteOf(topology, 1), 0, () => undefined);
  const call = caller.call(first.dn);
  await until(() => callShown()?.partyState === "Established", withinMs, "Anna talks");
  connID = callShown()?.connID ?? "";
  const isHeard = (): boolean => (caller.rtp(call)?.receivedPackets ?? 0) > 0;
  await until(isHeard, withinMs, "the caller hears her");
  await whole();
}, 120_000);

afterAll(async () => {
  for (const desk of [anna, bert]) desk?.loader.killFactory();
  health?.stop();
  await caller?.close();
  await lab?.stop();
});

async function openDesk({ userName }: AgentTopology): Promise<Desk> {
  const { sites, password, profile } = lab.topology;
  const loader = new AilLoader({
    local: {
      sites: sites.map((site) => ({
        applicationName: desktopName(site.number),
        configUrls: [configUrl(site)],
      })),
    },
    userName,
    password,
    profile,
  });
  const factory = await loader.getAilFactory();
  if (factory === null) throw loader.getInitException() ?? new Error("the loader was killed");
  const isIn = (): boolean => {
    const { state, agent } = factory.desktop.snapshot();
    return state === "inService" && agent.state !== null;
  };
  await until(isIn, withinMs, `${userName} is logged in`);
  return { loader, factory, eye: watchDesktop(factory) };
}

function callShown() {
  return anna.factory.desktop.snapshot().calls[0];
}

/** Until both nodes of site 1 say that it is safe to switch over, and the desktop has both. */
async function whole(): Promise<void> {
  const isWhole = (): boolean => health.of(1).nodes.every((node) => node.isReadyToSwitch);
  await until(isWhole, withinMs, "the pair is whole");
  await until(() => !anna.eye.roles().includes("gone"), withinMs, "the desktop has both nodes");
}

function primary(): { readonly name: string; readonly roles: readonly string[] } {
  const { nodes } = health.of(1);
  const index = nodes.findIndex(({ role }) => role === "primary");
  const roles = nodes.map((_, at) => (at === index ? "primary" : "backup"));
  return { name: nodes[index]?.name ?? "", roles };
}

/** The primary is struck, with what Anna does in that instant; until her desktop has the other. */
async function loses(
  strike: (name: string) => void,
  inThatInstant: () => Promise<unknown> = async () => undefined,
): Promise<unknown> {
  const { name, roles } = primary();
  expect(anna.eye.roles()).toEqual(roles);
  for (const { eye } of [anna, bert]) eye.forget();
  struck = name;
  strike(name);
  const outcome = inThatInstant();
  const isElsewhere = (): boolean =>
    anna.eye.roles().every((role, at) => role === (roles[at] === "primary" ? "gone" : "primary"));
  await until(isElsewhere, withinMs, "the desktop sees that the other node serves");
  return outcome;
}

async function rejoins(): Promise<void> {
  // A frozen one is killed by its keeper first.
  await until(() => lab.nodeState(struck) === "dead", withinMs, `${struck} has ended`);
  await lab.startNode(struck);
  await whole();
}

/** What a desktop is told of one request that was done once. */
function told(event: string, ...shown: readonly string[]): readonly string[] {
  return [
    `event ${event} ${connID}`,
    `call ${event} ${connID}`,
    `DN 1001 ${event}`,
    "DN 1001 BUSY",
    ...shown,
  ].toSorted();
}

const seen = (): readonly string[] => anna.eye.lines().toSorted();
const commands = (): AilFactory["desktop"]["commands"] => anna.factory.desktop.commands;

describe("an agent on a call, through the deaths of the primary", () => {
  test("killed: the desktop shows the new role and nothing else, and the call obeys", async () => {
    await loses((name) => void lab.killNode(name));
    await rejoins();
    expect(seen()).toEqual([]);
    expect(await commands().hold(connID)).toMatchObject({ kind: "done" });
    expect(seen()).toEqual(told("EventHeld", 'shows calls.0.partyState "Held"'));
    anna.eye.forget();
    expect(await commands().retrieve(connID)).toMatchObject({ kind: "done" });
    expect(seen()).toEqual(told("EventRetrieved", 'shows calls.0.partyState "Established"'));
  });

  test("the other one killed: a request that it cut is repeated, and done once", async () => {
    const hold = (): Promise<unknown> => commands().hold(connID);
    const outcome = await loses((name) => void lab.killNode(name), hold);
    expect(outcome).toMatchObject({ kind: "done" });
    await rejoins();
    expect(seen()).toEqual(told("EventHeld", 'shows calls.0.partyState "Held"'));
    anna.eye.forget();
    expect(await commands().retrieve(connID)).toMatchObject({ kind: "done" });
    expect(seen()).toEqual(told("EventRetrieved", 'shows calls.0.partyState "Established"'));
  });

  test("frozen: a request that it never read is done once by the other", async () => {
    const attach = (): Promise<unknown> => commands().attachUserData(connID, { case: "17" });
    const outcome = await loses((name) => lab.freezeNode(name), attach);
    expect(outcome).toMatchObject({ kind: "done" });
    await rejoins();
    expect(seen()).toEqual(told("EventAttachedDataChanged", 'shows calls.0.userData.case "17"'));
    expect(callShown()).toMatchObject({ connID, userData: { case: "17" } });
  });

  test("the call ends when she hangs up", async () => {
    anna.eye.forget();
    expect(await commands().release(connID)).toMatchObject({ kind: "done" });
    await until(() => callShown() === undefined, withinMs, "the call is over");
    expect(anna.eye.lines()).toContain(`event EventReleased ${connID}`);
  });

  test("the desktop of the other site saw nothing through all of it", () => {
    expect(bert.eye.lines()).toEqual([]);
    expect(bert.factory.desktop.snapshot().site).toBe("site-2");
  });
});
