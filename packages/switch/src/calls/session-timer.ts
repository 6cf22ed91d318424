import { headerOf, listOf, type SipMessage, type SipRequest } from "@tandem/sip";
import { arm, disarm, optionsOf, type Turn } from "../turn.ts";
import { askRound } from "./circle.ts";
import { callTimer, isLive, keyOf, type Call, type Leg, type SessionTimer } from "./call.ts";
import { sendInDialog, sendReinvite } from "./leg.ts";
import { endCall } from "./release.ts";
import { lastSent } from "./session-description.ts";

/**
 * Session timers (RFC 4028), for each leg by itself: so a party that is gone is found, and its call
 * ended, wherever the other one is. Where the far end takes part, one of the two refreshes: with
 * UPDATE if the far end takes it, else with a re-INVITE that changes nothing. Where it does not, we
 * ask with OPTIONS in the dialog just as often.
 */
type Header = readonly [string, string];

/** For an INVITE of ours that begins a call. */
export function offerTimer(turn: Turn, leg: Leg): Header[] {
  const { sessionExpiresSeconds } = optionsOf(turn);
  if (sessionExpiresSeconds === 0) return [];
  const minimum = Math.max(minimumOf(turn), leg.minSe);
  const seconds = Math.max(sessionExpiresSeconds, minimum);
  return [
    ["Session-Expires", String(seconds)],
    ["Min-SE", String(minimum)],
  ];
}

/** RFC 4028 §6: 422 for an interval that is too small. Null: none. */
export function refuseInterval(turn: Turn, request: SipRequest): Header[] | null {
  const asked = readExpires(request);
  const minimum = minimumOf(turn);
  if (asked === null || asked.seconds >= minimum) return null;
  return [["Min-SE", String(minimum)]];
}

/**
 * What an INVITE or UPDATE of the far end asks for becomes what the 2xx will say (§9). Returns the
 * headers of a 422, or null.
 */
export function agreeRefresh(
  turn: Turn,
  call: Call,
  leg: Leg,
  request: SipRequest,
): Header[] | null {
  const { sessionExpiresSeconds } = optionsOf(turn);
  if (sessionExpiresSeconds === 0) return null;
  const refused = refuseInterval(turn, request);
  if (refused !== null) return refused;
  const asked = readExpires(request);
  const floor = secondsOf(headerOf(request, "min-se")) ?? 0;
  const isAble = listOf(request, "supported").includes("timer");
  const wanted = asked?.seconds ?? sessionExpiresSeconds;
  const seconds = Math.max(Math.min(wanted, sessionExpiresSeconds), floor, minimumOf(turn));
  const isTheirs = asked?.refresher === "uac" || (asked?.refresher !== "uas" && isAble);
  leg.sessionTimer = {
    seconds,
    refresher: isTheirs ? "them" : "us",
    isAgreed: isAble,
  };
  if (leg.state === "confirmed") startTimer(turn, call, leg);
  return null;
}

/** For a 2xx of ours to the request that `agreeRefresh` has seen. */
export function sessionHeaders(leg: Leg): Header[] {
  const timer = leg.sessionTimer;
  if (timer === null || !timer.isAgreed) return [];
  const refresher = timer.refresher === "them" ? "uac" : "uas";
  const expires = ["Session-Expires", `${timer.seconds};refresher=${refresher}`] as const;
  return timer.refresher === "them" ? [["Require", "timer"], expires] : [expires];
}

/** A 2xx to an INVITE or UPDATE of ours (§7.2). */
export function heedTimer(turn: Turn, call: Call, leg: Leg, response: SipMessage): void {
  const { sessionExpiresSeconds } = optionsOf(turn);
  if (sessionExpiresSeconds === 0) return;
  const given = readExpires(response);
  const before = leg.sessionTimer;
  leg.sessionTimer =
    given === null
      ? { seconds: before?.seconds ?? sessionExpiresSeconds, refresher: "us", isAgreed: false }
      : {
          seconds: Math.max(given.seconds, minimumOf(turn)),
          refresher: given.refresher === "uas" ? "them" : "us",
          isAgreed: true,
        };
  startTimer(turn, call, leg);
}

export function startTimer(turn: Turn, call: Call, leg: Leg): void {
  const timer: SessionTimer | null = leg.sessionTimer;
  if (timer === null) return;
  const ms = timer.seconds * 1_000;
  if (timer.refresher === "us") {
    disarm(turn, callTimer(call, `expire-${leg.id}`));
    arm(turn, callTimer(call, `refresh-${leg.id}`), ms / 2);
  } else {
    disarm(turn, callTimer(call, `refresh-${leg.id}`));
    // §10: the call ends a little before the interval does.
    arm(turn, callTimer(call, `expire-${leg.id}`), ms - Math.min(32_000, ms / 3));
  }
}

/** `call/<key>/refresh-<leg>`. */
export function onRefreshTimer(turn: Turn, call: Call, leg: Leg): void {
  const timer = leg.sessionTimer;
  if (timer === null || !isLive(leg) || leg.state !== "confirmed") return;
  if (leg === call.destination) askRound(turn, call);
  const again = callTimer(call, `refresh-${leg.id}`);
  const expires = ["Session-Expires", `${timer.seconds};refresher=uac`] as const;
  const supported = ["Supported", "timer"] as const;
  if (!timer.isAgreed) {
    const owner = { kind: "refresh", ...keyOf(call, leg) } as const;
    sendInDialog(turn, leg, "OPTIONS", owner, { headers: [], body: "" });
  } else if (!refresh(turn, call, leg, [supported, expires])) {
    return arm(turn, again, refreshAgainMs);
  }
  arm(turn, again, (timer.seconds * 1_000) / 2);
}

/** A request that nobody answers well who does not know the dialog; false: not just now. */
function refresh(turn: Turn, call: Call, leg: Leg, headers: readonly Header[]): boolean {
  if (leg.abilities.update) {
    const owner = { kind: "refresh", ...keyOf(call, leg) } as const;
    sendInDialog(turn, leg, "UPDATE", owner, { headers, body: "" });
    return true;
  }
  if (call.exchange.kind !== "none" || leg.unacknowledged !== null) return false;
  call.exchange = { kind: "refresh", leg: leg.id };
  sendReinvite(turn, call, leg, lastSent(leg), headers);
  return true;
}

/** `call/<key>/doubt-<leg>`: whether the far end knows the dialog (many answer any OPTIONS). */
export function onDoubtTimer(turn: Turn, call: Call, leg: Leg): void {
  if (!isLive(leg) || leg.state !== "confirmed") return;
  if (refresh(turn, call, leg, [])) return;
  arm(turn, callTimer(call, `doubt-${leg.id}`), refreshAgainMs);
}

/** `call/<key>/expire-<leg>`: the far end has not refreshed its session. */
export function onExpireTimer(turn: Turn, call: Call): void {
  endCall(turn, call, {
    by: null,
    status: 408,
    callState: "Dropped",
    cancelReason: 'SIP;cause=408;text="Session expired"',
  });
}

/** What came of an UPDATE or OPTIONS of ours. */
export function onRefreshAnswered(
  turn: Turn,
  call: Call,
  leg: Leg,
  status: number,
  response: SipMessage | null,
): void {
  if (status === 481 || status === 408) {
    endCall(turn, call, { by: null, status: 480, callState: "Dropped" });
  } else if (status === 422 && response !== null && leg.sessionTimer !== null) {
    const minimum = secondsOf(headerOf(response, "min-se")) ?? 0;
    leg.sessionTimer = {
      ...leg.sessionTimer,
      seconds: Math.max(leg.sessionTimer.seconds, minimum),
    };
    arm(turn, callTimer(call, `refresh-${leg.id}`), 0);
  } else if (status < 300 && response !== null && leg.sessionTimer?.isAgreed === true) {
    heedTimer(turn, call, leg, response);
  }
}

function minimumOf(turn: Turn): number {
  return optionsOf(turn).sessionExpiresMinSeconds;
}

interface Expires {
  readonly seconds: number;
  readonly refresher: "uac" | "uas" | null;
}

function readExpires(message: SipMessage): Expires | null {
  const value = headerOf(message, "session-expires");
  if (value === undefined) return null;
  const [first = "", ...params] = value.split(";");
  const seconds = secondsOf(first.trim());
  if (seconds === null) return null;
  const said = params.map((param) => param.trim().toLowerCase());
  if (said.includes("refresher=uac")) return { seconds, refresher: "uac" };
  return { seconds, refresher: said.includes("refresher=uas") ? "uas" : null };
}

export function secondsOf(text: string | undefined): number | null {
  const digits = text?.split(";")[0]?.trim();
  return digits !== undefined && /^\d{1,9}$/.test(digits) ? Number(digits) : null;
}

const refreshAgainMs = 2_000;
