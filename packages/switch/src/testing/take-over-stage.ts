import { createAutoPhone, settle, type AutoPhone } from "./auto-phone.ts";
import { testConfig } from "./config.ts";
import { createLastingDesktop, type LastingDesktop } from "./lasting-desktop.ts";
import { createScript, type Script } from "./script.ts";
import { createTransactionLayer, type TransactionLayer } from "./transaction-layer.ts";

/**
 * Where a call flow is played with a node that dies in it: three phones with their desktops. Phones
 * repeat what RFC 3261 makes them repeat, desktops resume; a second after the death another node
 * takes over.
 */
export interface TakeOverStage {
  readonly script: Script;
  readonly phone: (dn: string) => AutoPhone;
  readonly desktop: (dn: string) => LastingDesktop;
  /** An act, and everything that follows from it. */
  readonly act: (does: () => void) => void;
}

export interface Death {
  readonly frame: number;
  /** Effects of so many frames never left. */
  readonly lost: number;
}

export interface Outcome {
  /** Per DN: what its desktop was told, in order. */
  readonly told: Readonly<Record<string, readonly string[]>>;
  readonly calls: number;
  readonly transactions: readonly string[];
  /** Calls that each phone still believes in. */
  readonly open: number;
  readonly failures: readonly string[];
  /** Acts that nobody could do, and what a takeover said that had not been said before. */
  readonly troubles: readonly string[];
}

const stageDns: readonly string[] = ["1001", "1002", "1003"];

export interface Course {
  readonly outcome: Outcome;
  /** In which something happened, from the first act to the last. */
  readonly frames: readonly number[];
}

export function playWithDeath(
  scenario: (stage: TakeOverStage) => void,
  transport: "UDP" | "TCP",
  death: Death | null,
  how: "keeps" | "forgets" = "keeps",
): Course {
  const script = createScript(testConfig());
  const troubles: string[] = [];
  const layers: TransactionLayer[] = [];
  const phones = new Map<string, AutoPhone>();
  for (const [index, dn] of stageDns.entries()) {
    const address = { host: `127.0.3.${index + 1}`, port: 5060, transport };
    const layer = createTransactionLayer(script, address);
    const phone = createAutoPhone(layer.script, dn, address, "ring");
    layers.push(layer);
    phones.set(dn, phone);
    phone.register();
    phone.turn();
  }
  const desktops = new Map(stageDns.map((dn) => [dn, createLastingDesktop(script, dn)]));
  const all = [...phones.values()];
  for (const desktop of desktops.values()) desktop.told.length = 0;
  const begins = script.busyFrames.at(-1) ?? 0;
  if (death !== null) script.dieAt(death.frame, death.lost);

  let registeredAt = 0;
  /** A connection's registration is granted for 30 s. */
  function refresh(): void {
    if (transport === "UDP" || script.isDead() || script.now() - registeredAt < 10_000) return;
    registeredAt = script.now();
    for (const phone of all) phone.register();
  }
  function pass(ms: number): void {
    for (let passed = 0; passed < ms; passed += 250) {
      settle(...all);
      for (const desktop of desktops.values()) desktop.hear();
      script.pass(250);
      refresh();
      for (const layer of layers) layer.tick();
    }
    settle(...all);
    for (const desktop of desktops.values()) desktop.hear();
  }
  function replaceNode(): void {
    pass(1_000);
    const before = new Set(script.said);
    for (const effect of script.takeOver()) {
      if (effect.kind !== "sip" || before.has(effect.text)) continue;
      troubles.push(`new in the takeover: ${effect.text}`);
    }
    for (const [index, layer] of layers.entries()) {
      layer.reconnect(how);
      if (transport === "TCP") all[index]?.register();
    }
    for (const desktop of desktops.values()) desktop.reconnect();
  }
  scenario({
    script,
    phone: (dn) => phones.get(dn) ?? unknown(dn),
    desktop: (dn) => desktops.get(dn) ?? unknown(dn),
    act(does) {
      try {
        does();
      } catch (error) {
        troubles.push(String(error));
      }
      pass(500);
      if (script.isDead()) replaceNode();
      pass(5_000);
      if (!script.isDead()) return;
      replaceNode();
      pass(5_000);
    },
  });
  const ends = script.busyFrames.at(-1) ?? 0;
  pass(80_000);
  const { state } = script;
  const told = Object.fromEntries([...desktops].map(([dn, desktop]) => [dn, [...desktop.told]]));
  const outcome = {
    told,
    calls: state.calls.size,
    transactions: [...state.transactions.keys()].filter((key) => !key.endsWith("/REGISTER")),
    open: all.flatMap((phone) => phone.open()).length,
    troubles,
    failures: script.alarms().filter((text) => text.startsWith("step-failed")),
  };
  const frames = script.busyFrames.filter((frame) => frame > begins && frame <= ends);
  return { outcome, frames };
}

function unknown(dn: string): never {
  throw new Error(`there is no ${dn} on the stage`);
}
