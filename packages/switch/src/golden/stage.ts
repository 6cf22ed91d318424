import type { TlibEvent, Unreferenced } from "@tandem/cti";
import type { SwitchConfig } from "../config.ts";
import { testConfig, testDn } from "../testing/config.ts";
import { createDesktop, type TestDesktop } from "../testing/desktop.ts";
import { queueConfig } from "../testing/queue-site.ts";
import { createAutoPhone, settle, type AutoPhone } from "../testing/auto-phone.ts";
import { createScript, type Address, type Script } from "../testing/script.ts";
import type { Death } from "../testing/take-over-stage.ts";
import { createTransactionLayer, type TransactionLayer } from "../testing/transaction-layer.ts";

/**
 * Where the scenarios of the golden tables are played: DNs 1001–1004 with phones and agents, queue
 * 5000 (agents on 1002 and 1003, overflow to 1004 after 30 s), a gateway, and somebody who watches
 * every DN. Each act is followed by the events it caused, in the order of their sequence numbers.
 */
export interface Stage {
  readonly phone: (dn: string) => AutoPhone;
  readonly gateway: AutoPhone;
  /** Sends an agent's request; `connID` by the name that the table gives it. */
  readonly ask: (dn: string, request: Unreferenced) => void;
  /** The code of the EventError that a request gets; fails when it changes anything. */
  readonly refused: (dn: string, request: Unreferenced) => string;
  readonly supervisor: (request: Unreferenced) => void;
  /** The ConnID that the table calls A, B, …; the latest without a name. */
  readonly connID: (name?: string) => string;
  readonly pass: (ms: number) => void;
  /** Does something and writes down what everybody was told. */
  readonly act: (what: string, does: () => void) => void;
}

export interface Row {
  readonly what: string;
  /** Null where nobody was told anything. */
  readonly event: TlibEvent | null;
  /** The request that this event answers. */
  readonly answers: string;
  /** On a stage of two: the site whose desktops are told. */
  readonly site?: number;
}

const dns = ["1001", "1002", "1003", "1004"];
export const queue = "5000";

export interface Play {
  readonly rows: readonly Row[];
  /** By ConnID, in the order of appearance. */
  readonly names: ReadonlyMap<string, string>;
  /** In which something happened, from the first act to the last. */
  readonly frames: readonly number[];
}

/** Plays a scenario on a fresh stage; the node may die in it, and another one goes on. */
export function play(
  scenario: (stage: Stage) => void,
  death: Death | null = null,
  transport: "UDP" | "TCP" = "UDP",
): Play {
  const script = createScript(stageConfig());
  const rows: Row[] = [];
  const names = new Map<string, string>();
  const asked = new Map<string, string>();
  const watcher = createDesktop(script, "1001", {
    userName: "boss",
    role: "supervisor",
    connection: "watcher",
  });
  const layers: TransactionLayer[] = [];
  const layered = (address: Address): Script => {
    const layer = createTransactionLayer(script, address);
    layers.push(layer);
    return layer.script;
  };
  const phones = new Map<string, AutoPhone>();
  for (const dn of dns) {
    const address = { host: `127.0.3.${dn.slice(3)}`, port: 5060, transport };
    const phone = createAutoPhone(layered(address), dn, address, "ring");
    phone.register();
    phones.set(dn, phone);
  }
  const gateway = createAutoPhone(layered(gatewayAt), "gateway", gatewayAt, "ring");
  for (const thisDN of [...dns, queue]) watcher.send({ request: "RequestRegisterAddress", thisDN });
  const desktops = new Map(dns.map((dn) => [dn, agentOn(script, dn)]));
  let passes = 0;
  /** A connection's registration is granted for 30 s. */
  const refresh = (): void => {
    passes += 1;
    if (transport === "UDP" || passes % 40 > 0) return;
    for (const phone of phones.values()) phone.register();
  };
  const quiet = (): void => {
    settle(...phones.values(), gateway);
    while (script.isLosing()) script.pass(passMs);
    if (!script.isDead()) return;
    script.pass(1_000);
    script.takeOver();
    for (const layer of layers) layer.reconnect("keeps");
    if (transport === "TCP") for (const phone of phones.values()) phone.register();
    for (const desktop of [watcher, ...desktops.values()]) desktop.resume();
    for (let passed = 0; passed < repairMs; passed += passMs) {
      settle(...phones.values(), gateway);
      script.pass(passMs);
      for (const layer of layers) layer.tick();
    }
    settle(...phones.values(), gateway);
  };
  quiet();
  let position = script.state.ring.lastSequence;

  function writeDown(what: string): void {
    let first = what;
    for (const [sequence, { event, answers }] of script.state.ring.entries) {
      if (sequence <= position) continue;
      for (const connID of [field(event, "connID"), field(event, "previousConnID")]) {
        if (connID !== "" && !names.has(connID)) names.set(connID, letter(names.size));
      }
      const key = answers === null ? "" : `${answers.sessionID}/${answers.referenceID}`;
      rows.push({ what: first, event, answers: asked.get(key) ?? "" });
      first = "";
    }
    if (first !== "") rows.push({ what: first, event: null, answers: "" });
    position = script.state.ring.lastSequence;
  }

  function send(desktop: TestDesktop, userName: string, request: Unreferenced): void {
    const referenceID = desktop.send(request);
    const session = [...script.state.sessions.values()].findLast(
      ({ identity }) => identity.userName === userName,
    );
    asked.set(`${session?.sessionID ?? ""}/${referenceID}`, request.request);
    const refused = desktop.heard().find(({ event }) => event === "EventError");
    if (refused !== undefined) throw new Error(JSON.stringify(refused));
  }

  const stage: Stage = {
    phone: (dn) => phones.get(dn) ?? unknown(dn),
    gateway,
    ask: (dn, request) => send(desktops.get(dn) ?? unknown(dn), `agent-${dn}`, request),
    refused(dn, request) {
      const desktop = desktops.get(dn) ?? unknown(dn);
      const before = textOf(script);
      desktop.send(request);
      const error = desktop.heard().find(({ event }) => event === "EventError");
      if (error?.event !== "EventError") throw new Error(`${request.request} was not refused`);
      if (textOf(script) !== before) throw new Error(`${request.request} changed something`);
      return error.errorCode;
    },
    supervisor: (request) => send(watcher, "boss", request),
    connID(name) {
      const found = [...names].findLast(([, each]) => name === undefined || each === name);
      return found?.[0] ?? unknown(name ?? "a call");
    },
    pass: (ms) => {
      for (let passed = 0; passed < ms; passed += passMs) {
        script.pass(passMs);
        refresh();
        quiet();
      }
    },
    act(what, does) {
      does();
      quiet();
      writeDown(what);
      for (const desktop of desktops.values()) {
        const refused = desktop.heard().find(({ event }) => event === "EventError");
        if (refused !== undefined) throw new Error(JSON.stringify(refused));
      }
    },
  };
  const begins = script.frames();
  if (death !== null) script.dieAt(death.frame, death.lost);
  scenario(stage);
  return { rows, names, frames: script.busyFrames.filter((frame) => frame > begins) };
}

const gatewayAt = { host: "127.0.3.100", port: 5070 };
const passMs = 250;
/** What was lost in a takeover has been repeated by then. */
const repairMs = 4_500;

function stageConfig(): SwitchConfig {
  const members = { agents: ["agent-1002", "agent-1003"], overflowDn: "1004", overflowMs: 30_000 };
  return testConfig({
    dns: [...dns.map((number) => testDn(number)), testDn(queue, { queue: queueConfig(members) })],
    trunks: [{ ...gatewayTrunk, sources: [] }],
  });
}

const gatewayTrunk = {
  ...(testConfig().trunks[0] ?? unknown("the test's trunk")),
  host: "127.0.3.100",
  port: 5070,
};

/** The state as text, without the sessions: they keep the answer. */
function textOf(script: Script): string {
  const { sessions: _, ...state } = script.state;
  return JSON.stringify(state, (_key, value: unknown) =>
    value instanceof Map || value instanceof Set ? [...value] : value,
  );
}

/** A Not Ready agent: queues leave it in peace until it says otherwise. */
function agentOn(script: Script, dn: string): TestDesktop {
  const desktop = createDesktop(script, dn);
  desktop.send({ request: "RequestRegisterAddress", thisDN: dn });
  desktop.send({ request: "RequestAgentLogin", thisDN: dn, agentID: dn });
  desktop.heard();
  return desktop;
}

export function field(event: TlibEvent | null, name: string): string {
  if (event === null) return "";
  const value = attribute(event, name);
  return typeof value === "string" ? value : "";
}

/** An attribute that only some events have. */
export function attribute(event: TlibEvent, name: string): unknown {
  return Object.entries(event).find(([key]) => key === name)?.[1];
}

export function letter(index: number): string {
  return String.fromCodePoint("A".codePointAt(0)! + index); // a letter has a code point
}

function unknown(what: string): never {
  throw new Error(`there is no ${what} on the stage`);
}
