import { createReplica, lastIndexOf } from "../replica.ts";
import type { ModelMutant } from "./model-parts.ts";

export type ModelMutantName =
  | "emptyNodePromotesItself"
  | "pairHoldsNoLease"
  | "learnerListedEarly"
  | "listedNodeForgets"
  | "acknowledgesWhileAsking"
  | "releasedUnacknowledged"
  | "servesWithoutLease"
  | "releasedLate";

/**
 * Planted bugs of the protocol (style TST3): each is a rule left out, and the model must find each
 * within the seeds of a test run.
 */
export const modelMutants: Readonly<Record<ModelMutantName, ModelMutant>> = {
  /** H6: a process that has just started takes the view of a live primary. */
  emptyNodePromotesItself: {
    onStep(node) {
      const { question, view, setup } = node;
      if (node.role !== "waiting" || question?.purpose !== "read" || view === null) return;
      if (node.replica !== null || question.isSent === false) return;
      const { incarnation } = setup;
      node.question = {
        ...question,
        purpose: "takeover",
        request: {
          kind: "change",
          expectedEpoch: view.epoch,
          view: {
            epoch: view.epoch + 1,
            primary: incarnation,
            members: [incarnation],
            fallback: null,
          },
          onlyWithoutLease: false,
        },
        isSent: false,
      };
    },
  },
  /** Lease: a pair that is whole does not renew it. */
  pairHoldsNoLease: {
    onStep(node) {
      if (node.view?.members.length !== 2) return;
      node.lease.hasLapsed = false;
      node.lease.sentMs = null;
      node.lease.renewAtMs = Infinity;
    },
  },
  /** H5: a learner is listed before it holds everything that has left. */
  learnerListedEarly: {
    onStep(node) {
      if (node.role !== "primary" || node.link.peer === null) return;
      if (node.view?.members.length === 1) node.releasedIndex = 0;
      if (node.outgoing !== null) node.link.acknowledged = Math.max(1, node.link.acknowledged);
      if (node.outgoing !== null) node.link.isFed = true;
    },
  },
  /** H7: a listed node forgets its machine when its link closes. */
  listedNodeForgets: {
    onStep(node, nowMs) {
      if (node.role !== "standby" || node.link.state === "up" || node.replica === null) return;
      node.replica = createReplica(node.setup.machine, nowMs);
    },
  },
  /** H4: a standby acknowledges while it asks for the view. */
  acknowledgesWhileAsking: {
    filter(node, actions) {
      if (node.question?.purpose !== "takeover" || node.replica === null) return actions;
      const index = lastIndexOf(node.replica) + 50;
      return [...actions, { kind: "send", message: { kind: "ack", index } }];
    },
  },
  /** H2: effects leave when they are shipped. */
  releasedUnacknowledged: {
    onStep(node) {
      if (node.replica !== null) node.link.acknowledged = lastIndexOf(node.replica) + 100;
    },
  },
  /** Lease: a lone primary serves without one. */
  servesWithoutLease: {
    onStep(node) {
      node.lease.trustedUntilMs = Infinity;
      node.lease.hasLapsed = false;
    },
  },
  /** H11: what is old leaves without anybody's word. */
  releasedLate: {
    beforeStep(node, nowMs) {
      node.mustConfirm = false;
      const held = node.replica?.held;
      if (held === undefined) return;
      for (const [index, frame] of held.entries()) held[index] = { ...frame, sinceMs: nowMs };
    },
  },
};
