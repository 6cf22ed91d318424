/**
 * Where a back-to-back user agent does otherwise than the flow prints, by rule and with the reason.
 * A difference that no rule names fails the flow. `docs/conformance.md` has the same table; a test
 * keeps both in step.
 */
export interface Difference {
  readonly kind: "missing" | "extra" | "unsendable" | "body";
  readonly agent: string;
  readonly what: "request" | "response";
  readonly method: string;
  /** 0 for a request. */
  readonly status: number;
  /** Facts of the replay so far. */
  readonly facts: ReplayFacts;
}

export interface ReplayFacts {
  /** Agents to whom a REFER was to be passed on. */
  readonly referees: ReadonlySet<string>;
  /** Somebody sent a REFER. */
  readonly isReferred: boolean;
  /** Somebody was asked for credentials or for another interval before. */
  readonly wasAsked: boolean;
  /** An INVITE with Replaces came. */
  readonly isReplaced: boolean;
  /** An UPDATE without an offer came. */
  readonly isRefreshed: boolean;
  /** An agent's INVITE that is still unanswered, or somebody's BYE, met another request. */
  readonly isCrossing: boolean;
  /** A registration names a Contact that is no SIP URI. */
  readonly hasForeignContact: boolean;
  /**
   * What the server answered with 405, 489 or 501: the flow rests on a service it does not have.
   */
  readonly unserved: string | null;
  /** Agents who should have been called after another's refusal, and were not. */
  readonly uncalled: ReadonlySet<string>;
  /** The flow calls one agent after another for the same call. */
  readonly isSequential: boolean;
  /** An UPDATE with an offer came. */
  readonly isUpdated: boolean;
}

export interface DeviationRule {
  readonly id: string;
  readonly reason: string;
  readonly applies: (difference: Difference) => boolean;
}

const isInviteOf = ({ method }: Difference): boolean => method === "INVITE" || method === "ACK";
const never = (): boolean => false;

export const deviationRules: readonly DeviationRule[] = [
  {
    id: "trying",
    reason:
      "100 is hop by hop (RFC 3261 §17.2.1): the server says it once for each INVITE it " + "takes",
    applies: ({ status }) => status === 100,
  },
  {
    id: "being-forwarded",
    reason:
      "181 and 182 are a proxy's news for people: this server tells of a callee's 180 and " + "183",
    applies: ({ status, kind }) => kind === "missing" && (status === 181 || status === 182),
  },
  {
    id: "no-answer-status",
    reason:
      "a callee who does not answer in time is 480 here, 408 with some proxies (RFC 3261 " +
      "§16.7)",
    applies: ({ status, method }) => method === "INVITE" && (status === 408 || status === 480),
  },
  {
    id: "refused-once",
    reason:
      "several elements of the flow refuse a request in turn (a challenge, a session " +
      "interval): here is one, which takes what it asked for",
    applies: ({ facts, kind, what, method, status }) =>
      facts.wasAsked &&
      (what === "response"
        ? kind === "missing" && [401, 407, 422].includes(status)
        : kind === "unsendable" && (method === "INVITE" || method === "ACK")),
  },
  {
    id: "redirect-server",
    reason: "a redirect server is another element: the caller asks this one instead",
    applies: never,
  },
  {
    id: "dead-element",
    reason: "an element that says nothing is another one: how a caller finds the next is his own",
    applies: never,
  },
  {
    id: "controller-flow-iv",
    reason:
      "a call that a desktop asks for is made by flow IV of RFC 3725 (§4.4, recommended for " +
      "people): the ladders of the other flows are not run",
    applies: never,
  },
  {
    id: "controller-services",
    reason:
      "early media, preconditions, a third party and announcements between two people are " +
      "services of RFC 3725 that this controller does not offer: their ladders are not run",
    applies: never,
  },
  {
    id: "sent-again",
    reason:
      "what is sent again is taken by the transaction that has it (RFC 3261 §17.2) and goes " +
      "no further",
    applies: never,
  },
  {
    id: "refer-executed-here",
    reason:
      "the server carries a REFER out itself (RFC 3515 §2.4, RFC 5589 §4): the other party " +
      "sees re-INVITEs in its own dialog and no REFER, and the one who asked hears the " +
      "NOTIFYs from it",
    applies: (difference) => {
      const { facts, agent, method, kind, what } = difference;
      if (!facts.isReferred) return false;
      if (what === "request" && method === "REFER") return kind === "missing";
      if (facts.referees.has(agent)) {
        return ["REFER", "NOTIFY", "BYE"].includes(method) || isInviteOf(difference);
      }
      // Whom the REFER names is called without an offer: the one that stays makes it.
      if (kind === "body") return isInviteOf(difference);
      if (kind === "extra") return ["NOTIFY", "BYE", "INVITE", "ACK"].includes(method);
      return ["NOTIFY", "BYE"].includes(method);
    },
  },
  {
    id: "replaces-in-place",
    reason:
      "an INVITE with Replaces (RFC 3891) takes over one leg: who stays keeps its dialog " +
      "and sees a re-INVITE there, and the server says BYE to the one replaced",
    applies: ({ facts, method, kind, what }) =>
      facts.isReplaced &&
      (method === "BYE" || method === "CANCEL" || (what === "response" && kind !== "body")),
  },
  {
    id: "refresh-per-leg",
    reason:
      "session timers run on each leg (RFC 4028): an UPDATE without an offer is answered " +
      "here and goes no further",
    applies: ({ facts, method, kind }) =>
      facts.isRefreshed && method === "UPDATE" && kind !== "extra",
  },
  {
    id: "update-by-ability",
    reason:
      "an UPDATE with an offer goes on as a re-INVITE to a far end whose Allow does not " +
      "name UPDATE",
    applies: ({ facts, method, kind }) =>
      facts.isUpdated &&
      (method === "UPDATE" || (kind === "extra" && (method === "INVITE" || method === "ACK"))),
  },
  {
    id: "races-end-here",
    reason:
      "requests that cross meet in the server (RFC 5407 lets either win): it answers for " +
      "the party whom they cannot reach any more, with 481, 487, 491 or 500",
    applies: ({ facts, what, status, kind }) =>
      facts.isCrossing &&
      ((what === "response" && [200, 481, 487, 491, 500].includes(status)) ||
        (what === "request" && kind !== "body")),
  },
  {
    id: "contact-schemes",
    reason:
      "bindings are URIs that the server can call: a Contact of another scheme is refused " +
      "with 400",
    applies: ({ facts, method }) => facts.hasForeignContact && method === "REGISTER",
  },
  {
    id: "service-not-here",
    reason:
      "the flow rests on a method or an event package that the server does not serve: it " +
      "says so (405, 489), and what follows from it is not compared",
    applies: ({ facts }) => facts.unserved !== null,
  },
  {
    id: "forwarding-by-others",
    reason:
      "whom a proxy of the flow calls next after a refusal or no answer is that proxy's own " +
      "service: here a DN's forwarding is set by its desktop or its configuration",
    applies: ({ facts, agent, what, method }) =>
      facts.uncalled.has(agent) ||
      ((facts.isSequential || facts.uncalled.size > 0) &&
        (what === "response" ? method === "INVITE" : method === "ACK" || method === "BYE")),
  },
];

export function ruleFor(difference: Difference): string | null {
  return deviationRules.find((rule) => rule.applies(difference))?.id ?? null;
}
