import { clientAddpTimes, type ConfigEvent } from "@tandem/cti";
import { describe, expect, test } from "vitest";
import {
  configLinkDeadline,
  createConfigLink,
  stepConfigLink,
  type ConfigLink,
  type ConfigLinkEffect,
  type ConfigLinkEvent,
} from "./config-link.ts";

const times = { connectTimeoutMs: 5_000, addp: clientAddpTimes(20) };
const start: ConfigLinkEvent = {
  kind: "start",
  credentials: { kind: "password", user: "agent-1001", password: "tandem" },
};

describe("a site's Configuration Server Proxies", () => {
  test("R1 the primary, then the backup, then it is for the user to decide", () => {
    const bench = createBench();
    bench.step(start);
    bench.step({ kind: "socketClosed", id: "config/1", reason: "refused" });
    bench.step({ kind: "socketOpened", id: "config/2" });
    expect(bench.take()).toEqual([
      "open config/1 ws://a",
      "open config/2 ws://b",
      "config/2 RequestLogin 1",
    ]);
    bench.step({ kind: "clock" }, 5_000);
    expect(bench.take()).toEqual(["close config/2", "unreachable no answer in time"]);
    expect(bench.deadline()).toBeUndefined();
  });

  test("R1 wrong credentials end the attempt at once", () => {
    const bench = createBench();
    bench.step(start);
    bench.step({ kind: "socketOpened", id: "config/1" });
    bench.take();
    bench.receive("config/1", error(1, "wrong-credentials"));
    expect(bench.take()).toEqual(["close config/1", "refused wrong-credentials"]);
    expect(bench.deadline()).toBeUndefined();
  });

  test("a server that cannot log anybody in now counts as one that did not answer", () => {
    const bench = createBench();
    bench.step(start);
    bench.step({ kind: "socketOpened", id: "config/1" });
    bench.take();
    bench.receive("config/1", error(1, "internal-error"));
    expect(bench.take()).toEqual(["close config/1", "open config/2 ws://b"]);
  });

  test("R15 after the login the password is gone; a lost connection comes back with the token", () => {
    const bench = loggedIn();
    bench.step({ kind: "socketClosed", id: "config/1", reason: "gone" }, 6_000);
    bench.step({ kind: "clock" }, 6_000);
    bench.step({ kind: "socketOpened", id: "config/2" }, 6_000);
    expect(bench.take()).toEqual([
      "off gone",
      "open config/2 ws://b",
      "config/2 RequestLogin 2 token=t1",
    ]);
    expect(JSON.stringify(bench.link())).not.toContain("tandem");
    bench.receive("config/2", login(2, "t2"));
    expect(bench.take()).toEqual(["loggedIn again"]);
  });

  test("R10 it tries for ever, both addresses in turn, later and later", () => {
    const bench = loggedIn();
    bench.step({ kind: "socketClosed", id: "config/1", reason: "gone" }, 0);
    const waits: number[] = [];
    let now = 0;
    for (let attempt = 2; attempt < 12; attempt += 1) {
      const deadline = bench.deadline() ?? 0;
      waits.push(deadline - now);
      now = deadline;
      bench.step({ kind: "clock" }, now);
      bench.step({ kind: "socketClosed", id: `config/${attempt}`, reason: "refused" }, now);
    }
    expect(waits).toEqual([0, 500, 500, 1_000, 1_000, 2_000, 2_000, 4_000, 4_000, 8_000]);
  });

  test("a request gets its answer; a subscription is made again where it stood", () => {
    const bench = loggedIn();
    bench.step({ kind: "request", request: { request: "RequestSubscribe", types: ["Person"] } });
    bench.receive("config/1", { event: "EventSubscribed", referenceID: 2, revision: 7 });
    const changed: ConfigEvent = {
      event: "EventObjectChanged",
      revision: 8,
      change: "updated",
      type: "Host",
      object: { name: "h", address: "127.0.0.1" },
    };
    bench.receive("config/1", changed);
    expect(bench.take()).toEqual([
      "config/1 RequestSubscribe 2",
      "accepted 2",
      "answered 2",
      "delivered EventObjectChanged",
    ]);
    bench.step({ kind: "socketClosed", id: "config/1", reason: "gone" }, 6_000);
    bench.step({ kind: "clock" }, 6_000);
    bench.step({ kind: "socketOpened", id: "config/2" }, 6_000);
    bench.receive("config/2", login(3, "t2"));
    expect(bench.take().at(-1)).toBe("config/2 RequestSubscribe 4 revision=8");
  });

  test("a request whose connection is lost is unknown; without one it is not sent", () => {
    const bench = loggedIn();
    const read: ConfigLinkEvent = {
      kind: "request",
      request: { request: "RequestReadObjects", type: "Host" },
    };
    bench.step(read);
    bench.step({ kind: "socketClosed", id: "config/1", reason: "gone" });
    bench.step(read);
    expect(bench.take()).toEqual([
      "config/1 RequestReadObjects 2",
      "accepted 2",
      "unknown 2",
      "off gone",
      "notSent",
    ]);
  });
});

interface Bench {
  readonly step: (event: ConfigLinkEvent, nowMs?: number) => void;
  readonly receive: (id: string, event: ConfigEvent) => void;
  readonly take: () => readonly string[];
  readonly deadline: () => number | undefined;
  readonly link: () => ConfigLink;
}

function createBench(): Bench {
  let link = createConfigLink(["ws://a", "ws://b"]);
  let seen: string[] = [];
  const step = (event: ConfigLinkEvent, nowMs = 0): void => {
    const context = { nowMs, entropy: 0, times, applicationName: "desk" };
    const result = stepConfigLink(link, event, context);
    link = result.next;
    seen.push(...result.effects.map(describeEffect));
  };
  return {
    step,
    receive: (id, event) => step({ kind: "frame", id, text: JSON.stringify(event) }),
    take: () => {
      const taken = seen;
      seen = [];
      return taken;
    },
    deadline: () => configLinkDeadline(link),
    link: () => link,
  };
}

function loggedIn(): Bench {
  const bench = createBench();
  bench.step(start);
  bench.step({ kind: "socketOpened", id: "config/1" });
  bench.receive("config/1", login(1, "t1"));
  bench.take();
  return bench;
}

function login(referenceID: number, token: string): ConfigEvent {
  return {
    event: "EventLogin",
    referenceID,
    token,
    expires: 1,
    sites: [],
    objects: {
      agentGroups: [],
      agentLogins: [],
      places: [],
      dns: [],
      applications: [],
      hosts: [],
      groups: [],
    },
    revision: 1,
  };
}

function error(referenceID: number, errorCode: string): ConfigEvent {
  return { event: "EventError", referenceID, errorCode, errorMessage: "" };
}

function describeEffect(effect: ConfigLinkEffect): string {
  switch (effect.kind) {
    case "open":
      return `open ${effect.id} ${effect.url}`;
    case "close":
      return `close ${effect.id}`;
    case "transmit": {
      const { request, referenceID, token, revision } = JSON.parse(effect.text);
      const detail = token === undefined ? "" : ` token=${token}`;
      const from = revision === undefined ? "" : ` revision=${revision}`;
      return `${effect.id} ${request} ${referenceID}${detail}${from}`;
    }
    case "loggedIn":
      return `loggedIn ${effect.isAgain ? "again" : "first"}`;
    case "refused":
      return `refused ${effect.errorCode}`;
    case "unreachable":
    case "off":
      return `${effect.kind} ${effect.reason}`;
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
