import { randomFillSync } from "node:crypto";
import type { Frame, Machine } from "@tandem/kernel";
import type { Arbiter } from "../arbiter.ts";
import type { LinkMessage, Versions } from "../message.ts";
import {
  nodeTiming,
  type Action,
  type EpochBegan,
  type Happening,
  type Node,
  type NodeNotice,
  type NodeTiming,
  type StandDownReason,
} from "../node/node.ts";
import { createNode, isReady, isServing, serveAlone, stepNode } from "../node/step-node.ts";
import type { Describe } from "../replica.ts";
import type { SnapshotPort } from "../snapshot/snapshot.ts";
import type { Incarnation } from "../view.ts";
import { createAlarmClock } from "./alarm-clock.ts";
import { openLink, type LinkOptions, type NodeLink } from "./link/open-link.ts";

/**
 * Runs a node in a Node process: gathers the inputs of one turn of the event loop into a frame,
 * wakes the machine when a timer is due, carries the link and the arbiter, and hands released
 * effects on. Without an arbiter it serves alone.
 */
export interface ReplicaHost<State, Input, Effect = unknown> {
  /** An input for the next frame; dropped while this node does not serve. */
  readonly submit: (input: Input) => void;
  /** To be read only. */
  readonly node: Node<State, Input, Effect>;
  /** The machine's state; null while this node holds none. To be read only. */
  readonly state: () => State | null;
  readonly isServing: () => boolean;
  readonly isReady: () => boolean;
  /** H8: hands over to the standby; what came of it is told as notices. */
  readonly handOver: () => void;
  readonly linkBytesSent: () => number;
  readonly stop: () => Promise<void>;
}

export interface ReplicaHostOptions<State, Input, Effect> {
  readonly machine: Machine<State, Input, Effect>;
  readonly incarnation: Incarnation;
  readonly versions: Versions;
  readonly epochBegan: EpochBegan<Input>;
  readonly describe?: Describe<Input, Effect>;
  readonly snapshots: SnapshotPort<State>;
  readonly perform: (effects: readonly Effect[]) => void;
  /** Take the address and open the edges. Comes before the first effects of the epoch. */
  readonly serve?: (epoch: number) => void;
  readonly standDown?: (why: StandDownReason) => void;
  /** Drop the address, read the sockets empty and submit what was in them, then resolve. */
  readonly drain?: () => Promise<void>;
  readonly notice?: (notice: NodeNotice) => void;
  readonly trouble?: (sentence: string) => void;
  /** Sees every frame after it was stepped: a recorder for `tandem replay`. */
  readonly record?: (frame: Frame<Input>) => void;
  readonly pair?: { readonly arbiter: Arbiter; readonly link: LinkOptions };
  readonly timing?: NodeTiming;
  /** The monotonic clock, milliseconds. */
  readonly clock?: () => number;
}

const tickMs = 20;

export async function startReplica<State, Input, Effect>(
  options: ReplicaHostOptions<State, Input, Effect>,
): Promise<ReplicaHost<State, Input, Effect>> {
  const host = new Host(options);
  await host.start();
  return {
    submit: (input) => host.submit(input),
    node: host.node,
    state: () => host.node.replica?.state ?? null,
    isServing: () => isServing(host.node, host.clock()),
    isReady: () => isReady(host.node, host.clock()),
    handOver: () => host.happen({ kind: "handOver" }),
    linkBytesSent: () => host.link?.bytesSent() ?? 0,
    stop: () => host.stop(),
  };
}

/** The event loop's side of a node, held together for as long as it lives. */
class Host<State, Input, Effect> {
  readonly options: ReplicaHostOptions<State, Input, Effect>;
  readonly clock: () => number;
  readonly entropy = createEntropy();
  readonly node: Node<State, Input, Effect>;
  readonly alarmClock: ReturnType<typeof createAlarmClock>;
  link: NodeLink<Input> | null = null;
  waiting: Input[] = [];
  isScheduled = false;
  isStopped = false;
  ticker: NodeJS.Timeout | null = null;

  constructor(options: ReplicaHostOptions<State, Input, Effect>) {
    this.options = options;
    this.clock = options.clock ?? (() => performance.now());
    const setup = {
      machine: options.machine,
      incarnation: options.incarnation,
      versions: options.versions,
      hasArbiter: options.pair !== undefined,
      epochBegan: options.epochBegan,
      describe: options.pair === undefined ? null : (options.describe ?? null),
      snapshots: options.snapshots,
      timing: options.timing ?? nodeTiming,
    };
    this.node = createNode(setup, this.clock());
    this.alarmClock = createAlarmClock({
      clock: this.clock,
      deadline: () => this.deadline(),
      wake: () => this.schedule(),
    });
  }

  async start(): Promise<void> {
    const { pair, trouble = ignore } = this.options;
    if (pair === undefined) {
      this.act(serveAlone(this.node, this.clock()));
      return;
    }
    this.link = await openLink<Input>(pair.link, {
      up: () => this.happen({ kind: "linkUp" }),
      down: (isRefused) => this.happen({ kind: "linkDown", isRefused }),
      message: (message: LinkMessage<Input>) => this.happen({ kind: "message", message }),
      trouble,
    });
    this.ticker = setInterval(() => this.happen({ kind: "clock" }), tickMs);
    this.happen({ kind: "clock" });
  }

  submit(input: Input): void {
    if (this.node.doors !== "open") return;
    this.waiting.push(input);
    this.schedule();
  }

  schedule(): void {
    if (this.isScheduled || this.isStopped) return;
    this.isScheduled = true;
    setImmediate(() => this.frame());
  }

  frame(): void {
    this.isScheduled = false;
    const inputs = this.waiting;
    this.waiting = [];
    this.happen({ kind: "gathered", inputs, entropy: this.entropy() });
  }

  happen(happening: Happening<Input>): void {
    if (this.isStopped) return;
    this.act(stepNode(this.node, this.clock(), happening));
    if (happening.kind === "gathered" && !this.isScheduled) this.alarmClock.set();
  }

  act(actions: readonly Action<Input, Effect>[]): void {
    for (const action of actions) this.perform(action);
  }

  perform(action: Action<Input, Effect>): void {
    const { options } = this;
    switch (action.kind) {
      case "perform":
        return options.perform(action.effects);
      case "send":
        return this.link?.send(action.message);
      case "ask":
        void options.pair?.arbiter
          .ask(action.request)
          .then((answer) => this.happen({ kind: "answer", id: action.id, answer }));
        return;
      case "serve":
        return options.serve?.(action.epoch);
      case "standDown":
        this.waiting = [];
        this.alarmClock.clear();
        return options.standDown?.(action.why);
      case "drain":
        void (options.drain?.() ?? Promise.resolve()).then(() => {
          this.frame();
          this.happen({ kind: "drained" });
        });
        return;
      case "frame":
        return this.schedule();
      case "catchUp":
        return this.happen({ kind: "caughtUp" });
      case "stepped":
        return options.record?.(action.frame);
      case "tell":
        return options.notice?.(action.notice);
    }
  }

  /** When the machine's next timer is due, by the monotonic clock; of a primary that serves. */
  deadline(): number | undefined {
    const { replica, doors } = this.node;
    if (replica === null || doors !== "open") return undefined;
    const deadline = replica.machine.nextDeadline(replica.state);
    return deadline === undefined ? undefined : replica.clockMs + (deadline - replica.now);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.alarmClock.clear();
    if (this.ticker !== null) clearInterval(this.ticker);
    await this.link?.close();
    await this.options.pair?.arbiter.close();
  }
}

function ignore(): void {}

/** 16 fresh bytes a frame as hexadecimal, drawn from the operating system 256 frames at a time. */
function createEntropy(): () => string {
  const pool = Buffer.alloc(frameEntropyBytes * 256);
  let used = pool.length;
  return () => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    const text = pool.toString("hex", used, used + frameEntropyBytes);
    used += frameEntropyBytes;
    return text;
  };
}

const frameEntropyBytes = 16;
