import type { ArbiterAnswer, ArbiterRequest } from "../arbiter.ts";
import type { View } from "../view.ts";
import type { Course } from "./course.ts";
import type { Purpose, Question } from "./node.ts";

/**
 * Questions to the arbiter, one at a time, and the renewal of the lease beside them. A question
 * whose outcome is unknown is asked again, the same, until it has an outcome (H12).
 */
export function ask<S, I, E>(
  course: Course<S, I, E>,
  purpose: Purpose,
  request: ArbiterRequest,
): void {
  const { node, clockMs } = course;
  const question: Question = {
    purpose,
    request,
    firstSentMs: clockMs,
    id: 0,
    isSent: false,
    askAgainMs: clockMs,
  };
  node.question = question;
  send(course, question);
}

export function askChange<S, I, E>(
  course: Course<S, I, E>,
  purpose: Purpose,
  view: View,
  onlyWithoutLease = false,
): void {
  const expectedEpoch = view.epoch - 1;
  ask(course, purpose, { kind: "change", expectedEpoch, view, onlyWithoutLease });
}

function send<S, I, E>(course: Course<S, I, E>, question: Question): void {
  const { node } = course;
  node.lastQuestion += 1;
  question.id = node.lastQuestion;
  question.isSent = true;
  course.actions.push({ kind: "ask", id: question.id, request: question.request });
}

/** Asks again what has no outcome. */
export function repeatQuestion<S, I, E>(course: Course<S, I, E>): void {
  const { question } = course.node;
  if (question !== null && !question.isSent && course.clockMs >= question.askAgainMs) {
    send(course, question);
  }
}

/**
 * The outcome of the question that this answers; null while there is none, or when it answers an
 * older one. A change that failed because it had been made before is a success: its first answer
 * was lost.
 */
export function outcomeOf<S, I, E>(
  course: Course<S, I, E>,
  id: number,
  answer: ArbiterAnswer,
): { question: Question; answer: ArbiterAnswer } | null {
  const { node, clockMs } = course;
  const { question } = node;
  if (answer.kind !== "unknown") node.arbiterAnsweredMs = clockMs;
  if (question === null || question.id !== id) return null;
  if (answer.kind === "unknown") {
    question.isSent = false;
    question.askAgainMs = clockMs + node.setup.timing.askAgainMs;
    return null;
  }
  node.question = null;
  const { request } = question;
  const wasMade =
    answer.kind === "notChanged" &&
    request.kind === "change" &&
    answer.view !== null &&
    isSameView(answer.view, request.view);
  return { question, answer: wasMade ? { kind: "changed" } : answer };
}

function isSameView(a: View, b: View): boolean {
  return (
    a.epoch === b.epoch &&
    a.primary === b.primary &&
    a.fallback === b.fallback &&
    a.members.length === b.members.length &&
    a.members.every((member, index) => member === b.members[index])
  );
}

/** Every primary holds the lease, alone or not. */
export function renewLease<S, I, E>(course: Course<S, I, E>): void {
  const { node, clockMs } = course;
  const { lease, setup } = node;
  if (!setup.hasArbiter || lease.sentMs !== null || clockMs < lease.renewAtMs) return;
  lease.sentMs = clockMs;
  lease.renewAtMs = clockMs + setup.timing.renewMs;
  node.lastQuestion += 1;
  lease.id = node.lastQuestion;
  const request = { kind: "renew", primary: setup.incarnation } as const;
  course.actions.push({ kind: "ask", id: lease.id, request });
}

/** Whether the answer was that of a renewal. */
export function onRenewed<S, I, E>(
  course: Course<S, I, E>,
  id: number,
  answer: ArbiterAnswer,
): boolean {
  const { node, clockMs } = course;
  const { lease, setup } = node;
  if (lease.id !== id || lease.sentMs === null) return false;
  if (answer.kind !== "unknown") node.arbiterAnsweredMs = clockMs;
  if (answer.kind === "renewed") trustLease(course, lease.sentMs);
  else if (answer.kind === "lapsed") lease.hasLapsed = true;
  else lease.renewAtMs = Math.min(lease.renewAtMs, clockMs + setup.timing.askAgainMs);
  lease.sentMs = null;
  return true;
}

/** Trusted from the *sending* of what succeeded. */
export function trustLease<S, I, E>({ node }: Course<S, I, E>, sentMs: number): void {
  const { lease, setup } = node;
  lease.trustedUntilMs = Math.max(lease.trustedUntilMs, sentMs + setup.timing.leaseTrustMs);
}

export function isLeaseTrusted<S, I, E>({ node, clockMs }: Course<S, I, E>): boolean {
  return !node.setup.hasArbiter || clockMs < node.lease.trustedUntilMs;
}
