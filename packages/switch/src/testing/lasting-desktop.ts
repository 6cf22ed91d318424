import type { TlibEvent, TlibRequest, Unreferenced } from "@tandem/cti";
import type { Script } from "./script.ts";

/**
 * A desktop that outlives its server's node: it resumes its session at the last event that it has,
 * and sends again every request that it has no answer to (cti.md, Envelope).
 */
export interface LastingDesktop {
  readonly send: (request: Unreferenced) => void;
  /** Takes what was sent to it. */
  readonly hear: () => void;
  readonly reconnect: () => void;
  /** Names of the numbered events it has had, in order, with their callState. */
  readonly told: string[];
  /** ConnID of the last call event. */
  readonly connID: () => string;
}

export function createLastingDesktop(script: Script, dn: string): LastingDesktop {
  let connection = `1.desktop-${dn}`;
  let referenceID = 1;
  let connID = "";
  let position = 0;
  let session = { sessionID: "", serverStartTime: 0 };
  const unanswered = new Map<number, TlibRequest>();
  const told: string[] = [];
  const identity = {
    userName: `agent-${dn}`,
    role: "agent" as const,
    agentLogins: [dn],
    dns: [dn],
    isExpired: false,
  };

  function take(event: TlibEvent): void {
    if ("referenceID" in event && event.referenceID !== undefined) {
      unanswered.delete(event.referenceID);
    }
    if (event.event === "EventLinkConnected") {
      const { sessionID, serverStartTime, lastSequence } = event;
      session = { sessionID, serverStartTime };
      if (position === 0) position = lastSequence;
      return;
    }
    if (event.event === "EventError") told.push(`EventError ${event.errorCode}`);
    if (!("eventSequenceNumber" in event) || event.eventSequenceNumber === undefined) return;
    if (event.eventSequenceNumber <= position) {
      throw new Error(`${dn}: event ${event.eventSequenceNumber} came twice`);
    }
    position = event.eventSequenceNumber;
    if ("connID" in event && event.connID !== undefined) connID = event.connID;
    const state = "callState" in event && event.callState !== "Ok" ? ` ${event.callState}` : "";
    told.push(`${event.event}${state}`);
  }

  const desktop: LastingDesktop = {
    told,
    connID: () => connID,
    hear() {
      for (const event of script.events(connection)) take(event);
    },
    send(request) {
      referenceID += 1;
      const whole = { ...request, referenceID } as TlibRequest; // whole now
      unanswered.set(referenceID, whole);
      script.step({ kind: "ctiRequest", connection, request: whole });
      desktop.hear();
    },
    reconnect() {
      connection = `${script.epoch()}.desktop-${dn}`;
      referenceID += 1;
      script.step({
        kind: "ctiRegister",
        connection,
        referenceID,
        applicationName: "desktop",
        resume: { ...session, eventSequenceNumber: position },
        identity,
      });
      desktop.hear();
      for (const request of [...unanswered.values()]) {
        script.step({ kind: "ctiRequest", connection, request });
      }
      desktop.hear();
    },
  };
  script.openSession(connection, identity);
  desktop.hear();
  desktop.send({ request: "RequestRegisterAddress", thisDN: dn });
  desktop.send({ request: "RequestAgentLogin", thisDN: dn, agentID: dn });
  desktop.send({ request: "RequestAgentSetReady", thisDN: dn });
  return desktop;
}
