import { backOffMs } from "@tandem/cti";
import { forgetAttachment, loseCalls, onSessionOpened, openAttachment } from "./attach.ts";
import type { SessionOpened } from "./events.ts";
import type { Cause, Fallback, NoSite, TelephonyNode } from "./state.ts";
import { onTelephonySeen, servingNode } from "./telephony.ts";
import { arm, attachmentOf, change, enter, recordedIn, type Turn } from "./turn.ts";

/**
 * R20: neither site could be used. Both are tried at the same time, for ever, with R1's back-off;
 * the first that serves wins. A site that served and said "not in service here" is taken again only
 * when the other does not serve within `connect-timeout`. The user sees since when, and the next
 * attempt.
 *
 *   waiting ──no-site/retry──▶ trying both ──one serves──▶ connecting ──fails──▶ waiting
 *      ▲─────────none serves in time──┘
 */
export function enterNoSite(turn: Turn, cause: Cause, refusedBy: readonly number[]): void {
  const { phase } = turn.state;
  const attachment = attachmentOf(phase);
  if (attachment !== null) turn.effects.push({ kind: "closeSite", number: attachment.number });
  const lost = loseCalls(turn);
  forgetAttachment(turn);
  const search = phase.kind === "connecting" ? phase.search : null;
  const next: NoSite = {
    kind: "noSite",
    cause,
    since: search?.since ?? turn.context.wallMs,
    attempts: search?.attempts ?? 0,
    trying: null,
    nextAttemptAt: null,
    refusedBy,
    fallback: null,
  };
  enter(turn, next, cause, { lost, recorded: recordedIn(phase) });
  // A site that has just said no is not asked again at once.
  if (refusedBy.length > 0 || search !== null) waitForNext(turn);
  else attempt(turn);
}

/** All known sites at the same time. */
export function attempt(turn: Turn): void {
  const { phase, plan } = turn.state;
  if (phase.kind !== "noSite" || plan === null) return;
  const trying = plan.sites.map((_, site) => ({ site, number: openAttachment(turn, site) }));
  changePhase(turn, { trying, nextAttemptAt: null, fallback: null, attempts: phase.attempts + 1 });
  arm(turn, "site/connect", plan.options.connectTimeoutMs);
}

/** `connect-timeout` is over: a site that refused before is better than none. */
export function onAttemptTimeout(turn: Turn): void {
  const { phase } = turn.state;
  if (phase.kind !== "noSite") return;
  if (phase.fallback !== null) return take(turn, phase.fallback);
  for (const { number } of phase.trying ?? []) turn.effects.push({ kind: "closeSite", number });
  changePhase(turn, { trying: null });
  waitForNext(turn);
}

function waitForNext(turn: Turn): void {
  const { phase } = turn.state;
  if (phase.kind !== "noSite") return;
  const waitMs = backOffMs(Math.max(1, phase.attempts), turn.context.entropy);
  changePhase(turn, { nextAttemptAt: turn.context.wallMs + waitMs });
  arm(turn, "no-site/retry", waitMs);
}

/** What the nodes of one of the sites being tried say. */
export function candidateSeen(turn: Turn, number: number, nodes: readonly TelephonyNode[]): void {
  const { phase } = turn.state;
  if (phase.kind !== "noSite") return;
  const candidate = phase.trying?.find((each) => each.number === number);
  if (candidate === undefined) return;
  const serves = servingNode(nodes, 0).index !== null;
  const isAlone = (phase.trying ?? []).length === 1;
  if (serves && (isAlone || !phase.refusedBy.includes(candidate.site))) {
    return take(turn, { ...candidate, nodes, opened: null });
  }
  const isFallback = phase.fallback?.number === number;
  if (serves && !isFallback) changePhase(turn, { fallback: { ...candidate, nodes, opened: null } });
  else if (!serves && isFallback) changePhase(turn, { fallback: null });
}

export function candidateOpened(turn: Turn, opened: SessionOpened): void {
  const { phase } = turn.state;
  if (phase.kind !== "noSite" || phase.fallback?.number !== opened.number) return;
  changePhase(turn, { fallback: { ...phase.fallback, opened } });
}

function take(turn: Turn, candidate: Fallback): void {
  const { phase } = turn.state;
  if (phase.kind !== "noSite") return;
  for (const { number } of phase.trying ?? []) {
    if (number !== candidate.number) turn.effects.push({ kind: "closeSite", number });
  }
  const { site, number, nodes, opened } = candidate;
  const { since, attempts } = phase;
  const search = { since, attempts };
  enter(turn, { kind: "connecting", site, number, search }, { code: "served-first" });
  onTelephonySeen(turn, nodes);
  if (opened !== null) onSessionOpened(turn, opened);
}

function changePhase(turn: Turn, changed: Partial<NoSite>): void {
  const { phase } = turn.state;
  if (phase.kind === "noSite") change(turn, { phase: { ...phase, ...changed } });
}
