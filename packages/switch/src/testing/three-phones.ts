import { createAutoPhone, settle, type AutoPhone } from "./auto-phone.ts";
import { testConfig } from "./config.ts";
import { createDesktop, type TestDesktop } from "./desktop.ts";
import { createScript, type Script } from "./script.ts";

/** Anna (1001) gives her part of a call away; Bert (1002) stays; Cora (1003) gets it. */
export interface Three {
  readonly script: Script;
  readonly anna: AutoPhone;
  readonly bert: AutoPhone;
  readonly cora: AutoPhone;
  readonly atAnna: TestDesktop;
  readonly atBert: TestDesktop;
  readonly atCora: TestDesktop;
  readonly settle: () => void;
}

export function startThree(): Three {
  const script = createScript(testConfig());
  const phone = (user: string, last: number): AutoPhone =>
    createAutoPhone(script, user, { host: `127.0.3.${last}`, port: 5060 });
  const [anna, bert, cora] = [phone("1001", 11), phone("1002", 12), phone("1003", 13)];
  for (const each of [anna, bert, cora]) each.register();
  settle(anna, bert, cora);
  const desktops = ["1001", "1002", "1003"].map((dn) => createDesktop(script, dn));
  for (const desktop of desktops) desktop.login();
  const [atAnna, atBert, atCora] = desktops as [TestDesktop, TestDesktop, TestDesktop]; // three
  return {
    script,
    anna,
    bert,
    cora,
    atAnna,
    atBert,
    atCora,
    settle: () => settle(anna, bert, cora),
  };
}

/** Bert calls Anna, and both talk. Returns the ConnID and Anna's Call-ID. */
export function talk(three: Three): { connID: string; atAnna: string; atBert: string } {
  const atBert = three.bert.invite("1001");
  three.settle();
  const [atAnna = ""] = [...three.anna.dialogs.keys()];
  const connID = [...three.script.state.calls.values()][0]?.connID ?? "";
  for (const desktop of [three.atAnna, three.atBert, three.atCora]) desktop.names();
  return { connID, atAnna, atBert };
}

/** Names of the tables that still hold something. */
export function leftWhenAllHangUp(three: Three): string[] {
  for (const phone of [three.anna, three.bert, three.cora]) {
    for (const [callId, row] of phone.dialogs) {
      if (!row.isOver && row.dialog !== null) phone.request(callId, "BYE");
      three.settle();
    }
  }
  three.script.pass(200_000);
  const { calls, dialogs, callsByDn, transactions } = three.script.state;
  const tables = Object.entries({ calls, dialogs, callsByDn, transactions });
  return tables.flatMap(([name, table]) => (table.size > 0 ? [name] : []));
}

/** How many calls it has. */
export const open = (phone: AutoPhone): number =>
  [...phone.dialogs.values()].filter((row) => !row.isOver && row.dialog !== null).length;
