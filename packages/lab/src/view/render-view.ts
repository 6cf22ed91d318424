/**
 * The lab on a terminal of 80 columns and 24 rows: both sites, agents, callers, the last failure's
 * score, the last events. Pure text, no colour needed; the first line says which key to press
 * first.
 *
 *     Press 1 and site 1 dies without a word. ? help  q quit        lab 0  fast  01:23
 *      site-1  127.0.1.10                      │ site-2  127.0.2.10
 *      …
 */
import { scoreLines } from "./score.ts";
import { keys } from "./keys.ts";
import type { AgentView, EventView, NodeView, SiteView, ViewModel } from "./view-model.ts";

export interface ViewSize {
  readonly columns: number;
  readonly rows: number;
}

export const columnsMin = 80;
export const rowsMin = 24;
/** Agents shown one by one, in two columns; more are summed up. */
const agentsShownMax = 10;

/** At most `size.rows` lines, none wider than `size.columns`. */
export function renderView(model: ViewModel, size: ViewSize): readonly string[] {
  if (size.columns < columnsMin || size.rows < rowsMin) return tooSmall(size);
  const body = model.isHelpShown ? helpLines(model) : overview(model, size.rows - 1);
  return [firstLine(model, size.columns), ...body]
    .slice(0, size.rows)
    .map((line) => line.slice(0, size.columns).trimEnd());
}

function tooSmall({ columns, rows }: ViewSize): readonly string[] {
  const text =
    `The view needs ${columnsMin}x${rowsMin} and this terminal has ${columns}x${rows}: ` +
    "make it larger, or start with `npm start | cat` for lines of a log. q quits.";
  const lines: string[] = [];
  for (let rest = text; rest !== ""; rest = rest.slice(Math.max(1, columns))) {
    lines.push(rest.slice(0, Math.max(1, columns)));
  }
  return lines.slice(0, Math.max(1, rows));
}

function firstLine(model: ViewModel, columns: number): string {
  const right = `lab ${model.lab}  ${model.profile}  ${clock(model.elapsedMs)}`;
  const left = `${nextKey(model)}  ? help  q quit`;
  return left.padEnd(columns - right.length - 1).slice(0, columns - right.length - 1) + ` ${right}`;
}

/** Which key to press first, from what is broken now. */
function nextKey({ sites, isTrunkCut, isHelpShown }: ViewModel): string {
  if (isHelpShown) return "Press ? to go back.";
  const broken = sites.findIndex(
    ({ servers }) =>
      servers.some(({ state }) => state === "frozen" || state === "fenced" || state === "dead") &&
      !servers.some(({ state, role }) => state === "serving" && role === "primary"),
  );
  if (broken >= 0) return `Press ${broken + 1} to bring site ${broken + 1} back.`;
  if (isTrunkCut) return "Press t to mend the trunk between the sites.";
  return "Press 1 and site 1 dies without a word.";
}

function helpLines(model: ViewModel): readonly string[] {
  return [
    "",
    ...keys.map(({ key, help }) => `  ${key}   ${help}`),
    "",
    "  A site that dies without a word is stopped: its addresses stay and say",
    "  nothing. Its desktops find out by their heartbeats and log in at the other",
    "  site. A site that is killed refuses connections, which is noticed at once.",
    "",
    ...model.ownPhone.map((line) => `  ${line}`),
  ];
}

function overview(model: ViewModel, rows: number): readonly string[] {
  const { callers, score } = model;
  const top = [
    "",
    ...sideBySide(siteLines(model, 0), siteLines(model, 1)),
    "",
    ` trunk: ${model.isTrunkCut ? "CUT" : "up"}`.padEnd(15) +
      `callers: ${callers.waiting} waiting, ${callers.talking} talking, ` +
      `${callers.answered} answered, ${callers.lost} lost`,
    "",
    ...agentLines(model.agents),
    "",
    ...(score === null ? [] : scoreLines(score).map((line) => ` ${line}`)),
  ];
  return [...top, ...eventLines(model.events, rows - top.length)];
}

function siteLines(model: ViewModel, index: 0 | 1): readonly string[] {
  const site = model.sites[index];
  const number = index + 1;
  const here = model.agents.filter((agent) => agent.site === number);
  const count = (state: AgentView["state"]): number =>
    here.filter((agent) => agent.state === state).length;
  const talking = here.filter(({ call }) => call === "talking" || call === "held").length;
  return [
    `${site.name}  ${site.host}`.padEnd(24) + siteWord(site),
    ...site.servers.map((server) => `  ${server.name.padEnd(10)} ${serverWord(server)}`),
    `  agents ${here.length}: ${count("Ready")} ready, ${count("Not Ready")} not, ${count("After Call")} after`,
    `  ${talking} talking, ${site.calls} calls, peer ${peerWord(site.isPeerSeen)}`,
  ];
}

/** What a node is counts more than that it answers. */
function serverWord({ state, role }: NodeView): string {
  return role === "" || (state !== "serving" && state !== "not ready") ? state : role;
}

function siteWord({ servers, isReadyToSwitch }: SiteView): string {
  const states = new Set(servers.map(({ state }) => state));
  if (states.size === 1 && states.has("serving")) return isReadyToSwitch ? "UP, READY" : "UP";
  const isServed = servers.some(({ state, role }) => state === "serving" && role === "primary");
  if (isServed) return "ONE NODE";
  if (states.has("frozen")) return "SILENT";
  if (states.has("fenced")) return "FENCED";
  if (states.has("dead")) return "DOWN";
  return "STARTING";
}

function peerWord(isPeerSeen: boolean | null): string {
  if (isPeerSeen === null) return "unknown";
  return isPeerSeen ? "seen" : "NOT SEEN";
}

function agentLines(agents: readonly AgentView[]): readonly string[] {
  const heading = "agent site state         call    phone";
  const shown = agents.slice(0, agentsShownMax).map(agentLine);
  const half = Math.ceil(shown.length / 2);
  const lines = sideBySide([heading, ...shown.slice(0, half)], [heading, ...shown.slice(half)]);
  const more = agents.slice(agentsShownMax);
  if (more.length === 0) return lines;
  const at = (site: 1 | 2 | null): number => more.filter((agent) => agent.site === site).length;
  const rest = `and ${more.length} more: ${at(1)} at site 1, ${at(2)} at site 2, ${at(null)} nowhere`;
  return [...lines, ` ${rest}`];
}

function agentLine(agent: AgentView): string {
  const { dn, site, call, phone, continuity, state, reason } = agent;
  const words = continuity === "inService" ? stateWord(state, reason) : continuity;
  const registered = phone.map((is, index) => (is ? String(index + 1) : "-")).join("");
  return (
    dn.padEnd(6) +
    String(site ?? "-").padEnd(5) +
    words.slice(0, 13).padEnd(14) +
    (call === "none" ? "" : call).padEnd(8) +
    registered
  );
}

function stateWord(state: AgentView["state"], reason: string | null): string {
  return state === "Not Ready" && reason !== null ? reason : state;
}

function eventLines(events: readonly EventView[], rows: number): readonly string[] {
  if (rows <= 0) return [];
  return events.slice(-rows).map(({ atMs, text }) => ` ${clock(atMs)} ${text}`);
}

function sideBySide(left: readonly string[], right: readonly string[]): readonly string[] {
  const width = 38;
  const rows = Math.max(left.length, right.length);
  return Array.from({ length: rows }, (_, row) => {
    const text = (left[row] ?? "").slice(0, width).padEnd(width);
    return ` ${text} | ${right[row] ?? ""}`;
  });
}

/** mm:ss, with hours where there are some. */
export function clock(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3_600);
  const rest = `${two(Math.floor((seconds % 3_600) / 60))}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}
