import type {
  ContinuityContext,
  ContinuityEffect,
  RestoreOrder,
  TimelinePlace,
  TimerKey,
  Warning,
} from "./events.ts";
import type { AgentMemory, Cause, Continuity, Phase } from "./state.ts";
import type { Site } from "../configuration/plan-sites.ts";

/**
 * One event being stepped: the state so far and the effects so far. Lives for one step only; the
 * states themselves are never changed in place.
 */
export interface Turn {
  state: Continuity;
  readonly context: ContinuityContext;
  readonly effects: ContinuityEffect[];
}

export function change(turn: Turn, changed: Partial<Continuity>): void {
  turn.state = { ...turn.state, ...changed };
}

export function changeAgent(turn: Turn, changed: Partial<AgentMemory>): void {
  change(turn, { agent: { ...turn.state.agent, ...changed } });
}

/** What a change of state cost or brought back (R23). */
export interface Toll {
  readonly restored?: RestoreOrder | null;
  readonly lost?: readonly string[];
  readonly recorded?: readonly Cause[];
}

/**
 * R23: enters a phase. A change of kind or site is reported; timers that have no meaning in the new
 * phase are disarmed.
 */
export function enter(turn: Turn, phase: Phase, cause: Cause, toll: Toll = {}): void {
  const before = turn.state;
  change(turn, { phase });
  for (const key of turn.state.armed) {
    if (!phasesOf[key].includes(phase.kind)) disarm(turn, key);
  }
  const from = placeOf(before, before.phase);
  const to = placeOf(turn.state, phase);
  if (from.state === to.state && from.site === to.site) return;
  turn.effects.push({
    kind: "report",
    entry: {
      number: "number" in phase ? phase.number : before.lastNumber,
      cause,
      from,
      to,
      at: turn.context.wallMs,
      inProgress: {
        calls: before.agent.calls.map((call) => call.connID),
        agentState: before.agent.former,
      },
      restored: toll.restored ?? null,
      lost: toll.lost ?? [],
      recorded: toll.recorded ?? [],
    },
  });
}

/** In which phases a timer means something. */
const phasesOf: { readonly [Key in TimerKey]: readonly Phase["kind"][] } = {
  "locate/retry": ["locating"],
  "configuration/retry": [
    "connecting",
    "inService",
    "impaired",
    "switchingOver",
    "draining",
    "noSite",
  ],
  "site/connect": ["connecting", "switchingOver", "noSite"],
  "telephony/no-primary": ["inService", "impaired", "draining"],
  "telephony/site-timeout": ["impaired"],
  "phone/register-timeout": ["impaired"],
  "phone/relaunch": ["impaired"],
  "login/retry": ["connecting", "switchingOver", "impaired"],
  "drain/telephony": ["draining"],
  "no-site/retry": ["noSite"],
};

/** Arms a timer, unless it runs already: what is measured is continuous. */
export function armOnce(turn: Turn, key: TimerKey, afterMs: number): void {
  if (!turn.state.armed.includes(key)) arm(turn, key, afterMs);
}

export function arm(turn: Turn, key: TimerKey, afterMs: number): void {
  const others = turn.state.armed.filter((each) => each !== key);
  change(turn, { armed: [...others, key] });
  turn.effects.push({ kind: "arm", key, afterMs });
}

export function disarm(turn: Turn, key: TimerKey): void {
  if (!turn.state.armed.includes(key)) return;
  forgetTimer(turn, key);
  turn.effects.push({ kind: "disarm", key });
}

/** The timer fired by itself. */
export function forgetTimer(turn: Turn, key: TimerKey): void {
  change(turn, { armed: turn.state.armed.filter((each) => each !== key) });
}

export function warn(turn: Turn, code: Warning["code"], sentence: string, isAlarm = false): void {
  turn.effects.push({ kind: "warn", warning: { code, sentence }, isAlarm });
}

export function siteAt(state: Continuity, index: number): Site | undefined {
  return state.plan?.sites[index];
}

/** The DN that the agent logs in on at a site. */
export function loginDn(state: Continuity, site: number): string | undefined {
  return siteAt(state, site)?.dns[0];
}

/** The other site, or null where only one is known. */
export function otherSite(state: Continuity, site: number): number | null {
  const other = 1 - site;
  return siteAt(state, other) === undefined ? null : other;
}

/** R15: what was noted during a switchover, told when it ends. */
export function recordedIn(phase: Phase): readonly Cause[] {
  return phase.kind === "switchingOver" ? phase.recorded : [];
}

/** The attachment that the desktop uses now, or null. */
export function attachmentOf(
  phase: Phase,
): { readonly site: number; readonly number: number } | null {
  return "site" in phase ? { site: phase.site, number: phase.number } : null;
}

function placeOf(state: Continuity, phase: Phase): TimelinePlace {
  const site = "site" in phase ? (siteAt(state, phase.site)?.name ?? null) : null;
  return { state: phase.kind, site };
}
