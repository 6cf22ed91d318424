import { chance, createRandom, nextInt, pick, type Random } from "@tandem/kernel";
import { dnOf, legsOf, type Leg } from "../calls/call.ts";
import type { SwitchConfig } from "../config.ts";
import { createAutoPhone, settle, type AutoPhone } from "./auto-phone.ts";
import { testConfig, testDn, testOptions } from "./config.ts";
import { createLastingDesktop, type LastingDesktop } from "./lasting-desktop.ts";
import { offerOf } from "./phone.ts";
import { createRoughNetwork, type RoughNetwork } from "./rough-network.ts";
import { createScript, type Script } from "./script.ts";
import { createTransactionLayer, type TransactionLayer } from "./transaction-layer.ts";

/**
 * Calls under chance: phones, a gateway and desktops do whatever a seed says, over a network that
 * loses, repeats and delays; then everybody hangs up, the network is whole, and time passes.
 */
export interface Chance {
  readonly script: Script;
  readonly network: RoughNetwork;
  readonly random: Random;
  readonly phones: readonly AutoPhone[];
  readonly desktops: ReadonlyMap<string, LastingDesktop>;
  /** Of the phones that come over connections. */
  readonly layers: ReadonlyMap<AutoPhone, TransactionLayer>;
  /** They refresh their registrations. */
  isRegistering: boolean;
}

/** What is left; all of it should be nothing. */
export interface Leftovers {
  readonly calls: readonly string[];
  readonly callsByDn: readonly string[];
  readonly dialogs: readonly string[];
  readonly transactions: readonly string[];
  readonly trunkLegs: readonly string[];
  readonly signings: number;
  readonly timers: readonly string[];
  /** Rows that named a leg or a call that was over, at any time. */
  readonly flows: readonly string[];
  readonly strays: readonly string[];
  readonly failures: readonly string[];
}

export interface Play {
  readonly steps?: number;
  /** Now and then the node dies, and another one takes over; some phones come over connections. */
  readonly hasTakeovers?: boolean;
}

export function playCalls(
  seed: number,
  { steps = 80, hasTakeovers = false }: Play = {},
): Leftovers {
  const chanceOf = begin(createRandom(seed), hasTakeovers);
  const { script } = chanceOf;
  const standing = new Set(script.state.timers.armed.keys());
  const strays = new Set<string>();
  for (let step = 0; step < steps; step += 1) {
    if (hasTakeovers && chance(chanceOf.random, deathPerMille)) plan(chanceOf);
    act(chanceOf);
    talk(chanceOf);
    if (script.isDead()) replaceNode(chanceOf);
    for (const fault of strayRows(script)) strays.add(fault);
  }
  finish(chanceOf);
  const { state } = script;
  return {
    calls: [...state.calls.keys()],
    callsByDn: [...state.callsByDn.keys()],
    dialogs: [...state.dialogs.keys()],
    transactions: [...state.transactions.keys()],
    trunkLegs: [...state.trunks.values()].flatMap(({ legs }) => [...legs]),
    signings: state.signings.size,
    timers: [...state.timers.armed.keys()].filter((key) => !standing.has(key)),
    flows: [...state.flows.transactions.keys()],
    strays: [...strays],
    failures: script.alarms().filter((text) => text.startsWith("step-failed")),
  };
}

/** Every index names legs that are in a call and not over. */
function strayRows({ state }: Script): string[] {
  const liveOf = (key: string): Leg[] => {
    const call = state.calls.get(key);
    return call === undefined ? [] : legsOf(call).filter((leg) => leg.state !== "ended");
  };
  const faults: string[] = [];
  for (const [name, { call, leg }] of state.dialogs) {
    if (!liveOf(call).some(({ id }) => id === leg)) faults.push(`dialog ${name} of ${call}/${leg}`);
  }
  for (const { name, legs } of state.trunks.values()) {
    for (const place of legs) {
      const [call = "", leg] = place.split("/");
      if (!liveOf(call).some(({ id }) => String(id) === leg)) faults.push(`${name}: ${place}`);
    }
  }
  for (const [dn, keys] of state.callsByDn) {
    for (const key of keys) {
      if (!liveOf(key).some((leg) => dnOf(leg) === dn)) faults.push(`DN ${dn}: ${key}`);
    }
  }
  return faults;
}

const dns = ["1001", "1002", "1003", "1004"];
const numbers = [...dns, "9555", "7777"];
const gatewayAt = { host: "127.0.3.1", port: 5070 };

/** Its next frames are its last, and some of their effects do not leave. */
function plan({ script, random }: Chance): void {
  if (script.isLosing()) return; // what is lost is lost: it dies
  const frame = script.frames() + nextInt(random, 1, 12);
  script.dieAt(frame, nextInt(random, 0, 4));
}

function replaceNode(chanceOf: Chance): void {
  const { script, random, desktops, layers } = chanceOf;
  pass(chanceOf, pick(random, [100, 1_000, 2_000]));
  script.takeOver();
  for (const [phone, layer] of layers) {
    layer.reconnect(pick(random, ["keeps", "forgets"]));
    phone.register();
  }
  for (const desktop of desktops.values()) desktop.reconnect();
  talk(chanceOf);
}

const deathPerMille = 60;

function begin(random: Random, hasTakeovers: boolean): Chance {
  const script = createScript(chanceConfig());
  const network = createRoughNetwork(script, random);
  network.isRough = false;
  const at = (last: number): { host: string; port: number } => ({
    host: `127.0.3.${last}`,
    port: 5060,
  });
  const layers = new Map<AutoPhone, TransactionLayer>();
  const connected = (dn: string, last: number): AutoPhone => {
    const address = { ...at(last), transport: "TCP" } as const;
    const layer = createTransactionLayer(script, address);
    const phone = createAutoPhone(layer.script, dn, address);
    layers.set(phone, layer);
    return phone;
  };
  const isConnected = (dn: string): boolean => hasTakeovers && (dn === "1003" || dn === "1004");
  const phones = [
    ...dns.map((dn, index) =>
      isConnected(dn)
        ? connected(dn, 11 + index)
        : createAutoPhone(network.script, dn, at(11 + index)),
    ),
    createAutoPhone(network.script, "1002", at(22)),
    createAutoPhone(network.script, "1002", at(32)),
    createAutoPhone(network.script, "gateway", gatewayAt),
  ];
  for (const phone of phones) if (phone.user !== "gateway") phone.register();
  const desktops = new Map(dns.map((dn) => [dn, createLastingDesktop(script, dn)]));
  settle(...phones);
  network.isRough = true;
  return { script, network, random, phones, desktops, layers, isRegistering: true };
}

function chanceConfig(): SwitchConfig {
  const redirections = ["follow", "follow", "pass", "refuse"] as const;
  return testConfig({
    options: { ...testOptions, sessionExpiresSeconds: 120, noAnswerTimeoutMs: 9_000 },
    dns: dns.map((number, index) => testDn(number, { redirection: redirections[index] ?? "pass" })),
    trunks: [
      {
        name: "gateway",
        ...gatewayAt,
        transport: "UDP",
        sources: [],
        others: [{ host: "127.0.3.2", port: 5070, transport: "UDP" }],
        capacity: 3,
        failoverMs: 2_000,
        credentials: { user: "tandem", realm: "carrier", hasSha256: true },
      },
    ],
  });
}

/** Phones, switch and edge talk until they have nothing to say before time passes. */
function talk({ script, network, random, phones, desktops }: Chance): void {
  network.deliver();
  settle(...phones);
  for (const id of script.state.signings.keys()) {
    const value = chance(random, 100) ? null : 'Digest username="tandem"';
    script.step({ kind: "signed", id, value });
  }
  for (const desktop of desktops.values()) desktop.hear();
  settle(...phones);
}

function pass(chanceOf: Chance, ms: number): void {
  for (let passed = 0; passed < ms; passed += 500) {
    chanceOf.script.pass(Math.min(500, ms - passed));
    for (const [phone, layer] of chanceOf.layers) {
      layer.tick();
      if (chanceOf.isRegistering && chanceOf.script.now() % 10_000 < 500) phone.register();
    }
    talk(chanceOf);
  }
}

function finish(chanceOf: Chance): void {
  const { network, phones, script } = chanceOf;
  while (script.isLosing()) script.pass(250);
  if (script.isDead()) replaceNode(chanceOf);
  script.dieAt(Infinity, 0);
  network.isRough = false;
  for (const phone of phones) {
    phone.manner = "busy";
    phone.reinviteStatus = 200;
  }
  talk(chanceOf);
  for (let round = 0; round < hangUpRounds; round += 1) {
    for (const phone of phones) for (const callId of phone.open()) phone.leave(callId);
    talk(chanceOf);
    pass(chanceOf, script.state.calls.size === 0 ? 500 : 20_000);
  }
  chanceOf.isRegistering = false;
  pass(chanceOf, 70_000);
}

/** Somebody who has lost a BYE is found out by a session timer: within 20 s of each round. */
const hangUpRounds = 12;

function act(chanceOf: Chance): void {
  const { random } = chanceOf;
  const roll = nextInt(random, 0, 99);
  if (roll < 18) return pass(chanceOf, pick(random, [200, 500, 500, 700, 3_000, 10_000, 65_000]));
  if (roll < 42) return actOnDesktop(chanceOf);
  const phone = pick(random, chanceOf.phones);
  if (roll < 48) return change(random, phone);
  if (roll < 64) return invite(chanceOf, phone);
  const open = phone.open();
  if (open.length > 0) actInCall(chanceOf, phone, pick(random, open));
}

function change(random: Random, phone: AutoPhone): void {
  if (phone.user !== "gateway" && chance(random, 200))
    return phone.register(pick(random, [0, 60, 3_600]));
  phone.manner = pick(random, ["answer", "answer", "ring", "ring", "busy", "silent", "early"]);
  phone.reinviteStatus = pick(random, [200, 200, 200, 200, 488, 491, 408, 481, 500]);
}

function invite({ random, phones }: Chance, phone: AutoPhone): void {
  const own = phone.user === "gateway" ? dns : numbers;
  const headers: (readonly [string, string])[] = [];
  if (chance(random, 500)) headers.push(["Supported", "100rel, timer, replaces"]);
  if (chance(random, 200)) headers.push(["Session-Expires", "95;refresher=uac"]);
  if (chance(random, 100)) headers.push(["Require", pick(random, ["100rel", "timer", "magic"])]);
  if (chance(random, 250)) {
    const value = replacesOf(random, pick(random, phones));
    if (value !== "") headers.push(["Replaces", value]);
  }
  phone.invite(pick(random, own), headers, chance(random, 150) ? "" : undefined);
}

/** A dialog of a phone as another would name it: rightly, with a wrong tag, or only if early. */
function replacesOf(random: Random, phone: AutoPhone): string {
  const open = phone.open();
  if (open.length === 0) return "";
  const callId = pick(random, open);
  const dialog = phone.dialogs.get(callId)?.dialog;
  const tags = [dialog?.remoteTag ?? "none", dialog?.localTag ?? "none"];
  if (chance(random, 150)) tags.reverse();
  const [to = "", from = ""] = tags;
  const early = chance(random, 200) ? ";early-only" : "";
  return `${callId};to-tag=${chance(random, 150) ? "guess" : to};from-tag=${from}${early}`;
}

function actInCall(chanceOf: Chance, phone: AutoPhone, callId: string): void {
  const { random } = chanceOf;
  const row = phone.dialogs.get(callId);
  if (row === undefined) return;
  const isIncoming = row.invite !== null;
  if (!row.isAnswered && chance(random, 600)) {
    if (!isIncoming) return phone.cancel(callId);
    if (chance(random, 600)) return phone.take(callId);
    const status = pick(random, [302, 401, 404, 422, 480, 486, 503, 603]);
    const headers = [
      ["Contact", `<sip:${pick(random, numbers)}@127.0.1.10>`],
      ["Min-SE", "150"],
      ["WWW-Authenticate", 'Digest realm="carrier", nonce="n"'],
    ] as const;
    return phone.refuse(callId, status, headers);
  }
  if (!row.isAnswered && !isIncoming && chance(random, 300)) return phone.leave(callId);
  if (row.dialog !== null) inDialog(chanceOf, phone, callId);
}

function inDialog({ random, phones }: Chance, phone: AutoPhone, callId: string): void {
  const offer = offerOf(phone.address.host, nextInt(random, 2_000, 2_100) * 2);
  const refreshing = [
    ["Supported", "timer"],
    ["Session-Expires", "95"],
  ] as const;
  switch (nextInt(random, 0, 11)) {
    case 0:
      return phone.offerAgain(pick(random, ["inactive", "sendonly", "sendrecv"]), callId);
    case 1:
      return phone.request(callId, "INVITE");
    case 2:
      return phone.request(callId, "UPDATE", refreshing);
    case 3:
      return phone.request(callId, "UPDATE", [], offer);
    case 4:
      return phone.request(callId, "INFO", [], "Signal=5");
    case 5:
      return phone.request(callId, "REFER", [["Refer-To", `<sip:${pick(random, numbers)}@test>`]]);
    case 6:
    case 7: {
      const value = replacesOf(random, chance(random, 700) ? phone : pick(random, phones));
      const to = `<sip:${pick(random, dns)}@test?Replaces=${encodeURIComponent(value)}>`;
      return phone.request(callId, "REFER", [["Refer-To", to]]);
    }
    case 8:
      return phone.request(callId, "PRACK", [["RAck", `${nextInt(random, 1, 90)} 1 INVITE`]]);
    case 9:
      return phone.request(callId, pick(random, ["OPTIONS", "MESSAGE", "NOTIFY", "CANCELLED"]));
    case 10:
      phone.request(callId, "BYE");
      return chance(random, 200) ? phone.request(callId, "BYE") : undefined;
    default:
      return phone.leave(callId);
  }
}

function actOnDesktop({ random, desktops, script }: Chance): void {
  const busy = dns.filter((dn) => script.state.callsByDn.has(dn));
  const thisDN = pick(random, busy.length > 0 && chance(random, 750) ? busy : dns);
  const desktop = desktops.get(thisDN);
  if (desktop === undefined) return;
  const own = (script.state.callsByDn.get(thisDN) ?? []).map(
    (key) => script.state.calls.get(key)?.connID ?? "",
  );
  const connID = own.length === 0 ? "0000000000000000" : pick(random, own);
  const other = own.find((each) => each !== connID) ?? connID;
  const otherDN = pick(random, numbers);
  const on = { thisDN, connID };
  switch (nextInt(random, 0, 19)) {
    case 0:
    case 1:
    case 2:
      return desktop.send({ request: "RequestMakeCall", thisDN, otherDN });
    case 3:
    case 4:
      return desktop.send({ request: "RequestAnswerCall", ...on });
    case 5:
      return desktop.send({ request: "RequestReleaseCall", ...on });
    case 6:
      return desktop.send({ request: "RequestClearCall", ...on });
    case 7:
      return desktop.send({ request: "RequestHoldCall", ...on });
    case 8:
      return desktop.send({ request: "RequestRetrieveCall", ...on });
    case 9: {
      const request = pick(random, ["RequestSetMuteOn", "RequestSetMuteOff"] as const);
      return desktop.send({ request, ...on });
    }
    case 10:
      return desktop.send({ request: "RequestSendDTMF", ...on, dtmfDigits: "12#" });
    case 11:
    case 12:
    case 13: {
      const request = pick(random, [
        "RequestInitiateTransfer",
        "RequestMuteTransfer",
        "RequestSingleStepTransfer",
      ] as const);
      return desktop.send({ request, ...on, otherDN });
    }
    case 14:
    case 15:
      return desktop.send({
        request: "RequestCompleteTransfer",
        ...on,
        transferConnID: other,
      });
    case 16: {
      const request = pick(random, ["RequestAlternateCall", "RequestReconnectCall"] as const);
      return desktop.send({ request, ...on, heldConnID: other });
    }
    case 17:
      return desktop.send({ request: "RequestRedirectCall", ...on, otherDN });
    case 18: {
      const forwardMode = pick(random, ["OnBusy", "OnNoAnswer", "Unconditional"] as const);
      if (chance(random, 500)) return desktop.send({ request: "RequestCallForwardCancel", thisDN });
      return desktop.send({ request: "RequestCallForwardSet", thisDN, otherDN, forwardMode });
    }
    default: {
      const request = chance(random, 200) ? "RequestSetDNDOn" : "RequestSetDNDOff";
      return desktop.send({ request, thisDN });
    }
  }
}
