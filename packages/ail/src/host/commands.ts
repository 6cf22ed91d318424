import type { UnnumberedRequest, UserData } from "@tandem/cti";
import type { ContinuityEvent } from "../continuity/events.ts";
import { permitCommand, refuse, type CommandKind } from "../continuity/permit.ts";
import type { Continuity } from "../continuity/state.ts";
import { attachmentOf, loginDn } from "../continuity/turn.ts";
import type { DesktopCommands, Outcome } from "../desktop/desktop.ts";
import type { SiteHost } from "./site-host.ts";

/**
 * The commands of a desktop (R24). Each is refused at once when it cannot be done now, or is sent
 * at once; none is kept for later. Each has exactly one outcome.
 */
export interface CommandsHost {
  readonly state: () => Continuity;
  readonly take: (event: ContinuityEvent) => void;
  /** The attachment in use. */
  readonly siteHost: () => SiteHost | undefined;
  /** Calls after each change of the state; the answer ends it. */
  readonly subscribe: (listener: () => void) => () => void;
  readonly setTimer: (afterMs: number, fire: () => void) => () => void;
  readonly requestTimeoutMs: number;
}

export function createCommands(host: CommandsHost): DesktopCommands {
  const send = (
    kind: CommandKind,
    requestFor: (dn: string) => UnnumberedRequest,
  ): Promise<Outcome> => {
    const permit = permitCommand(host.state(), kind);
    if (permit.kind === "refused") return Promise.resolve(permit);
    const dn = dnOf(host.state());
    const site = host.siteHost();
    if (site === undefined || dn === undefined) return Promise.resolve(refuse("not-started"));
    return sendRequest(site, requestFor(dn));
  };
  const onCall = (
    request: "RequestAnswerCall" | "RequestReleaseCall" | "RequestHoldCall" | "RequestRetrieveCall",
    connID: string,
  ): Promise<Outcome> => send("onCall", (thisDN) => ({ request, thisDN, connID }));

  return {
    login: () => logIn(host),
    logout: (reasons) => {
      const isPermitted = permitCommand(host.state(), "agent").kind === "permitted";
      if (isPermitted) host.take({ kind: "logoutAsked" });
      return send("agent", (thisDN) => ({
        request: "RequestAgentLogout",
        thisDN,
        ...optional("reasons", reasons),
      }));
    },
    setReady: (options) =>
      send("agent", (thisDN) => ({ request: "RequestAgentSetReady", thisDN, ...options })),
    setNotReady: (options) =>
      send("agent", (thisDN) => ({ request: "RequestAgentSetNotReady", thisDN, ...options })),
    makeCall: (otherDN, userData) =>
      send("newCall", (thisDN) => ({
        request: "RequestMakeCall",
        thisDN,
        otherDN,
        ...optional("userData", userData),
      })),
    answer: (connID) => onCall("RequestAnswerCall", connID),
    release: (connID) => onCall("RequestReleaseCall", connID),
    hold: (connID) => onCall("RequestHoldCall", connID),
    retrieve: (connID) => onCall("RequestRetrieveCall", connID),
    attachUserData: (connID, userData) =>
      send("onCall", (thisDN) => ({ request: "RequestAttachUserData", thisDN, connID, userData })),
    callOver: () => {
      host.take({ kind: "callOver" });
      return Promise.resolve({ kind: "done" });
    },
    switchover: () => {
      const permit = permitCommand(host.state(), "switchover");
      if (permit.kind === "refused") return Promise.resolve(permit);
      host.take({ kind: "switchoverAsked" });
      return Promise.resolve({ kind: "done" });
    },
  };
}

/** The login goes through the machine; its outcome is what the machine makes of the answer. */
function logIn(host: CommandsHost): Promise<Outcome> {
  const permit = permitCommand(host.state(), "login");
  if (permit.kind === "refused") return Promise.resolve(permit);
  return new Promise((resolve) => {
    const settle = (outcome: Outcome): void => {
      unsubscribe();
      cancel();
      resolve(outcome);
    };
    const look = (): void => {
      const { login } = host.state().agent;
      if (login.kind === "in") settle({ kind: "done" });
      else if (login.kind === "refused") {
        settle({ kind: "refused", code: login.errorCode, sentence: login.errorMessage });
      }
    };
    const cancel = host.setTimer(host.requestTimeoutMs, () =>
      settle({ kind: "unknown", sentence: unknownSentence }),
    );
    const unsubscribe = host.subscribe(look);
    host.take({ kind: "loginAsked" });
    if (host.state().agent.login.kind === "in") look();
  });
}

function sendRequest(site: SiteHost, request: UnnumberedRequest): Promise<Outcome> {
  return new Promise((resolve) => {
    site.request(request, (outcome) => {
      switch (outcome.kind) {
        case "notSent":
          return resolve(refuse("no-session"));
        case "unknown":
          return resolve({ kind: "unknown", sentence: unknownSentence });
        case "answered": {
          const { event } = outcome;
          if (event.event !== "EventError") return resolve({ kind: "done", event });
          const { errorCode: code, errorMessage: sentence } = event;
          return resolve({ kind: "refused", code, sentence });
        }
      }
    });
  });
}

const unknownSentence =
  "The answer was lost: it may have been done or not. The state that is shown next tells.";

function dnOf(state: Continuity): string | undefined {
  const attachment = attachmentOf(state.phase);
  return attachment === null ? undefined : loginDn(state, attachment.site);
}

function optional(
  name: "reasons" | "userData",
  value: UserData | undefined,
): { readonly [Name in typeof name]?: UserData } {
  return value === undefined ? {} : { [name]: value };
}
