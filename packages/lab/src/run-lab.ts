/**
 * `tandem lab`: a lab for a person. On a terminal the live view, elsewhere lines of a log; Ctrl-C,
 * `q` and SIGTERM end everything that was started. What keeps it from starting is one sentence.
 */
import { randomBytes } from "node:crypto";
import { networkInterfaces } from "node:os";
import type { DesktopNews, LabDesktop } from "./desktops.ts";
import { type LabSession, startLabSession } from "./lab-session.ts";
import { nodeHttp, type Profile, type Topology, labTopology } from "./topology.ts";
import type { LabAction } from "./view/keys.ts";
import { clock, columnsMin, rowsMin } from "./view/render-view.ts";
import { openTerminal } from "./view/terminal.ts";
import type { EventView } from "./view/view-model.ts";

export interface RunLabOptions {
  readonly lab?: number;
  readonly profile: Profile;
  readonly agents: number;
  readonly bind?: string;
  readonly hasCallers: boolean;
  readonly openDesktops: (topology: Topology, news: DesktopNews) => Promise<readonly LabDesktop[]>;
}

/** Resolves to the exit code when the lab has ended. */
export async function runLab(options: RunLabOptions): Promise<number> {
  const complaint = complaintAbout(options);
  if (complaint !== null) {
    process.stderr.write(`${complaint}\n`);
    return 1;
  }
  const ending = createEnding();
  const isLive = process.stdin.isTTY && process.stdout.isTTY;
  const log = (line: string): void => void process.stdout.write(`${line}\n`);
  const startedAt = performance.now();
  // Before the view there is nothing to draw on: progress is lines.
  let show = (event: EventView): void => log(`${clock(event.atMs)} ${event.text}`);
  let session: LabSession;
  try {
    session = await startLabSession({
      ...options,
      ...(options.bind === undefined ? {} : generatedSecrets()),
      onEvent: (event) => show(event),
      onProgress: (what) => log(`${clock(performance.now() - startedAt)} ${what}`),
    });
  } catch (error) {
    process.stderr.write(`${sentenceOf(error)}\n`);
    return 1;
  }
  const { topology } = session.lab;
  const ownPhone = ownPhoneLines(topology);
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  log(`ready after ${seconds} s`);
  for (const line of ownPhone) log(line);
  let isHelpShown = false;
  const act = (action: LabAction): void => {
    if (action.kind === "quit") ending.end();
    else if (action.kind === "help") isHelpShown = !isHelpShown;
    else session.act(action);
  };
  const terminal = !isLive
    ? null
    : openTerminal({
        input: process.stdin,
        output: process.stdout,
        model: () => ({ ...session.model(), ownPhone, isHelpShown }),
        onAction: act,
      });
  if (terminal !== null) show = () => undefined; // the view shows them
  await ending.ended;
  terminal?.close();
  log("the lab ends");
  await session.stop();
  return 0;
}

/** What is asked for and cannot be had, before anything is started. */
function complaintAbout({ bind, lab }: RunLabOptions): string | null {
  if (
    process.stdout.isTTY &&
    (process.stdout.columns < columnsMin || process.stdout.rows < rowsMin)
  ) {
    const { columns, rows } = process.stdout;
    return (
      `the view needs a terminal of ${columnsMin}x${rowsMin} and this one has ${columns}x${rows}: ` +
      "make it larger, or start with `npm start | cat` for lines of a log"
    );
  }
  if (bind !== undefined && !ownAddresses().includes(bind)) {
    return `${bind} is no address of this machine: --bind takes one of ${ownAddresses().join(", ")}`;
  }
  if (process.platform !== "darwin") return null;
  const number = lab ?? 0;
  const needed = labTopology({
    lab: number,
    profile: "fast",
    agents: 10,
    password: "",
    sipSecret: "",
  });
  const hosts = [
    ...needed.sites.flatMap(({ host, relayHost, gateway }) => [host, relayHost, gateway.host]),
    ...needed.agents.map(({ phone }) => phone.host),
  ];
  const missing = hosts.filter((host) => !ownAddresses().includes(host));
  if (missing.length === 0) return null;
  return (
    "macOS has only 127.0.0.1 until it is told of more; run: " +
    `for a in ${missing.join(" ")}; do sudo ifconfig lo0 alias $a; done`
  );
}

function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).filter(({ family }) => family === "IPv4").map(({ address }) => address),
  );
}

/** Whoever reaches the address must not get in with what is written in a manual. */
function generatedSecrets(): { readonly password: string; readonly sipSecret: string } {
  const secret = (): string => randomBytes(9).toString("base64url");
  return { password: secret(), sipSecret: secret() };
}

function ownPhoneLines({ sites, ownDn, sipSecret, agents, password }: Topology): readonly string[] {
  const registrars = sites.map(({ host, ports }) => `${host}:${ports.sip}`).join(" and ");
  const urls = sites.flatMap((site) => site.nodes.map((node) => nodeHttp(site, node))).join(" ");
  return [
    `a phone of your own (UDP or TCP): user ${ownDn}, password ${sipSecret},`,
    `  registrars ${registrars}`,
    `a desktop of your own: user ${agents[0]?.userName ?? ""}, password ${password}`,
    `/healthz /readyz /metrics: ${urls}`,
  ];
}

interface Ending {
  readonly end: () => void;
  readonly ended: Promise<void>;
}

/** A second Ctrl-C changes nothing: what is ending needs a moment, and it has one. */
function createEnding(): Ending {
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => resolve());
  return { end: resolve, ended: promise };
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
