import { unreachable } from "@tandem/kernel";
import type { Continuity } from "./state.ts";
import { siteAt } from "./turn.ts";

/**
 * R24: which commands a desktop may send now. Refused at once with the reason otherwise; none is
 * kept for later. While draining, the calls that are still there can be controlled, and nothing new
 * begun.
 */
export type CommandKind = "agent" | "newCall" | "onCall" | "switchover" | "login";

export type Permit =
  | { readonly kind: "permitted" }
  | { readonly kind: "refused"; readonly code: DesktopErrorCode; readonly sentence: string };

/** Codes of commands that the desktop itself refuses (`docs/errors.md`, Desktop). */
export const desktopErrorCodes = {
  "not-started": "The desktop is not connected yet; wait until it is in service.",
  "site-unavailable": "The site cannot be reached at the moment; wait, or switch over.",
  "phone-unregistered": "The phone is not registered; look at the phone.",
  "switching-over": "The desktop is switching over to the other site; wait until it is in service.",
  "leaving-site": "The desktop leaves this site after the last call; nothing new can begin here.",
  "no-site": "Neither site can be reached; the desktop keeps trying.",
  "desktop-closed": "The desktop was closed; connect again.",
  "no-other-site": "No other site is known to switch over to.",
  "no-session": "The connection is being taken over; try again in a moment.",
  "agent-not-logged-in": "No agent is logged in; log in first.",
} as const;

export type DesktopErrorCode = keyof typeof desktopErrorCodes;

export function permitCommand(state: Continuity, command: CommandKind): Permit {
  const { phase } = state;
  if (command === "switchover") return permitSwitchover(state);
  switch (phase.kind) {
    case "inService":
      if (command === "agent" && state.agent.login.kind !== "in") {
        return refuse("agent-not-logged-in");
      }
      return { kind: "permitted" };
    case "draining":
      if (command === "onCall" && state.telephony.kind === "on") return { kind: "permitted" };
      return refuse("leaving-site");
    case "impaired":
      return refuse(phase.ground === "phone" ? "phone-unregistered" : "site-unavailable");
    case "switchingOver":
      return refuse("switching-over");
    case "noSite":
      return refuse("no-site");
    case "offline":
    case "locating":
    case "connecting":
      return refuse("not-started");
    case "closed":
      return refuse("desktop-closed");
    default:
      return unreachable(phase);
  }
}

function permitSwitchover(state: Continuity): Permit {
  const { phase } = state;
  switch (phase.kind) {
    case "inService":
    case "impaired":
    case "draining":
      if (siteAt(state, 1 - phase.site) === undefined) return refuse("no-other-site");
      return { kind: "permitted" };
    case "switchingOver":
      return refuse("switching-over");
    case "noSite":
      return refuse("no-site");
    case "offline":
    case "locating":
    case "connecting":
      return refuse("not-started");
    case "closed":
      return refuse("desktop-closed");
    default:
      return unreachable(phase);
  }
}

export function refuse(code: DesktopErrorCode): Extract<Permit, { kind: "refused" }> {
  return { kind: "refused", code, sentence: desktopErrorCodes[code] };
}
