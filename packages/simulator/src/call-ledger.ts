import type { TlibEvent } from "@tandem/cti";
import { fail, type World } from "./world.ts";

/**
 * What one desktop heard of its calls. Each begins once, is established at most once, and ends
 * exactly once; whatever else comes is a failure.
 */
export interface CallLedger {
  readonly hear: (event: TlibEvent) => void;
  /** The site is gone, and its calls with it. */
  readonly forget: () => void;
  readonly open: () => readonly string[];
  readonly counts: { begun: number; established: number; ended: number };
}

type Phase = "begun" | "established" | "held";

const phaseOf = {
  Dialing: "begun",
  Ringing: "begun",
  Queued: "begun",
  Established: "established",
  Held: "held",
} as const;

export function createCallLedger(world: World, dn: string): CallLedger {
  const calls = new Map<string, Phase>();
  const counts = { begun: 0, established: 0, ended: 0 };
  const wrong = (event: string, connID: string): void =>
    fail(
      world,
      `desktop ${dn}: ${event} of call ${connID}, which is ${calls.get(connID) ?? "unknown"}`,
    );
  /** After a transfer the call has the name of the one that it was transferred into. */
  function rename(previous: string | undefined, connID: string, event: string): void {
    if (previous === undefined || previous === connID) {
      if (!calls.has(connID)) wrong(event, connID);
      return;
    }
    const phase = calls.get(previous);
    if (phase === undefined) return wrong(event, previous);
    if (calls.has(connID)) return wrong(event, connID);
    calls.delete(previous);
    calls.set(connID, phase);
  }
  return {
    hear(event) {
      if (event.event === "EventRegistered") {
        // What the DN's snapshot shows is where the story begins.
        calls.clear();
        for (const { connID, partyState } of event.address.calls) {
          calls.set(connID, phaseOf[partyState]);
        }
        return;
      }
      if (!("connID" in event) || event.thisDNRole === "Observer") return;
      const { connID } = event;
      const phase = calls.get(connID);
      switch (event.event) {
        case "EventDialing":
        case "EventRinging":
          if (phase !== undefined) return wrong(event.event, connID);
          calls.set(connID, "begun");
          counts.begun += 1;
          return;
        case "EventEstablished":
          if (phase !== "begun") return wrong(event.event, connID);
          calls.set(connID, "established");
          counts.established += 1;
          return;
        case "EventHeld":
          if (phase !== "established") return wrong(event.event, connID);
          calls.set(connID, "held");
          return;
        case "EventRetrieved":
          if (phase !== "held") return wrong(event.event, connID);
          calls.set(connID, "established");
          return;
        case "EventPartyChanged":
          return rename(event.previousConnID, connID, event.event);
        case "EventReleased":
        case "EventAbandoned":
          if (phase === undefined) return wrong(event.event, connID);
          calls.delete(connID);
          counts.ended += 1;
          return;
        default:
          return;
      }
    },
    forget() {
      calls.clear();
    },
    open: () => [...calls.keys()],
    counts,
  };
}
