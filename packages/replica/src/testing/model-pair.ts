import { chance, nextHex, nextInt, pick } from "@tandem/kernel";
import { createArbiterStore, decide, type ArbiterStore } from "../arbiter-store.ts";
import type { ArbiterAnswer, ArbiterRequest } from "../arbiter.ts";
import type { LinkMessage } from "../message.ts";
import { nodeTiming, type Action, type Happening, type NodeNotice } from "../node/node.ts";
import { createNode, stepNode } from "../node/step-node.ts";
import {
  faults,
  linkDelaysMs,
  newProcess,
  type ModelChoice,
  type ModelReport,
  type Process,
  type ToyNode,
} from "./model-parts.ts";
import { brokenAtEnd, brokenByResting, brokenBySending } from "./model-rules.ts";
import { createModelWorld, type ModelWorld } from "./model-world.ts";
import {
  toyVersion,
  type ToyEffect,
  type ToyInput,
  type ToySchema,
  type ToyState,
} from "./toy-machine.ts";

/**
 * A small random model of a pair (`SPEC.md`): a machine that only writes down what it is told, two
 * nodes, an arbiter, clients, and faults drawn from a seed. What it must show: no effect whose
 * input a later primary does not know, no two histories at once, and service again after the
 * faults.
 */
export function runModel(choice: ModelChoice): ModelReport {
  return new Model(choice).run();
}

export class Model {
  readonly choice: ModelChoice;
  readonly world: ModelWorld;
  readonly store: ArbiterStore = createArbiterStore();
  readonly processes: readonly [Process, Process] = [newProcess("a"), newProcess("b")];
  readonly failures: string[] = [];
  readonly trail: string[] = [];
  /** Text by place in the history, of the effects that left. */
  readonly released: Map<string, string> = new Map();
  readonly releasedTexts: Set<string> = new Set();
  isLinkCut = false;
  linkLife = 0;
  isLinkUp = false;
  readonly cutFromArbiter: Set<string> = new Set();
  isArbiterDown = false;
  coldStarts = 0;
  takeovers = 0;
  differences = 0;
  onNotice: (notice: NodeNotice) => void = () => undefined;
  /** Which version a process starts as. */
  readonly schemas: Record<"a" | "b", ToySchema> = { a: 1, b: 1 };
  words = 0;
  faultsLeft: number;
  /** A link over a slow line gives races more room. */
  readonly linkDelayMs: number;
  /** Since when each process can reach the arbiter. */
  readonly reachedSinceMs: Map<string, number> = new Map();

  constructor(choice: ModelChoice) {
    this.choice = choice;
    this.world = createModelWorld(choice.seed);
    this.faultsLeft = choice.faults;
    this.linkDelayMs = pick(this.world.random, linkDelaysMs);
  }

  run(): ModelReport {
    for (const process of this.processes) this.start(process);
    const { world, choice } = this;
    world.after(5, () => this.client());
    world.after(4_000, () => this.strike());
    const faultsEnd = choice.seconds * 1_000;
    world.run(faultsEnd);
    this.faultsLeft = 0;
    world.run(faultsEnd + 30_000);
    this.checkSettled();
    return {
      failures: this.failures,
      released: this.releasedTexts.size,
      coldStarts: this.coldStarts,
      takeovers: this.takeovers,
      differences: this.differences,
      trail: this.trail,
    };
  }

  say(text: string): void {
    if (this.choice.keepsTrail === true) this.trail.push(`${this.world.nowMs} ${text}`);
  }

  start(process: Process): void {
    process.life += 1;
    process.isServing = false;
    process.isPaused = false;
    process.waiting.length = 0;
    process.gathered = [];
    process.isFrameDue = false;
    const { world } = this;
    process.node = createNode<ToyState, ToyInput, ToyEffect>(
      {
        ...toyVersion(this.schemas[process.name]),
        incarnation: `${process.name}/${process.life}`,
        hasArbiter: true,
        epochBegan: (epoch, { takenOver }) => ({ kind: "epoch", text: `${epoch} ${takenOver}` }),
        describe: (frame, effects) =>
          `${frame.firstIndex} ${effects.map(({ text }) => text).join(" ")}`,
        timing: nodeTiming,
      },
      world.nowMs,
    );
    this.say(`${process.name} starts`);
    this.connect();
    this.tick(process, process.life);
  }

  tick(process: Process, life: number): void {
    if (process.life !== life || process.node === null) return;
    const isCut = this.isArbiterDown || this.cutFromArbiter.has(process.name);
    if (isCut || process.isPaused) this.reachedSinceMs.delete(process.name);
    else if (!this.reachedSinceMs.has(process.name)) {
      this.reachedSinceMs.set(process.name, this.world.nowMs);
    }
    this.happen(process, { kind: "clock" });
    this.checkRests(process);
    this.world.after(20, () => this.tick(process, life));
  }

  checkRests(process: Process): void {
    const { node, name } = process;
    const { nowMs } = this.world;
    const reachedForMs = nowMs - (this.reachedSinceMs.get(name) ?? nowMs);
    const broken = node && brokenByResting(node, this.store, nowMs, reachedForMs);
    if (broken !== null) this.fail(`${name} ${broken}`);
  }

  happen(process: Process, happening: Happening<ToyInput>): void {
    const { node } = process;
    if (node === null) return;
    if (process.isPaused) {
      if (happening.kind !== "clock") process.waiting.push(happening);
      return;
    }
    const { mutant } = this.choice;
    let told: Happening<ToyInput> | null = happening;
    if (happening.kind === "message" && mutant?.hear !== undefined) {
      const message = mutant.hear(node, happening.message);
      told = message === null ? null : { kind: "message", message };
    }
    if (told === null) return;
    mutant?.beforeStep?.(node, this.world.nowMs);
    const actions = stepNode(node, this.world.nowMs, told);
    mutant?.onStep?.(node, this.world.nowMs);
    const kept = mutant?.filter?.(node, actions, this.world.nowMs) ?? actions;
    for (const action of kept) this.perform(process, node, action);
  }

  perform(process: Process, node: ToyNode, action: Action<ToyInput, ToyEffect>): void {
    const { world } = this;
    switch (action.kind) {
      case "perform":
        for (const effect of action.effects) this.release(process, node, effect);
        return;
      case "send":
        return this.send(process, action.message);
      case "ask":
        return this.ask(process, action.id, action.request);
      case "serve":
        process.isServing = true;
        return this.checkServes(process, node);
      case "standDown":
        process.isServing = false;
        process.gathered = [];
        return;
      case "drain":
        process.isServing = false;
        this.frame(process);
        world.after(0, () => this.happen(process, { kind: "drained" }));
        return;
      case "frame":
        return this.wantFrame(process);
      case "catchUp":
        return this.soon(process, () => this.happen(process, { kind: "caughtUp" }));
      case "stepped":
        return;
      case "tell":
        this.say(`${process.name} ${JSON.stringify(action.notice)}`);
        this.onNotice(action.notice);
        if (action.notice.kind === "coldStart") this.onColdStart(process, node);
        if (action.notice.kind === "givenBack") this.forgetLost(node);
        if (action.notice.kind === "takenOver") this.takeovers += 1;
        if (action.notice.kind === "differs") this.differences += 1;
    }
  }

  wantFrame(process: Process): void {
    if (process.isFrameDue) return;
    process.isFrameDue = true;
    this.soon(process, () => this.frame(process));
  }

  /** Unless it dies before. */
  soon(process: Process, then: () => void, life: number = process.life): void {
    this.world.after(0, () => {
      if (process.life === life) then();
    });
  }

  frame(process: Process): void {
    process.isFrameDue = false;
    const inputs = process.gathered;
    process.gathered = [];
    const entropy = nextHex(this.world.random, 32);
    this.happen(process, { kind: "gathered", inputs, entropy });
  }

  send(process: Process, message: LinkMessage<ToyInput>): void {
    const { linkLife } = this;
    const broken = process.node && brokenBySending(process.node, message);
    if (broken !== null) this.fail(`${process.name} ${broken}`);
    if (!this.isLinkUp) return;
    this.world.after(this.linkDelayMs, () => {
      if (this.linkLife !== linkLife) return;
      this.happen(this.other(process), { kind: "message", message });
    });
  }

  other(process: Process): Process {
    return this.processes[process.name === "a" ? 1 : 0];
  }

  /** The link comes up when both processes run and nothing cuts it. */
  connect(): void {
    const { linkLife } = this;
    this.world.after(10, () => {
      const isPossible = this.processes.every(({ node }) => node !== null) && !this.isLinkCut;
      if (this.linkLife !== linkLife || this.isLinkUp || !isPossible) return;
      this.isLinkUp = true;
      for (const process of this.processes) this.happen(process, { kind: "linkUp" });
    });
  }

  breakLink(isRefused: boolean): void {
    this.linkLife += 1;
    this.isLinkUp = false;
    for (const process of this.processes) {
      this.world.after(5, () => {
        if (!this.isLinkUp) this.happen(process, { kind: "linkDown", isRefused });
      });
    }
  }

  ask(process: Process, id: number, request: ArbiterRequest): void {
    const { life } = process;
    const { world } = this;
    const reply = (answer: ArbiterAnswer, delayMs: number): void =>
      world.after(delayMs, () => {
        if (process.life === life) this.happen(process, { kind: "answer", id, answer });
      });
    const isCut = (): boolean => this.isArbiterDown || this.cutFromArbiter.has(process.name);
    world.after(nextInt(world.random, 1, 3), () => {
      if (isCut()) return reply({ kind: "unknown" }, 300);
      const answer = decide(this.store, world.nowMs, request);
      this.say(`${process.name} ${JSON.stringify(request)} ${JSON.stringify(answer)}`);
      const isLost = this.faultsLeft > 0 && this.choice.faults > 1 && chance(world.random, 20);
      if (isLost) return reply({ kind: "unknown" }, 300);
      reply(answer, nextInt(world.random, 1, 3));
    });
  }

  /** Words go to whoever serves; a word without an answer is said again as another. */
  client(): void {
    const { world } = this;
    world.after(nextInt(world.random, 2, 40), () => this.client());
    for (const process of this.processes) {
      if (!process.isServing || process.isPaused || process.node === null) continue;
      this.words += 1;
      process.gathered.push({ kind: "word", text: `w${this.words}` });
      this.wantFrame(process);
    }
  }

  release(process: Process, node: ToyNode, effect: ToyEffect): void {
    const place = `${node.history}#${effect.index}`;
    const before = this.released.get(place);
    if (before !== undefined && before !== effect.text) {
      this.fail(`${process.name} released ${effect.text} at ${place}, where ${before} had left`);
    }
    this.released.set(place, effect.text);
    this.releasedTexts.add(effect.text);
    const { view } = this.store;
    const isStale = view !== null && view.primary !== node.setup.incarnation;
    if (isStale) this.fail(`${process.name} released ${effect.text}, and is not the primary`);
  }

  /** Every effect that left is known to whoever serves. */
  checkServes(process: Process, node: ToyNode): void {
    const seen = new Set(node.replica?.state.seen);
    for (const text of this.releasedTexts) {
      if (seen.has(text)) continue;
      this.fail(`${process.name} serves without ${text}, whose effect has left`);
      return;
    }
  }

  /** Allowed after overlapping faults only: what was lost is lost. */
  onColdStart(process: Process, node: ToyNode): void {
    this.coldStarts += 1;
    const other = this.other(process);
    const forMs = this.world.nowMs - (this.reachedSinceMs.get(other.name) ?? this.world.nowMs);
    // A primary that reaches the arbiter has its lease, and that protects it.
    if (other.node?.role === "primary" && forMs > 1_500) {
      this.fail(`${process.name} starts cold though ${other.name} reaches the arbiter`);
    }
    if (this.choice.faults <= 1) this.fail("a cold start after a single fault");
    this.forgetLost(node);
  }

  forgetLost(node: ToyNode): void {
    const seen = new Set(node.replica?.state.seen);
    for (const text of this.releasedTexts) if (!seen.has(text)) this.releasedTexts.delete(text);
  }

  checkSettled(): void {
    const nodes = this.processes.map(({ node }) => node);
    const { store, world, linkDelayMs } = this;
    for (const text of brokenAtEnd(nodes, store, world, linkDelayMs)) this.fail(text);
  }

  fail(text: string): void {
    if (this.failures.length < 5) this.failures.push(`at ${this.world.nowMs} ms: ${text}`);
    this.say(`FAILED ${text}`);
  }

  strike(): void {
    const { world } = this;
    if (this.faultsLeft <= 0) return;
    this.faultsLeft -= 1;
    world.after(nextInt(world.random, 200, 6_000), () => this.strike());
    const process = pick(world.random, this.processes);
    const lasts = nextInt(world.random, 50, 12_000);
    const kind = pick(world.random, faults);
    this.say(`${kind} ${process.name} for ${lasts}`);
    switch (kind) {
      case "kill":
        return this.kill(process, lasts);
      case "pause":
        return this.pause(process, lasts);
      case "cutLink":
        this.isLinkCut = true;
        this.breakLink(false);
        return world.after(lasts, () => {
          this.isLinkCut = false;
          this.connect();
        });
      case "resetLink":
        if (!this.isLinkUp) return;
        this.linkLife += 1;
        this.isLinkUp = false;
        return this.connect();
      case "cutFromArbiter":
        this.cutFromArbiter.add(process.name);
        return world.after(lasts, () => this.cutFromArbiter.delete(process.name));
      case "arbiterDown":
        this.isArbiterDown = true;
        return world.after(lasts, () => {
          this.isArbiterDown = false;
        });
      case "handOver":
        return this.happen(process, { kind: "handOver" });
    }
  }

  kill(process: Process, lasts: number): void {
    if (process.node === null) return;
    process.node = null;
    process.life += 1;
    process.isServing = false;
    this.breakLink(true);
    this.world.after(lasts, () => {
      if (process.node === null) this.start(process);
    });
  }

  /** Its sockets stay, and answer nothing; what came meanwhile is read when it goes on. */
  pause(process: Process, lasts: number): void {
    if (process.node === null || process.isPaused) return;
    process.isPaused = true;
    const { life } = process;
    this.world.after(lasts, () => {
      if (process.life !== life) return;
      process.isPaused = false;
      this.happen(process, { kind: "clock" });
      for (const happening of process.waiting.splice(0)) this.happen(process, happening);
    });
  }
}
