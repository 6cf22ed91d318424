import type { ForwardMode } from "@tandem/cti";
import type { Turn } from "../turn.ts";
import { dnOf, type Call } from "./call.ts";
import { callDestination } from "./outgoing.ts";
import { routeForwarded } from "./route.ts";
import { vacateDestination } from "./vacate.ts";

/**
 * A DN that is busy or does not answer, and forwards its calls then. A queue's call is the queue's:
 * it goes back there instead. False when the call goes nowhere from here.
 */
export function forwardRefused(turn: Turn, call: Call, status: number): boolean {
  const mode = modeOf(status);
  const dn = dnOf(call.destination);
  if (mode === null || dn === null || call.queue !== null) return false;
  const route = routeForwarded(turn, dn, mode, call);
  if (route === null || route.kind === "refused") return false;
  vacateDestination(turn, call, "Forwarded");
  const reason = mode === "OnBusy" ? "user-busy" : "no-answer";
  call.diversions = [...call.diversions, { number: dn, reason }];
  const offer = call.exchange.kind === "makeCall" ? "" : call.origination.session.received;
  callDestination(turn, call, route, offer);
  return true;
}

function modeOf(status: number): ForwardMode | null {
  if (status === 486 || status === 600) return "OnBusy";
  return status === 408 || status === 480 || status === 503 ? "OnNoAnswer" : null;
}
