import type {
  CallInfo,
  EventAgentLogin,
  EventAgentLogout,
  PartyState,
  TlibCallEvent,
  TlibEvent,
} from "@tandem/cti";
import { enterService, settle } from "./attach.ts";
import { leasesMax, type AgentState } from "./state.ts";
import { drainOrSwitch, switchOver } from "./switch-over.ts";
import { attachmentOf, change, changeAgent, loginDn, warn, type Turn } from "./turn.ts";

/**
 * What the SIP Server tells of the agent's DN: logins and logouts with their reasons (R11, R13,
 * R14), states, calls, the phone.
 */
export function onTold(turn: Turn, event: TlibEvent): void {
  const attachment = attachmentOf(turn.state.phase);
  if (attachment === null || !("thisDN" in event)) return;
  if (event.thisDN !== loginDn(turn.state, attachment.site)) return;
  switch (event.event) {
    case "EventAgentLogin":
      return onAgentLogin(turn, event);
    case "EventAgentLogout":
      return onAgentLogout(turn, event);
    case "EventAgentReady":
      return keepState(turn, { state: "Ready" }, event);
    case "EventAgentNotReady":
      return keepState(turn, { state: "NotReady" }, event);
    case "EventAgentAfterCallWork": {
      const { afterCallWorkUntil } = event;
      const until = afterCallWorkUntil === undefined ? {} : { afterCallWorkUntil };
      return keepState(turn, { state: "AfterCallWork", ...until }, event);
    }
    case "EventDNOutOfService":
      change(turn, { phoneInService: false });
      return settle(turn, { code: "phone-unregistered" });
    case "EventDNBackInService":
      // R13: log in again here, state by R17.
      change(turn, { phoneInService: true });
      return settle(turn, { code: "phone-back" });
    case "EventRegistered":
    case "EventUnregistered":
    case "EventAddressInfo":
      return; // answers, which come as events of their own
    default:
      return onCall(turn, event);
  }
}

function onAgentLogin(turn: Turn, event: EventAgentLogin): void {
  const { agent } = turn.state;
  if (event.referenceID === undefined) {
    // Another session logged in on this DN: the login is no longer this desktop's.
    changeAgent(turn, { login: { kind: "elsewhere", lease: event.lease }, wantsLogin: false });
    warn(turn, "logged-in-elsewhere", "Logged in with another desktop; this one only watches.");
    enterService(turn, { code: "dr-peer-login" });
    return;
  }
  const leases = [...agent.leases, event.lease].slice(-leasesMax);
  const login = { kind: "in", lease: event.lease } as const;
  // The state's own event follows; until then nobody knows it.
  changeAgent(turn, { login, leases, loginFailures: 0, wantsLogin: true, present: null });
  settle(turn, { code: "logged-in" });
}

/** The last state that was the agent's own; the server's and the desktop's reasons are not. */
function keepState(
  turn: Turn,
  base: AgentState,
  event: Extract<
    TlibEvent,
    { event: "EventAgentReady" | "EventAgentNotReady" | "EventAgentAfterCallWork" }
  >,
): void {
  const { workMode, reasons } = event;
  const present: AgentState = {
    ...base,
    ...(workMode === undefined ? {} : { workMode }),
    ...(reasons === undefined ? {} : { reasons }),
  };
  const reasonCode = reasons?.["ReasonCode"];
  const isOwn = reasonCode !== "desktop-lost" && reasonCode !== "call-in-progress";
  const isReadyAgain = base.state === "Ready"; // the agent says so: the call is over
  changeAgent(turn, {
    present,
    ...(isOwn ? { former: present } : {}),
    ...(isReadyAgain ? { isHeldByCall: false } : {}),
  });
}

/** R11, by the reason code. */
function onAgentLogout(turn: Turn, event: EventAgentLogout): void {
  const { login, isLogoutAsked } = turn.state.agent;
  const reasonCode = event.extensions?.["ReasonCode"];
  if (reasonCode === "dr-peer-login") return onPeerLogin(turn, event);
  changeAgent(turn, { present: null });
  switch (reasonCode) {
    case "desktop-lost":
      // R11: the desktop is here: log in again at once.
      changeAgent(turn, { login: { kind: "none" } });
      return settle(turn, { code: "desktop-lost" });
    case "dr-force_logout":
      // R13
      changeAgent(turn, { login: { kind: "none" } });
      change(turn, { phoneInService: false });
      return settle(turn, { code: "phone-unregistered" });
    case "graceful_shutdown_logout":
      // R14
      changeAgent(turn, { login: { kind: "none" } });
      return drainOrSwitch(turn, { code: "graceful-shutdown" }, "noSite");
    default: {
      // R11: asked for, or a supervisor's: logged out, nothing else.
      if (login.kind === "asked" && !isLogoutAsked) return; // of the login before the one asked for
      changeAgent(turn, { login: { kind: "none" }, wantsLogin: false, isLogoutAsked: false });
      return settle(turn, { code: "logged-out" });
    }
  }
}

/** R11: both sites had a login of this agent; the lease says which one ended (peers.md P3). */
function onPeerLogin(turn: Turn, event: EventAgentLogout): void {
  const { login, leases } = turn.state.agent;
  const isOurs = login.kind === "in" && isSameLease(login.lease, event.lease);
  if (!isOurs) return;
  changeAgent(turn, { present: null });
  const { wonBy } = event;
  const isEarlierOfOurs =
    wonBy !== undefined && leases.some((each) => isSameLease(each, wonBy.lease));
  if (isEarlierOfOurs) {
    changeAgent(turn, { login: { kind: "none" } });
    return settle(turn, { code: "dr-peer-login" });
  }
  const lease = wonBy?.lease ?? event.lease;
  changeAgent(turn, { login: { kind: "elsewhere", lease }, wantsLogin: false });
  warn(
    turn,
    "logged-in-elsewhere",
    "The agent was logged in at the other site by another desktop.",
  );
}

function isSameLease(
  a: { readonly epoch: number; readonly time: number; readonly site: string },
  b: { readonly epoch: number; readonly time: number; readonly site: string },
): boolean {
  return a.epoch === b.epoch && a.time === b.time && a.site === b.site;
}

const partyStates: { readonly [Event in TlibCallEvent["event"]]: PartyState | "over" | null } = {
  EventDialing: "Dialing",
  EventNetworkReached: null,
  EventRinging: "Ringing",
  EventQueued: "Queued",
  EventDiverted: "over",
  EventEstablished: "Established",
  EventHeld: "Held",
  EventRetrieved: "Established",
  EventReleased: "over",
  EventAbandoned: "over",
  EventDestinationBusy: null,
  EventPartyChanged: null,
  EventDTMFSent: null,
  EventMuteOn: null,
  EventMuteOff: null,
  EventAttachedDataChanged: null,
};

function onCall(turn: Turn, event: TlibEvent): void {
  if (!isCallEvent(event) || event.thisDNRole === "Observer") return;
  const { calls } = turn.state.agent;
  // A completed transfer gives the call at its new party the ConnID of the main call.
  const former = event.event === "EventPartyChanged" ? event.previousConnID : undefined;
  const known =
    calls.find((call) => call.connID === event.connID) ??
    calls.find((call) => call.connID === former);
  const changed = partyStates[event.event];
  if (changed === "over") {
    changeAgent(turn, { calls: calls.filter((call) => call !== known) });
    const { phase, agent } = turn.state;
    // R14: draining ends with the last call.
    const isDrained = phase.kind === "draining" && agent.calls.length === 0;
    if (isDrained) switchOver(turn, { code: "calls-ended" }, "noSite");
    return;
  }
  const partyState = changed ?? known?.partyState;
  if (partyState === undefined) return;
  const info = callInfoOf(event, partyState, known);
  changeAgent(turn, {
    calls:
      known === undefined ? [...calls, info] : calls.map((call) => (call === known ? info : call)),
  });
}

function isCallEvent(event: TlibEvent): event is TlibCallEvent {
  return Object.hasOwn(partyStates, event.event);
}

/** The fields of a snapshot's call, from an event of it. */
function callInfoOf(
  event: TlibCallEvent,
  partyState: PartyState,
  known: CallInfo | undefined,
): CallInfo {
  const { connID, callUUID, callID, callType, thisDNRole, userData } = event;
  const { otherDN, otherDNRole, ani, dnis, thisQueue } = event;
  const consulted = callType === "Consult" ? event.previousConnID : undefined;
  const isMuted =
    event.event === "EventMuteOn" || (event.event !== "EventMuteOff" && known?.isMuted === true);
  return {
    connID,
    callUUID,
    callID,
    callType,
    thisDNRole,
    partyState,
    userData,
    ...(otherDN === undefined ? {} : { otherDN }),
    ...(otherDNRole === undefined ? {} : { otherDNRole }),
    ...(ani === undefined ? {} : { ani }),
    ...(dnis === undefined ? {} : { dnis }),
    ...(thisQueue === undefined ? {} : { thisQueue }),
    ...(consulted === undefined ? {} : { previousConnID: consulted }),
    ...(isMuted ? { isMuted } : {}),
  };
}
