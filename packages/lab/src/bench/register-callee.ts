import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { registerScenario, usersFile } from "./scenarios.ts";
import { runSipp } from "./sipp.ts";

/** The one phone that takes the calls of a bench. */
interface Callee {
  readonly folder: string;
  readonly dn: string;
  readonly secret: string;
  readonly callee: { readonly host: string; readonly port: number };
  readonly server: { readonly host: string; readonly port: number };
}

/** From the callee's own address, because a binding leads back to where it came from. */
export async function registerCallee(bench: Callee): Promise<void> {
  const { folder, dn, secret, callee, server } = bench;
  const users = join(folder, "callee.csv");
  writeFileSync(users, usersFile([dn], secret));
  const counts = await runSipp({
    folder,
    name: "register",
    scenario: registerScenario,
    local: callee,
    remote: server,
    rate: 1,
    calls: 1,
    usersFile: users,
  });
  if (counts.succeeded !== 1) throw new Error("the callee could not register");
}
