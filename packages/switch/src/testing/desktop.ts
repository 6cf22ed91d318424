import type { TlibEvent, TlibRequest, Unreferenced } from "@tandem/cti";
import type { Script } from "./script.ts";

/** A desktop in a test: one session of one agent on one DN. */
export interface TestDesktop {
  readonly send: (request: Unreferenced) => number;
  readonly heard: () => TlibEvent[];
  /** Names of the events heard, with their callState where it is not Ok. */
  readonly names: () => string[];
  readonly login: () => void;
  readonly close: () => void;
  /** Resumes its session on another node, after everything that the session was told. */
  readonly resume: () => void;
}

export function createDesktop(
  script: Script,
  dn: string,
  own: {
    userName?: string;
    agentID?: string;
    connection?: string;
    role?: "agent" | "supervisor" | "administrator";
  } = {},
): TestDesktop {
  let connection = own.connection ?? `desktop-${dn}`;
  const agentID = own.agentID ?? dn;
  const userName = own.userName ?? `agent-${agentID}`;
  let lastReferenceID = 1;
  const asked: TlibRequest[] = [];
  const identity = {
    userName,
    role: own.role ?? ("agent" as const),
    agentLogins: [agentID],
    dns: [dn],
    isExpired: false,
  };
  script.openSession(connection, identity);
  script.events(connection);
  function send(request: Unreferenced): number {
    lastReferenceID += 1;
    const whole = { ...request, referenceID: lastReferenceID } as TlibRequest; // whole now
    asked.push(whole);
    script.step({ kind: "ctiRequest", connection, request: whole });
    return lastReferenceID;
  }
  return {
    send,
    heard: () => script.events(connection),
    names: () =>
      script.events(connection).map((event) => {
        if (event.event === "EventError") return `EventError ${event.errorCode}`;
        const state = "callState" in event && event.callState !== "Ok" ? ` ${event.callState}` : "";
        return `${event.event}${state}`;
      }),
    login() {
      send({ request: "RequestRegisterAddress", thisDN: dn });
      send({ request: "RequestAgentLogin", thisDN: dn, agentID });
      send({ request: "RequestAgentSetReady", thisDN: dn });
      script.events(connection);
    },
    resume() {
      const { sessions, serverStartTime, ring } = script.state;
      const session = [...sessions.values()].find((each) => each.identity.userName === userName);
      connection = `${script.epoch()}.${connection.slice(connection.indexOf(".") + 1)}`;
      script.step({
        kind: "ctiRegister",
        connection,
        referenceID: lastReferenceID + 1,
        applicationName: "desktop",
        resume: {
          sessionID: session?.sessionID ?? "",
          serverStartTime,
          eventSequenceNumber: ring.lastSequence,
        },
        identity,
      });
      for (const request of asked) script.step({ kind: "ctiRequest", connection, request });
    },
    close: () => void script.step({ kind: "ctiClosed", connection }),
  };
}
