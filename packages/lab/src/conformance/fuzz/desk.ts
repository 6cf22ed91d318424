/**
 * A desktop in a fuzz round: it watches every DN and asks for whatever a desktop may ask, at
 * whatever moment, about whatever call there is. So third party call control meets mutated
 * messages.
 */
import type { TlibRequest, Unreferenced } from "@tandem/cti";
import { chance, pick, type Random } from "@tandem/kernel";
import type { Subject } from "../subject.ts";

export interface Desk {
  /** One request, drawn by chance. */
  readonly ask: (random: Random) => void;
}

const connection = "desk";

export function openDesk(subject: Subject, dns: readonly string[]): Desk {
  let referenceID = 1;
  const userName = `agent-${dns[0] ?? ""}`;
  subject.step({
    kind: "ctiRegister",
    connection,
    referenceID,
    applicationName: "fuzz",
    resume: null,
    identity: { userName, role: "agent", agentLogins: [...dns], dns: [...dns], isExpired: false },
  });
  const send = (request: Unreferenced): void => {
    referenceID += 1;
    const whole = { ...request, referenceID } as TlibRequest; // whole now
    subject.step({ kind: "ctiRequest", connection, request: whole });
  };
  for (const thisDN of dns) send({ request: "RequestRegisterAddress", thisDN });
  return { ask: (random) => send(drawn(random, subject, dns)) };
}

function drawn(random: Random, subject: Subject, dns: readonly string[]): Unreferenced {
  const calls = [...subject.state.calls.values()].map(({ connID }) => connID);
  const thisDN = pick(random, dns);
  const otherDN = pick(random, [...dns, "95551234", "nobody"]);
  const connID = pick(random, [...calls, "0123456789abcdef"]);
  const transferConnID = pick(random, [...calls, connID]);
  if (calls.length === 0 || chance(random, 300)) {
    return { request: "RequestMakeCall", thisDN, otherDN };
  }
  return pick<Unreferenced>(random, [
    { request: "RequestAnswerCall", thisDN, connID },
    { request: "RequestReleaseCall", thisDN, connID },
    { request: "RequestHoldCall", thisDN, connID },
    { request: "RequestRetrieveCall", thisDN, connID },
    { request: "RequestSingleStepTransfer", thisDN, connID, otherDN },
    { request: "RequestInitiateTransfer", thisDN, connID, otherDN },
    { request: "RequestMuteTransfer", thisDN, connID, otherDN },
    { request: "RequestCompleteTransfer", thisDN, connID, transferConnID },
    { request: "RequestAlternateCall", thisDN, connID, heldConnID: transferConnID },
    { request: "RequestReconnectCall", thisDN, connID, heldConnID: transferConnID },
    { request: "RequestRedirectCall", thisDN, connID, otherDN },
    { request: "RequestClearCall", thisDN, connID },
  ]);
}
