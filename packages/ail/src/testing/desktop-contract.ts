import type { Outcome, Desktop } from "../desktop/desktop.ts";
import type { DesktopSnapshot } from "../desktop/snapshot.ts";
import { connectDesktop } from "../host/connect-desktop.ts";
import type { ContractAbilities, ContractServer } from "./contract-server.ts";

/**
 * What every desktop may rely on, whatever server it meets: run against the fakes of this package,
 * and by the same function against real servers.
 */
export interface ContractOptions {
  /** Starts servers for one case; they are stopped after it. */
  readonly startServer: () => Promise<ContractServer>;
  /** `test` of vitest or node:test, or anything of that form. */
  readonly test: (name: string, run: () => Promise<void>) => void;
  /** How to say that a case cannot run; by default its name says so. */
  readonly skip?: (name: string, reason: string) => void;
  /** What the harness can do; absent: all of it. */
  readonly abilities?: readonly (keyof ContractAbilities)[];
  /** For one condition. */
  readonly timeoutMs?: number;
}

export interface ContractCase {
  readonly name: string;
  readonly needs: readonly (keyof ContractAbilities)[];
  readonly run: (bench: ContractBench) => Promise<void>;
}

/** A connected desktop, and words to say what must become of it. */
export interface ContractBench {
  readonly server: ContractServer;
  readonly desktop: Desktop;
  readonly snapshot: () => DesktopSnapshot;
  /** Waits until the snapshot is as said. */
  readonly until: (what: string, isSo: (snapshot: DesktopSnapshot) => boolean) => Promise<void>;
  readonly inService: (site: 1 | 2) => Promise<void>;
  readonly done: (outcome: Promise<Outcome>) => Promise<void>;
  readonly refusedAs: (outcome: Promise<Outcome>, code: string) => Promise<void>;
  readonly ability: <Name extends keyof ContractAbilities>(
    name: Name,
  ) => NonNullable<ContractAbilities[Name]>;
}

const timeoutDefaultMs = 20_000;

export function runContractCases(cases: readonly ContractCase[], options: ContractOptions): void {
  for (const each of cases) {
    const missing = each.needs.filter((need) => options.abilities?.includes(need) === false);
    if (missing.length > 0) {
      const reason = `the harness has no ${missing.join(", ")}`;
      if (options.skip !== undefined) options.skip(each.name, reason);
      else options.test(`${each.name} (skipped: ${reason})`, () => Promise.resolve());
      continue;
    }
    options.test(each.name, () => runCase(each, options));
  }
}

async function runCase(each: ContractCase, options: ContractOptions): Promise<void> {
  const server = await options.startServer();
  const desktop = connectDesktop({
    local: server.local,
    userName: server.userName,
    password: server.password,
    ...(server.profile === undefined ? {} : { profile: server.profile }),
  });
  try {
    await each.run(createBench(server, desktop, options.timeoutMs ?? timeoutDefaultMs));
  } finally {
    desktop.close();
    await server.stop();
  }
}

export function createBench(
  server: ContractServer,
  desktop: Desktop,
  timeoutMs: number,
): ContractBench {
  const until: ContractBench["until"] = (what, isSo) =>
    waitFor(desktop, timeoutMs, what, () => isSo(desktop.snapshot()));
  return {
    server,
    desktop,
    snapshot: desktop.snapshot,
    until,
    inService: (site) =>
      until(
        `in service at site ${site}`,
        (snapshot) => snapshot.state === "inService" && snapshot.site === `site-${site}`,
      ),
    done: async (outcome) => {
      const { kind, ...rest } = await outcome;
      if (kind !== "done") throw new Error(`not done, but ${kind}: ${JSON.stringify(rest)}`);
    },
    refusedAs: async (outcome, code) => {
      const got = await outcome;
      if (got.kind === "refused" && got.code === code) return;
      throw new Error(`not refused as ${code}, but ${JSON.stringify(got)}`);
    },
    ability: (name) => {
      const ability = server.abilities[name];
      if (ability === undefined) throw new Error(`the harness has no ${name}`);
      return ability as never; // its own type, which the check above narrows
    },
  };
}

function waitFor(
  desktop: Desktop,
  timeoutMs: number,
  what: string,
  isSo: () => boolean,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (!isSo()) return;
      end();
      resolve();
    };
    const timer = setTimeout(() => {
      end();
      const now = JSON.stringify(desktop.snapshot());
      const causes = desktop.timeline().map(({ cause }) => cause.code);
      reject(new Error(`not in time: ${what}; now ${now}; causes ${causes.join(", ")}`));
    }, timeoutMs);
    const unsubscribe = desktop.subscribe(look);
    const end = (): void => {
      clearTimeout(timer);
      unsubscribe();
    };
    look();
  });
}
