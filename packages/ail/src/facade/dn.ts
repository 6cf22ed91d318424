import type { AgentStateName, TlibCallEvent, UserData } from "@tandem/cti";
import type { Desktop } from "../desktop/desktop.ts";
import type { DesktopSnapshot } from "../desktop/snapshot.ts";

/** The AIL's Dn: what one DN is doing, and who listens to it. */
export interface Dn {
  readonly number: string;
  readonly getStatus: () => DnStatus;
  readonly addDnListener: (listener: DnListener) => void;
  readonly removeDnListener: (listener: DnListener) => void;
}

export type DnStatus =
  | "LOGGED_OUT"
  | "READY"
  | "NOT_READY"
  | "AFTER_CALL_WORK"
  | "BUSY"
  | "BUSY_LOGGED_OUT"
  | "OUT_OF_SERVICE";

export interface DnListener {
  readonly handleDnEvent: (event: DnEvent) => void;
  readonly handleInteractionEvent?: (event: TlibCallEvent) => void;
}

export interface DnEvent {
  readonly dn: Dn;
  readonly status: DnStatus;
  /** Of the T-Library event behind it; a forced logout's `ReasonCode` stands here. */
  readonly extensions: UserData | null;
}

/** A Dn whose listeners go on hearing after a DR switchover. `ended` collects what stops them. */
export function createDn(number: string, desktop: Desktop, ended: (() => void)[]): Dn {
  const listeners = new Set<DnListener>();
  const dn: Dn = {
    number,
    getStatus: () => dnStatusOf(desktop.snapshot()),
    addDnListener: (listener) => void listeners.add(listener),
    removeDnListener: (listener) => void listeners.delete(listener),
  };
  ended.push(
    desktop.on("event", (event) => {
      if (!("thisDN" in event) || event.thisDN !== number) return;
      if ("connID" in event) {
        for (const listener of [...listeners]) listener.handleInteractionEvent?.(event);
      }
      const extensions = ("extensions" in event ? event.extensions : undefined) ?? null;
      const status = dn.getStatus();
      for (const listener of [...listeners]) listener.handleDnEvent({ dn, status, extensions });
    }),
    () => listeners.clear(),
  );
  return dn;
}

const agentStatuses: { readonly [State in AgentStateName]: DnStatus } = {
  Ready: "READY",
  NotReady: "NOT_READY",
  AfterCallWork: "AFTER_CALL_WORK",
};

export function dnStatusOf(snapshot: DesktopSnapshot): DnStatus {
  const { agent, calls, phoneInService } = snapshot;
  const isBusy = calls.length > 0;
  if (agent.login.kind !== "in") return isBusy ? "BUSY_LOGGED_OUT" : loggedOut(phoneInService);
  if (isBusy) return "BUSY";
  // Between EventAgentLogin and the state's own event: nobody gets a call yet.
  return agent.state === null ? "NOT_READY" : agentStatuses[agent.state.state];
}

function loggedOut(phoneInService: boolean | null): DnStatus {
  return phoneInService === false ? "OUT_OF_SERVICE" : "LOGGED_OUT";
}
