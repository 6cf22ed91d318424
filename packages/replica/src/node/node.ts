import type { Frame, Machine } from "@tandem/kernel";
import type { ArbiterAnswer, ArbiterRequest } from "../arbiter.ts";
import type { Hello, LinkMessage, Versions } from "../message.ts";
import type { Describe, Replica } from "../replica.ts";
import type { Assembly, Snapshot, SnapshotPort, StateWalk } from "../snapshot/snapshot.ts";
import type { Incarnation, View } from "../view.ts";

/**
 * One node of a pair, sans-IO (`SPEC.md`): its role, its machine, its link and its lease, as one
 * value that `stepNode` changes. Whatever happens goes in with the reading of the monotonic clock;
 * what to do comes out as actions, in order.
 *
 *   waiting ─read─▶ learner ─view lists it─▶ standby ─takeover─▶ primary
 *      ▲  └──────────nobody serves: first, or cold start────────────▲ │
 *      └───────────────────────deposed: forgets its machine───────────┘
 */
export interface Node<State, Input, Effect> {
  readonly setup: NodeSetup<State, Input, Effect>;
  role: Role;
  /** As last read or changed by this node, or told by the primary. */
  view: View | null;
  epochSeen: number;
  /** The machine it holds, whatever its role; a waiting node may keep one. */
  replica: Replica<State, Input, Effect> | null;
  /** Names the line of frames that began with a cold start; empty without a machine. */
  history: string;
  /** Whether the machine's effects may leave and its edges answer (H11). */
  doors: "shut" | "open" | "left";
  /** Comes first in the next frame. */
  epochInput: Input | null;
  readonly link: Link;
  question: Question | null;
  /** Of the last question or renewal sent. */
  lastQuestion: number;
  readonly lease: Lease;
  /** When the arbiter last answered anything. */
  arbiterAnsweredMs: number;
  readAtMs: number;
  /** Since when no lease was seen, reading after reading; null while there is one. */
  noLeaseSinceMs: number | null;
  handover: Handover | null;
  /** H10: until when the old version may have the site back; null when it may not. */
  trialUntilMs: number | null;
  /** H10: it is the older version, and keeps its machine while the newer one is on trial. */
  isFallback: boolean;
  /**
   * What it owes is so old that another may serve by now: only a change of the view tells whether
   * it may leave.
   */
  mustConfirm: boolean;
  /** The highest index whose effects have left. */
  releasedIndex: number;
  readonly feed: Feed<Input>;
  outgoing: Outgoing | null;
  /** Of the last state sent. */
  lastTransfer: number;
  incoming: Incoming<State> | null;
  lastSteppedMs: number;
  /** When this process last went on after it had stood still. */
  stallEndedMs: number;
  /** H9: a walk through the state that is under way, here or at the other node. */
  comparison: Comparison | null;
  lastWalk: number;
  compareAtMs: number;
  /** Received and acknowledged, and stepped next, whatever happens (H2). */
  received: { readonly frame: Frame<Input>; readonly clockMs: number } | null;
  /** Its machine differs from the primary's: it acknowledges nothing, and is built anew. */
  mustRebuild: boolean;
}

export interface Comparison {
  readonly number: number;
  readonly walk: StateWalk;
  pieces: number;
}

export type Role = "waiting" | "learner" | "standby" | "primary";

/** Makes the first input of an epoch. */
export type EpochBegan<Input> = (epoch: number, how: Beginning) => Input;

/** How an epoch begins. */
export interface Beginning {
  /** Another incarnation served before (H4). */
  readonly takenOver: boolean;
  /** With a machine that may have missed what that one did (H6). */
  readonly isOld: boolean;
  /**
   * That one left in order (H8), and what it owed so long ago had left before it, milliseconds;
   * null where that is not known.
   */
  readonly saidBeforeMs: number | null;
}

export const sameNode: Beginning = { takenOver: false, isOld: false, saidBeforeMs: null };
export const takeover: Beginning = { takenOver: true, isOld: false, saidBeforeMs: null };
export const coldTakeover: Beginning = { takenOver: true, isOld: true, saidBeforeMs: null };

export interface NodeSetup<State, Input, Effect> {
  readonly machine: Machine<State, Input, Effect>;
  readonly incarnation: Incarnation;
  readonly versions: Versions;
  /** Without one the node serves alone and asks nobody. */
  readonly hasArbiter: boolean;
  readonly epochBegan: EpochBegan<Input>;
  readonly describe: Describe<Input, Effect>;
  readonly snapshots: SnapshotPort<State>;
  readonly timing: NodeTiming;
}

/** Milliseconds (`SPEC.md`, the rules). */
export interface NodeTiming {
  readonly standbyTimeoutMs: number;
  readonly primaryTimeoutMs: number;
  readonly heartbeatMs: number;
  readonly holdMaxMs: number;
  readonly renewMs: number;
  readonly leaseTrustMs: number;
  readonly leaseMs: number;
  /** A standby whose link is gone, though nobody refused, lets the primary be first. */
  readonly courtesyMs: number;
  /** Between two readings, and between two tries of a question without an outcome. */
  readonly askAgainMs: number;
  /** H10: how long an old version keeps its machine for. */
  readonly upgradeTrialMs: number;
}

export const nodeTiming: NodeTiming = {
  standbyTimeoutMs: 500,
  primaryTimeoutMs: 1_000,
  heartbeatMs: 100,
  holdMaxMs: 2_000,
  renewMs: 400,
  leaseTrustMs: 2_000,
  leaseMs: 3_000,
  courtesyMs: 200,
  askAgainMs: 200,
  upgradeTrialMs: 60_000,
};

/** The connection to the other node. */
export interface Link {
  /** `refused`: its process is dead (H4). `lost`: gone, and nobody knows why. */
  state: "up" | "refused" | "lost";
  changedMs: number;
  peer: Hello | null;
  heardMs: number;
  /** Whether this primary sends it frames, after a state or from its last index on. */
  isFed: boolean;
  /** The highest index that it acknowledged. */
  acknowledged: number;
  readonly heartbeat: {
    count: number;
    sentMs: number;
    /** Those without an answer, oldest first. */
    readonly unanswered: { readonly count: number; sentMs: number }[];
  };
  /** The other node has said that its machine differs, or cannot go on. */
  hasFailed: boolean;
  /** How old the other's last answer of the arbiter is, as of `heardMs`. */
  arbiterAgeMs: number;
  /** Since when effects wait for a learner's acknowledgements, too (H5). */
  holdsForLearnerSinceMs: number | null;
  /** A learner that was given up is not waited for again before this. */
  admitAfterMs: number;
}

/** Frames that the other node has not acknowledged: what it is sent when its link comes back. */
export interface Feed<Input> {
  readonly frames: Frame<Input>[];
  /** Inputs in them. */
  size: number;
  /** Frames were dropped: only a whole state helps. */
  isBroken: boolean;
}

export const feedInputsMax = 30_000;

/** A state on its way out, and on its way in. */
export interface Outgoing {
  readonly transfer: number;
  readonly snapshot: Snapshot;
  slices: number;
}

export interface Incoming<State> {
  readonly transfer: number;
  readonly assembly: Assembly<State>;
  slices: number;
}

/** What was asked of the arbiter; while its outcome is unknown it is asked again (H12). */
export interface Question {
  readonly purpose: Purpose;
  readonly request: ArbiterRequest;
  readonly firstSentMs: number;
  id: number;
  isSent: boolean;
  askAgainMs: number;
}

export type Purpose =
  | "read"
  /** There has been no view. */
  | "first"
  | "cold"
  | "takeover"
  | "alone"
  | "admit"
  | "handover"
  /** The lease had lapsed, or the doors were left: a new epoch. */
  | "regain"
  /** H10: the new version has served long enough, or it is dead within its trial. */
  | "trialOver"
  | "giveBack";

export interface Lease {
  trustedUntilMs: number;
  renewAtMs: number;
  hasLapsed: boolean;
  /** When the renewal that has no answer yet was sent. */
  sentMs: number | null;
  id: number;
}

/** H8. */
export interface Handover {
  readonly to: Incarnation;
  /** The last frame's index, once the sockets are empty. */
  lastIndex: number | null;
  /** Since it began; of an upgrade, since its sockets are being emptied. */
  sinceMs: number;
  /** What was made before had left when the drain began. */
  owesSinceMs: number;
  /** H10: to a node of another version, which has the state sent before it serves. */
  readonly isUpgrade: boolean;
  isDraining: boolean;
}

export type Happening<Input> =
  /** One turn of the event loop brought these; a primary's due timers come without any. */
  | { readonly kind: "gathered"; readonly inputs: readonly Input[]; readonly entropy: string }
  | { readonly kind: "linkUp" }
  | { readonly kind: "linkDown"; readonly isRefused: boolean }
  | { readonly kind: "message"; readonly message: LinkMessage<Input> }
  | { readonly kind: "answer"; readonly id: number; readonly answer: ArbiterAnswer }
  | { readonly kind: "clock" }
  /** After `catchUp`. */
  | { readonly kind: "caughtUp" }
  /** An operator's wish: hand over to the standby (H8). */
  | { readonly kind: "handOver" }
  /** The address is dropped and the sockets are read empty, after `drain`. */
  | { readonly kind: "drained" };

export type Action<Input, Effect> =
  | { readonly kind: "perform"; readonly effects: readonly Effect[] }
  | { readonly kind: "send"; readonly message: LinkMessage<Input> }
  | { readonly kind: "ask"; readonly id: number; readonly request: ArbiterRequest }
  /** Take the address and open the edges. */
  | { readonly kind: "serve"; readonly epoch: number }
  /** Close the edges and drop the address: somebody else serves, or nobody may. */
  | { readonly kind: "standDown"; readonly why: StandDownReason }
  /** Drop the address and read the sockets empty, then say `drained`. */
  | { readonly kind: "drain" }
  /** A frame is wanted at once: log time is behind, or an epoch has begun. */
  | { readonly kind: "frame" }
  /** What was acknowledged is to be stepped at once: say `caughtUp` when the others are done. */
  | { readonly kind: "catchUp" }
  /** For a recorder: what was stepped here. */
  | { readonly kind: "stepped"; readonly frame: Frame<Input> }
  | { readonly kind: "tell"; readonly notice: NodeNotice };

export type StandDownReason = "deposed" | "handed-over" | "doors-left";

/** For logs, metrics and alarms. */
export type NodeNotice =
  | { readonly kind: "role"; readonly role: Role; readonly epoch: number }
  | { readonly kind: "coldStart"; readonly epoch: number; readonly hadMachine: boolean }
  | { readonly kind: "takenOver"; readonly epoch: number }
  | { readonly kind: "standbyLost"; readonly epoch: number }
  | { readonly kind: "standbyJoined"; readonly epoch: number }
  | { readonly kind: "doorsLeft"; readonly why: "nothing-released" | "no-lease" }
  /** H9; `where` it is a state that differs, and not what left. */
  | { readonly kind: "differs"; readonly index: number; readonly where?: string }
  | { readonly kind: "handoverFailed"; readonly why: string }
  /** H10: the other node's version is another: it is not fed. */
  | { readonly kind: "otherVersion"; readonly versions: Versions; readonly canTakeOver: boolean }
  /** H10: this node serves the state of an older version, which may have the site back. */
  | { readonly kind: "upgraded"; readonly epoch: number; readonly trialMs: number }
  | { readonly kind: "trialPassed"; readonly epoch: number }
  /** H10: the new version died within its trial. What came after `lostAfterIndex` is lost. */
  | { readonly kind: "givenBack"; readonly epoch: number; readonly lostAfterIndex: number };
