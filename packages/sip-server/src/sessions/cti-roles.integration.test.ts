import type { UnnumberedRequest } from "@tandem/cti";
import { logTime } from "@tandem/kernel";
import { openPair, type PairLink, type PairListenerReport } from "@tandem/link";
import { buildRequest } from "@tandem/sip";
import { switchMachine, type Effect, type Input, type SwitchState } from "@tandem/switch";
import { testConfig } from "@tandem/switch/testing";
import { afterEach, expect, test, vi } from "vitest";
import { connectTlib, type TlibClient } from "../testing/tlib-client.ts";
import { createTokenMaker } from "../testing/token-maker.ts";
import { openCti, type CtiEdge } from "./cti-edge.ts";
import { createTokenVerifier } from "./tokens.ts";

/**
 * Two nodes' CTI edges with one machine's history between them, as a pair has it, and a desktop's
 * own link to both: roles swap, and the session goes on.
 */
const hosts = ["127.0.228.11", "127.0.228.12"] as const;
const port = 7000;
const patience = { timeout: 10_000 };

/** DN 1001's phone. */
const registration: Input = {
  kind: "sip",
  flow: {
    transport: "UDP",
    name: "",
    localHost: "127.0.1.10",
    localPort: 5060,
    remoteHost: "127.0.3.11",
    remotePort: 5060,
  },
  text: buildRequest({
    method: "REGISTER",
    uri: "sip:127.0.1.10",
    headers: [
      ["Via", "SIP/2.0/UDP 127.0.3.11:5060;branch=z9hG4bK1"],
      ["Max-Forwards", "70"],
      ["From", "<sip:1001@test>;tag=r"],
      ["To", "<sip:1001@test>"],
      ["Call-ID", "register"],
      ["CSeq", "1 REGISTER"],
      ["Contact", "<sip:1001@127.0.3.11:5060>"],
      ["Expires", "3600"],
    ],
  }),
  authenticated: { user: "1001", isStale: false, nonce: "n", nonceCount: 1, challenge: "" },
};

interface TestPair {
  readonly edges: readonly CtiEdge[];
  readonly token: string;
  readonly expired: string;
  /** That node serves from now on; `isPlanned` tells the other one. */
  readonly serve: (index: number, isPlanned?: boolean) => void;
  /** What the machine says no longer leaves. */
  loses: boolean;
  readonly state: SwitchState;
  readonly inputs: Input[];
}

const endings: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

async function startPair(): Promise<TestPair> {
  const maker = await createTokenMaker();
  const tokens = createTokenVerifier();
  await tokens.setKeys([maker.publicKey]);
  const state = switchMachine.create();
  const inputs: Input[] = [];
  const nodes = hosts.map(() => ({ role: "backup" as "primary" | "backup", epoch: 0 }));
  const edges: CtiEdge[] = [];
  let epoch = 0;
  let index = 1;
  let entropy = 1;
  let serving = 0;
  function step(input: Input): void {
    inputs.push(input);
    entropy += 1;
    const frame = {
      epoch,
      firstIndex: index,
      now: logTime(index),
      entropy: entropy.toString(16).padStart(32, "0"),
      inputs: [input],
    };
    index += 1;
    const effects = switchMachine.stepFrame(state, frame);
    if (!pair.loses) for (const effect of effects) perform(effect);
  }
  function perform(effect: Effect): void {
    const edge = edges[serving];
    if (effect.kind === "cti") edge?.send(effect.connection, effect.event);
    if (effect.kind === "ctiClose") edge?.closeConnection(effect.connection, effect.reason);
  }
  const pair: TestPair = {
    edges,
    token: await maker.sign({ agentID: "1001", dns: ["1001"] }),
    expired: await maker.sign({ agentID: "1001", dns: ["1001"], isExpired: true }),
    state,
    inputs,
    loses: false,
    serve(next, isPlanned = true) {
      epoch += 1;
      serving = next;
      pair.loses = false;
      for (const [at, node] of nodes.entries()) {
        if (at !== next && !isPlanned) continue;
        node.epoch = epoch;
        node.role = at === next ? "primary" : "backup";
      }
      step({ kind: "epochBegan", epoch, takenOver: true });
      for (const [at, edge] of edges.entries()) if (at === next || isPlanned) edge.roleChanged();
    },
  };
  for (const [at, host] of hosts.entries()) {
    const edge = await openCti({
      host,
      port,
      tokens,
      origins: [],
      role: () => nodes[at] ?? { role: "backup", epoch: 0 },
      about: () => ({
        site: "site-1",
        peerInService: false,
        serverStartTime: state.serverStartTime,
      }),
      submit: (input) => {
        if (nodes[at]?.role === "primary") step(input); // a replica drops it where it is none
      },
    });
    edges.push(edge);
    endings.push(() => edge.close());
  }
  pair.serve(0);
  step({ kind: "wallClock", wallMs: 1_700_000_000_000 });
  step({ kind: "configured", config: testConfig() });
  step(registration);
  return pair;
}

interface Desk {
  readonly link: PairLink;
  readonly reports: PairListenerReport[];
  readonly ask: (request: UnnumberedRequest) => Promise<unknown>;
  readonly opened: () => string[];
  readonly sequences: () => number[];
}

function openDesk(pair: TestPair): Desk {
  const reports: PairListenerReport[] = [];
  const link = openPair(
    {
      token: pair.token,
      applicationName: "desk",
      urls: hosts.map((host) => `ws://${host}:${port}/tlib`),
      addpTimeoutSeconds: 2,
      addpRemoteTimeoutSeconds: 20,
      connectTimeoutMs: 5_000,
    },
    (report) => reports.push(report),
  );
  endings.push(() => link.close());
  return {
    link,
    reports,
    ask: (request) => new Promise((resolve) => link.request(request, resolve)),
    opened: () =>
      reports.flatMap((report) =>
        report.kind === "sessionOpened" ? [report.isResumed ? "resumed" : "new"] : [],
      ),
    sequences: () =>
      reports.flatMap((report) =>
        report.kind === "delivered" && "eventSequenceNumber" in report.event
          ? [report.event.eventSequenceNumber]
          : [],
      ),
  };
}

async function openBoth(pair: TestPair): Promise<Desk> {
  const desk = openDesk(pair);
  await vi.waitFor(() => {
    expect(desk.link.view().nodes.map(({ role }) => role)).toEqual(["primary", "backup"]);
    expect(desk.opened()).toEqual(["new"]);
  }, patience);
  await desk.ask({ request: "RequestRegisterAddress", thisDN: "1001" });
  await desk.ask({ request: "RequestAgentLogin", thisDN: "1001", agentID: "1001" });
  return desk;
}

test("a planned switchover: told by both nodes, resumed on the same socket, no gap", async () => {
  const pair = await startPair();
  const desk = await openBoth(pair);
  const asked = await desk.ask({ request: "RequestAgentSetReady", thisDN: "1001" });
  expect(asked).toMatchObject({ kind: "answered", event: { event: "EventAgentReady" } });
  const connected = pair.edges.map((edge) => edge.count());
  pair.serve(1);
  await vi.waitFor(() => expect(desk.opened()).toEqual(["new", "resumed"]), patience);
  expect(desk.link.view()).toMatchObject({
    servingIndex: 1,
    nodes: [
      { role: "backup", epoch: 2 },
      { role: "primary", epoch: 2 },
    ],
  });
  await desk.ask({ request: "RequestAgentSetNotReady", thisDN: "1001" });
  pair.serve(0);
  await vi.waitFor(() => expect(desk.opened()).toEqual(["new", "resumed", "resumed"]), patience);
  await desk.ask({ request: "RequestAgentSetReady", thisDN: "1001" });
  const sequences = desk.sequences();
  expect(sequences).toEqual(sequences.map((_, at) => at + (sequences[0] ?? 0)));
  expect(pair.edges.map((edge) => edge.count())).toEqual(connected);
  expect(pair.state.sessions.size).toBe(1);
  const names = pair.inputs.flatMap((input) =>
    input.kind === "ctiRegister" ? [input.connection] : [],
  );
  expect(names.map((name) => name.split(".")[0])).toEqual(["1", "2", "3"]);
  expect(new Set(names).size).toBe(3);
});

test("a request whose answer died with the node is done once", async () => {
  const pair = await startPair();
  const desk = await openBoth(pair);
  pair.loses = true;
  const outcome = desk.ask({ request: "RequestAgentSetReady", thisDN: "1001" });
  const isReady = (): boolean => pair.state.agents.get("1001")?.state.kind === "Ready";
  await vi.waitFor(() => expect(isReady()).toBe(true), patience);
  pair.serve(1);
  expect(await outcome).toMatchObject({ kind: "answered", event: { event: "EventAgentReady" } });
  const readies = desk.reports.filter(
    (report) => report.kind === "delivered" && report.event.event === "EventAgentReady",
  );
  expect(readies).toHaveLength(1);
});

test("a client that asks while the role goes over gets an answer, and a session", async () => {
  const pair = await startPair();
  pair.loses = true;
  const desk = openDesk(pair);
  await vi.waitFor(
    () => expect(pair.inputs.some(({ kind }) => kind === "ctiRegister")).toBe(true),
    patience,
  );
  pair.serve(1);
  await vi.waitFor(() => expect(desk.opened()).toEqual(["new"]), patience);
  expect(desk.link.view().servingIndex).toBe(1);
});

test("H11 a node that left its doors tells everybody, and lets nobody in until it may", async () => {
  const pair = await startPair();
  const desk = await openBoth(pair);
  const client = await connectTlib(`ws://${hosts[0]}:${port}/tlib`);
  await client.register(pair.token, { addpTimeout: 60, addpRemoteTimeout: 60 });
  pair.edges[0]?.leaveDoors();
  client.say({ addp: "poll", id: 1 });
  await client.closed;
  expect(client.heard.at(-1)).toEqual({ event: "EventLinkDisconnected", reason: "not-serving" });
  await vi.waitFor(() => expect(desk.link.view().servingIndex).toBeNull(), patience);
  await expect(connectTlib(`ws://${hosts[0]}:${port}/tlib`)).rejects.toThrow("401");
  pair.serve(0);
  await vi.waitFor(() => expect(desk.opened()).toEqual(["new", "resumed"]), {
    timeout: 30_000,
  });
}, 60_000);

test("a node that does not serve: backup, nothing but that, and ADDP goes on", async () => {
  const pair = await startPair();
  const url = `ws://${hosts[1]}:${port}/tlib`;
  const client: TlibClient = await connectTlib(url);
  endings.push(() => client.drop());
  expect(await client.register(pair.token)).toEqual({
    event: "EventLinkConnected",
    referenceID: 1,
    sessionID: "",
    serverRole: "backup",
    epoch: 1,
    serverStartTime: 1_700_000_000_000,
    lastSequence: 0,
    lastReferenceID: 0,
  });
  client.say({ request: "RequestRegisterAddress", referenceID: 2, thisDN: "1001" });
  expect(await client.answer(2)).toMatchObject({ errorCode: "not-serving" });
  client.say({ addp: "poll", id: 3 });
  await client.until(({ addp, id }) => addp === "answer" && id === 3);
  const stranger = await connectTlib(url);
  endings.push(() => stranger.drop());
  expect(await stranger.register(pair.expired)).toMatchObject({ errorCode: "token-expired" });
  expect(pair.state.sessions.size).toBe(0);
});
