import { clientAddpTimes, type TlibEvent } from "@tandem/cti";
import { describe, expect, test } from "vitest";
import { createPair, viewOf, type Pair, type PairEffect, type PairEvent } from "./pair.ts";
import { stepPair } from "./step-pair.ts";

const options = {
  token: "t1",
  applicationName: "desk",
  urls: ["ws://a", "ws://b"],
  addpTimeoutSeconds: 20,
  addpRemoteTimeoutSeconds: 20,
};
const times = { connectTimeoutMs: 5_000, addp: clientAddpTimes(20) };
const query: PairEvent = { kind: "request", request: { request: "RequestQueryServer" } };

describe("a pair", () => {
  test("both nodes are asked; the session is where one serves", () => {
    const bench = connected();
    expect(bench.view()).toEqual("a primary 3*, b backup 3");
    expect(bench.take()).toEqual([
      "open a/1",
      "open b/1",
      "a/1 RequestRegisterClient 1",
      "b/1 RequestRegisterClient 2",
      "changed",
      "changed",
      "sessionOpened new",
    ]);
  });

  test("R7 a switchover: the session goes on at the new primary, unanswered requests with it", () => {
    const bench = connected();
    bench.step(query);
    bench.take();
    bench.step({ kind: "socketClosed", id: "a/1", reason: "gone" });
    bench.receive("b/1", serverInfo("primary", 4));
    expect(bench.take()).toEqual([
      "changed",
      "changed",
      "b/1 RequestRegisterClient 4 resume s1@40",
    ]);
    bench.receive("b/1", linked("primary", 4, 4, "s1"));
    expect(bench.view()).toBe("a -, b primary 4*");
    expect(bench.take()).toEqual(["changed", "sessionOpened resumed", "b/1 RequestQueryServer 3"]);
  });

  test("R7 a node that is back and waited for is asked at once when the serving one is lost", () => {
    const bench = connected();
    bench.step({ kind: "socketClosed", id: "b/1", reason: "gone" });
    bench.step({ kind: "clock" }, 5_000);
    bench.step({ kind: "socketClosed", id: "b/2", reason: "refused" }, 5_000);
    bench.take();
    bench.step({ kind: "socketClosed", id: "a/1", reason: "gone" }, 5_001);
    expect(bench.take()).toEqual(["changed", "open b/3"]);
  });

  test("R7 while one serves, the other is tried every few seconds, be it dead for long", () => {
    const bench = connected();
    bench.step({ kind: "socketClosed", id: "b/1", reason: "gone" });
    for (let attempt = 2; attempt <= 9; attempt += 1) {
      const now = attempt * 4_000;
      bench.step({ kind: "frame", id: "a/1", text: '{"addp":"poll","id":1}' }, now);
      bench.step({ kind: "clock" }, now);
      bench.step({ kind: "socketClosed", id: `b/${attempt}`, reason: "refused" }, now);
    }
    expect(bench.take().filter((line) => line.startsWith("open b"))).toHaveLength(9);
  });

  test("R7 of two that say they serve, the higher epoch is right and the other is taken for gone", () => {
    const bench = connected();
    bench.take();
    bench.receive("b/1", serverInfo("primary", 4));
    expect(bench.view()).toBe("a -, b primary 4");
    expect(bench.take()).toEqual([
      "changed",
      "close a/1",
      "b/1 RequestRegisterClient 3 resume s1@40",
    ]);
  });

  test("R7 a node that says it serves in an epoch that is over is not believed", () => {
    const bench = connected();
    bench.receive("a/1", serverInfo("primary", 5));
    bench.take();
    bench.receive("b/1", serverInfo("primary", 4));
    expect(bench.view()).toBe("a primary 5*, b -");
    expect(bench.take()).toEqual(["changed", "close b/1"]);
  });

  test("a primary that steps down keeps its connection and loses the session", () => {
    const bench = connected();
    bench.take();
    bench.receive("a/1", serverInfo("backup", 4));
    expect(bench.view()).toBe("a backup 4, b backup 3");
    bench.step(query);
    expect(bench.take()).toEqual(["changed", "notSent"]);
  });

  test("resume-too-old: unanswered requests are unknown and a new session is asked for", () => {
    const bench = connected();
    bench.step(query);
    bench.step({ kind: "socketClosed", id: "a/1", reason: "gone" });
    bench.step({ kind: "clock" }, 5_000);
    bench.step({ kind: "socketOpened", id: "a/2" }, 5_000);
    bench.take();
    bench.receive("a/2", {
      event: "EventError",
      referenceID: 4,
      errorCode: "resume-too-old",
      errorMessage: "",
    });
    expect(bench.take()).toEqual(["resumeTooOld", "unknown 3", "a/2 RequestRegisterClient 5"]);
  });

  test("a node that refuses the client is left and asked again later", () => {
    const bench = started();
    bench.take();
    bench.receive("a/1", {
      event: "EventError",
      referenceID: 1,
      errorCode: "token-expired",
      errorMessage: "",
      retryAfter: 7_000,
    });
    expect(bench.take()).toEqual(["clientRefused token-expired", "close a/1"]);
    bench.step({ kind: "tokenRenewed", token: "t2" });
    bench.step({ kind: "clock" }, 7_010);
    bench.step({ kind: "socketOpened", id: "a/2" }, 7_010);
    expect(bench.lastText()).toContain('"token":"t2"');
  });

  test("a promoted node that does not answer RegisterClient is left in time", () => {
    const bench = connected();
    bench.step({ kind: "socketClosed", id: "a/1", reason: "gone" });
    bench.receive("b/1", serverInfo("primary", 4));
    bench.take();
    bench.step({ kind: "clock" }, 5_010);
    expect(bench.take()).toContain("close b/1");
  });

  test("events of a node that does not serve this client are not delivered", () => {
    const bench = connected();
    bench.take();
    const event = { event: "EventLinkDisconnected", reason: "bye" } as const;
    bench.receive("b/1", event);
    expect(bench.take()).toEqual([]);
    bench.receive("a/1", event);
    expect(bench.take()).toEqual(["delivered EventLinkDisconnected"]);
  });

  test("a frame that is no message is reported and ignored", () => {
    const bench = connected();
    bench.take();
    bench.step({ kind: "frame", id: "a/1", text: "{" });
    expect(bench.take()).toEqual(["malformed"]);
    expect(bench.view()).toBe("a primary 3*, b backup 3");
  });

  test("what an earlier connection still says is not heard", () => {
    const bench = connected();
    bench.step({ kind: "socketClosed", id: "a/1", reason: "gone" });
    bench.step({ kind: "clock" }, 5_000);
    bench.take();
    bench.receive("a/1", serverInfo("primary", 9));
    bench.step({ kind: "socketClosed", id: "a/1", reason: "again" });
    expect(bench.take()).toEqual([]);
  });

  test("stopped: sockets are closed, what waits is unknown, and nothing is due", () => {
    const bench = connected();
    bench.step(query);
    bench.take();
    bench.step({ kind: "stop" });
    expect(bench.take()).toEqual(["changed", "close a/1", "close b/1", "unknown 3"]);
    expect(bench.view()).toBe("a -, b -");
  });
});

interface Bench {
  readonly step: (event: PairEvent, nowMs?: number) => void;
  readonly receive: (id: string, event: TlibEvent) => void;
  readonly take: () => readonly string[];
  readonly view: () => string;
  readonly lastText: () => string;
}

function createBench(): Bench {
  let pair: Pair = createPair(options);
  let seen: string[] = [];
  let lastText = "";
  const step = (event: PairEvent, nowMs = 10): void => {
    const result = stepPair(pair, event, { nowMs, entropy: 0, times, options });
    pair = result.next;
    for (const effect of result.effects) {
      if (effect.kind === "transmit") lastText = effect.text;
      seen.push(describeEffect(effect));
    }
  };
  return {
    step,
    receive: (id, event) => step({ kind: "frame", id, text: JSON.stringify(event) }),
    take: () => {
      const taken = seen;
      seen = [];
      return taken;
    },
    view: () => {
      const { nodes, servingIndex } = viewOf(pair);
      return nodes
        .map(({ role, epoch }, index) => {
          const name = index === 0 ? "a" : "b";
          const says = role === null ? "-" : `${role} ${epoch}`;
          return `${name} ${says}${index === servingIndex ? "*" : ""}`;
        })
        .join(", ");
    },
    lastText: () => lastText,
  };
}

function started(): Bench {
  const bench = createBench();
  bench.step({ kind: "start" });
  bench.step({ kind: "socketOpened", id: "a/1" });
  bench.step({ kind: "socketOpened", id: "b/1" });
  return bench;
}

function connected(): Bench {
  const bench = started();
  bench.receive("b/1", linked("backup", 3, 2, ""));
  bench.receive("a/1", linked("primary", 3, 1, "s1"));
  return bench;
}

function linked(
  serverRole: "primary" | "backup",
  epoch: number,
  referenceID: number,
  sessionID: string,
): TlibEvent {
  return {
    event: "EventLinkConnected",
    referenceID,
    sessionID,
    serverRole,
    epoch,
    serverStartTime: 1_000,
    lastSequence: 40,
    lastReferenceID: 0,
  };
}

function serverInfo(serverRole: "primary" | "backup", epoch: number): TlibEvent {
  return {
    event: "EventServerInfo",
    serverRole,
    epoch,
    site: "site-1",
    inService: true,
    peerInService: true,
    serverStartTime: 1_000,
  };
}

function describeEffect(effect: PairEffect): string {
  switch (effect.kind) {
    case "open":
    case "close":
      return `${effect.kind} ${effect.id}`;
    case "transmit": {
      const { request, referenceID, resume } = JSON.parse(effect.text);
      const at =
        resume === undefined ? "" : ` resume ${resume.sessionID}@${resume.eventSequenceNumber}`;
      return `${effect.id} ${request} ${referenceID}${at}`;
    }
    case "sessionOpened":
      return `sessionOpened ${effect.isResumed ? "resumed" : "new"}`;
    case "clientRefused":
      return `clientRefused ${effect.error.errorCode}`;
    case "delivered":
      return `delivered ${effect.event.event}`;
    case "accepted":
    case "answered":
    case "unknown":
      return `${effect.kind} ${effect.referenceID}`;
    default:
      return effect.kind;
  }
}
