import { clientAddpTimes } from "@tandem/cti";
import { expect, test } from "vitest";
import {
  connectionDeadline,
  createConnection,
  stepConnection,
  type Connection,
  type ConnectionEvent,
} from "./connection.ts";

const times = { connectTimeoutMs: 5_000, addp: clientAddpTimes(20) };
const accepted: readonly [number, ConnectionEvent][] = [
  [0, { kind: "start" }],
  [1, { kind: "socketOpened" }],
  [2, { kind: "accepted" }],
];

test("a connection counts from the answer, and every step has a deadline", () => {
  expect(run(accepted)).toEqual(["open a/1", "ready"]);
  expect(deadlineAfter(accepted.slice(0, 1))).toBe(5_000);
  expect(deadlineAfter(accepted.slice(0, 2))).toBe(5_000);
  expect(deadlineAfter(accepted)).toBe(10_002);
});

test("a server that accepts and says nothing is left after the timeout, not after TCP", () => {
  const events: readonly [number, ConnectionEvent][] = [
    ...accepted.slice(0, 2),
    [5_000, { kind: "clock" }],
    [5_500, { kind: "clock" }],
  ];
  expect(run(events)).toEqual([
    "open a/1",
    "ready",
    "close a/1 no answer in time",
    "lost no answer in time",
    "open a/2",
  ]);
});

test("a refused connection is tried again later and later", () => {
  const refused: ConnectionEvent = { kind: "socketClosed", reason: "refused" };
  const clock: ConnectionEvent = { kind: "clock" };
  const first: readonly [number, ConnectionEvent][] = [...accepted.slice(0, 1), [0, refused]];
  expect(deadlineAfter(first)).toBe(500);
  expect(deadlineAfter([...first, [500, clock], [500, refused]])).toBe(1_500);
});

test("after a link that held for five seconds the next attempt comes at once", () => {
  const closed: ConnectionEvent = { kind: "socketClosed", reason: "gone" };
  expect(deadlineAfter([...accepted, [5_002, closed]])).toBe(5_002);
  expect(deadlineAfter([...accepted, [5_001, closed]])).toBe(5_501);
});

test("ADDP: silence for the whole timeout closes the socket", () => {
  const clock: ConnectionEvent = { kind: "clock" };
  expect(run([...accepted, [10_002, clock], [20_002, clock]]).slice(2)).toEqual([
    'transmit {"addp":"poll","id":1}',
    "close a/1 silent for the ADDP timeout",
    "lost silent for the ADDP timeout",
  ]);
});

test("a rejection with a time to wait is honoured", () => {
  const rejected: ConnectionEvent = { kind: "rejected", reason: "busy", retryAfterMs: 9_000 };
  expect(deadlineAfter([...accepted, [100, rejected]])).toBe(9_100);
});

test("stopped: the socket is closed and nothing is due any more", () => {
  const stop: ConnectionEvent = { kind: "stop", reason: "bye" };
  expect(run([...accepted, [3, stop]]).at(-1)).toBe("close a/1 bye");
  expect(deadlineAfter([...accepted, [3, stop]])).toBeUndefined();
});

function walk(events: readonly (readonly [number, ConnectionEvent])[]): {
  connection: Connection;
  seen: string[];
} {
  let connection = createConnection("a", "ws://there");
  const seen: string[] = [];
  for (const [nowMs, event] of events) {
    const step = stepConnection(connection, event, { nowMs, entropy: 0, times });
    connection = step.next;
    for (const effect of step.effects) {
      if (effect.kind === "transmit") seen.push(`transmit ${effect.text}`);
      else
        seen.push(
          `${effect.kind} ${effect.id}${effect.kind === "close" ? ` ${effect.reason}` : ""}`,
        );
    }
    for (const signal of step.signals) {
      seen.push(signal.kind === "lost" ? `lost ${signal.reason}` : signal.kind);
    }
  }
  return { connection, seen };
}

function run(events: readonly (readonly [number, ConnectionEvent])[]): readonly string[] {
  return walk(events).seen;
}

function deadlineAfter(
  events: readonly (readonly [number, ConnectionEvent])[],
): number | undefined {
  return connectionDeadline(walk(events).connection);
}
