import type { TlibEvent } from "@tandem/cti";
import type { FlowTarget, Transport } from "./input.ts";

/**
 * What the machine says to the world (style EFF1). Effects leave in the order of the list, and only
 * after every member of the view holds the input that caused them (replication.md rule 2).
 */
export type Effect =
  /** One SIP message, latin1. */
  | { readonly kind: "sip"; readonly target: FlowTarget; readonly text: string }
  /**
   * Ask the name service where a trunk is (RFC 3263): answered by input `resolved`. `transport` and
   * `port` are null where the configuration leaves them to the name service.
   */
  | {
      readonly kind: "resolve";
      readonly name: string;
      readonly transport: Transport | null;
      readonly port: number | null;
    }
  /** Make the answer to a challenge with a trunk's secret; comes back as input `signed`. */
  | {
      readonly kind: "sign";
      readonly id: string;
      readonly trunk: string;
      readonly challenge: string;
      readonly method: string;
      readonly uri: string;
      readonly cnonce: string;
      readonly nonceCount: number;
    }
  /** One T-Library event to one connection. */
  | { readonly kind: "cti"; readonly connection: string; readonly event: TlibEvent }
  /**
   * Close a CTI connection after what was sent to it (an older connection of a resumed session).
   */
  | { readonly kind: "ctiClose"; readonly connection: string; readonly reason: string }
  /** Something an operator must know. `call` and `input` help to find it with `tandem replay`. */
  | {
      readonly kind: "alarm";
      readonly code: AlarmCode;
      readonly detail: string;
    }
  /** Something worth a line in the lab's view and the log; carries no secret. */
  | { readonly kind: "notice"; readonly topic: NoticeTopic; readonly text: string };

export type AlarmCode =
  | "step-failed"
  | "limit-reached"
  | "peer-lost"
  | "peer-found"
  | "cold-start"
  | "configuration-unusable";

export type NoticeTopic = "peer" | "agent" | "dn" | "call" | "session" | "trunk";
