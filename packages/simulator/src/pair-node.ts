import { chance, nextHex, nextInt, unreachable, type Frame, type Machine } from "@tandem/kernel";
import {
  createNode,
  decide,
  nodeTiming,
  stepNode,
  tableSnapshots,
  type Action,
  type ArbiterAnswer,
  type ArbiterStore,
  type Happening,
  type LinkMessage,
  type Node,
  type NodeNotice,
} from "@tandem/replica";
import { stateSchema, switchMachine } from "@tandem/switch";
import type { Effect, Input, SwitchState } from "@tandem/switch";
import type { PairWatch } from "./pair-watch.ts";
import { after, type World } from "./world.ts";

/**
 * One node of a site's pair: the node machine of the replica room, driven by virtual time. Its link
 * and its arbiter are of this world; what it does to the outside its site does.
 */
export type SwitchNode = Node<SwitchState, Input, Effect>;

export type HearEvent = (event: Extract<Effect, { kind: "cti" }>["event"]) => void;

export interface PairNode {
  readonly name: "a" | "b";
  node: SwitchNode | null;
  /** Counts the lives of the process, so that a late happening of an old one is known. */
  life: number;
  isPaused: boolean;
  /** What waits in the sockets of a paused process. */
  readonly waiting: Happening<Input>[];
  wakeAt: number;
  isFrameDue: boolean;
  /** Desktops' connections: they are lost with the process, and when it stands down. */
  readonly links: Map<string, HearEvent>;
}

/** A pair, its link and its arbiter. */
export interface Pair {
  readonly site: string;
  readonly nodes: readonly [PairNode, PairNode];
  readonly link: { life: number; isUp: boolean; isCut: boolean; readonly delayMs: number };
  readonly store: ArbiterStore;
  readonly cutFromArbiter: Set<string>;
  isArbiterDown: boolean;
  /** Answers of the arbiter are lost now and then. */
  isArbiterShaky: boolean;
  readonly watch: PairWatch;
}

/** A planted bug in a node (style TST3). */
export interface NodeMutant {
  readonly machine?: (name: "a" | "b") => Machine<SwitchState, Input, Effect>;
  readonly onStep?: (node: SwitchNode, nowMs: number) => void;
  readonly hear?: (node: SwitchNode, message: LinkMessage<Input>) => LinkMessage<Input>;
}

/** What a node's site does for it. */
export interface PairWorld {
  readonly world: World;
  readonly mutant: NodeMutant;
  readonly serve: (process: PairNode) => void;
  readonly standDown: (process: PairNode) => void;
  readonly stepped: (process: PairNode, frame: Frame<Input>) => void;
  readonly release: (process: PairNode, effects: readonly Effect[]) => void;
  readonly notice: (process: PairNode, notice: NodeNotice) => void;
}

const snapshots = tableSnapshots<SwitchState>({
  schema: stateSchema,
  migrations: {}, // all nodes of this world are of one version
  frozen: ["config"],
});

/** A process is asked at least so often what the time means to it. */
const clockEveryMs = 100;
const linkSetupMs = 10;
const unknownAfterMs = 300;
/** Answers of a shaky arbiter that are lost, of a thousand. */
const answersLost = 10;

export function newPairNode(name: "a" | "b"): PairNode {
  return {
    name,
    node: null,
    life: 0,
    isPaused: false,
    waiting: [],
    wakeAt: Infinity,
    isFrameDue: false,
    links: new Map(),
  };
}

export function startNode(setting: PairWorld, pair: Pair, process: PairNode): void {
  const { world } = setting;
  process.life += 1;
  process.isPaused = false;
  process.waiting.length = 0;
  process.wakeAt = Infinity;
  process.isFrameDue = false;
  process.node = createNode<SwitchState, Input, Effect>(
    {
      machine: setting.mutant.machine?.(process.name) ?? switchMachine,
      incarnation: `${process.name}/${process.life}`,
      versions: { machine: "1", runtime: "1", schema: stateSchema },
      hasArbiter: true,
      epochBegan: (epoch, how): Input => ({ kind: "epochBegan", epoch, ...how }),
      describe: describeFrame,
      snapshots,
      timing: nodeTiming,
    },
    world.nowMs,
  );
  connect(setting, pair);
  tick(setting, pair, process, process.life);
}

/** As the server's: where in the history, and what leaves for it. */
function describeFrame(frame: Frame<Input>, effects: readonly Effect[]): string {
  let text = `${frame.firstIndex} ${frame.inputs.length} ${frame.now}\n`;
  for (const effect of effects) {
    if (effect.kind === "sip") text += effect.text;
    else if (effect.kind === "cti") text += `${effect.connection} ${effect.event.event}\n`;
    else text += `${effect.kind}\n`;
  }
  return text;
}

function tick(setting: PairWorld, pair: Pair, process: PairNode, life: number): void {
  if (process.life !== life || process.node === null) return;
  happen(setting, pair, process, { kind: "clock" });
  after(setting.world, clockEveryMs, () => tick(setting, pair, process, life));
}

export function happen(
  setting: PairWorld,
  pair: Pair,
  process: PairNode,
  happening: Happening<Input>,
): void {
  const { node } = process;
  if (node === null) return;
  if (process.isPaused) {
    if (happening.kind !== "clock") process.waiting.push(happening);
    return;
  }
  const { world, mutant } = setting;
  let told = happening;
  if (happening.kind === "message" && mutant.hear !== undefined) {
    told = { kind: "message", message: mutant.hear(node, happening.message) };
  }
  const actions = stepNode(node, world.nowMs, told);
  mutant.onStep?.(node, world.nowMs);
  for (const action of actions) perform(setting, pair, process, action);
  if (happening.kind === "gathered") setWake(setting, pair, process);
}

/** One frame: these inputs, then what is due. */
export function frame(
  setting: PairWorld,
  pair: Pair,
  process: PairNode,
  inputs: readonly Input[],
): void {
  const entropy = nextHex(setting.world.random, 32);
  happen(setting, pair, process, { kind: "gathered", inputs, entropy });
}

function perform(
  setting: PairWorld,
  pair: Pair,
  process: PairNode,
  action: Action<Input, Effect>,
): void {
  switch (action.kind) {
    case "perform":
      return setting.release(process, action.effects);
    case "send":
      return send(setting, pair, process, action.message);
    case "ask":
      return ask(setting, pair, process, action);
    case "serve":
      return setting.serve(process);
    case "standDown":
      process.wakeAt = Infinity;
      return setting.standDown(process);
    case "drain":
      return drain(setting, pair, process);
    case "frame":
      return wantFrame(setting, pair, process);
    case "catchUp":
      return happen(setting, pair, process, { kind: "caughtUp" });
    case "stepped":
      return setting.stepped(process, action.frame);
    case "tell":
      return setting.notice(process, action.notice);
    default:
      return unreachable(action);
  }
}

/** What has come already is in a frame: this world reads at once. */
function drain(setting: PairWorld, pair: Pair, process: PairNode): void {
  const { life } = process;
  after(setting.world, 0, () => {
    if (process.life === life) happen(setting, pair, process, { kind: "drained" });
  });
}

function wantFrame(setting: PairWorld, pair: Pair, process: PairNode): void {
  if (process.isFrameDue) return;
  process.isFrameDue = true;
  const { life } = process;
  after(setting.world, 0, () => {
    if (process.life !== life) return;
    process.isFrameDue = false;
    frame(setting, pair, process, []);
  });
}

function setWake(setting: PairWorld, pair: Pair, process: PairNode): void {
  const { node, life } = process;
  const { world } = setting;
  const replica = node?.replica ?? null;
  if (node === null || replica === null || node.doors !== "open") return;
  // Handed over: what is due is the other node's; if that fails a frame is wanted at once.
  if (node.handover !== null && node.handover.lastIndex !== null) return;
  const deadline = switchMachine.nextDeadline(replica.state);
  if (deadline === undefined) return;
  const at = Math.max(world.nowMs, replica.clockMs + (deadline - replica.now));
  if (at >= process.wakeAt) return;
  process.wakeAt = at;
  after(world, at - world.nowMs, () => {
    if (process.life !== life || process.wakeAt !== at) return;
    process.wakeAt = Infinity;
    frame(setting, pair, process, []);
  });
}

function send(
  setting: PairWorld,
  pair: Pair,
  process: PairNode,
  message: LinkMessage<Input>,
): void {
  const { link } = pair;
  if (!link.isUp) return;
  const { life } = link;
  const other = otherOf(pair, process);
  after(setting.world, link.delayMs, () => {
    if (link.life === life) happen(setting, pair, other, { kind: "message", message });
  });
}

export function otherOf(pair: Pair, process: PairNode): PairNode {
  return pair.nodes[process.name === "a" ? 1 : 0];
}

/** The link comes up when both processes run and nothing cuts it. */
export function connect(setting: PairWorld, pair: Pair): void {
  const { link } = pair;
  const { life } = link;
  after(setting.world, linkSetupMs, () => {
    const isPossible = pair.nodes.every(({ node }) => node !== null) && !link.isCut;
    if (link.life !== life || link.isUp || !isPossible) return;
    link.isUp = true;
    for (const process of pair.nodes) happen(setting, pair, process, { kind: "linkUp" });
  });
}

export function breakLink(setting: PairWorld, pair: Pair, isRefused: boolean): void {
  const { link } = pair;
  link.life += 1;
  link.isUp = false;
  for (const process of pair.nodes) {
    after(setting.world, 5, () => {
      if (!link.isUp) happen(setting, pair, process, { kind: "linkDown", isRefused });
    });
  }
}

/** Both ends see one connection replaced by another. */
export function resetLink(setting: PairWorld, pair: Pair): void {
  if (!pair.link.isUp) return;
  pair.link.life += 1;
  pair.link.isUp = false;
  connect(setting, pair);
}

function ask(
  setting: PairWorld,
  pair: Pair,
  process: PairNode,
  { id, request }: Extract<Action<Input, Effect>, { kind: "ask" }>,
): void {
  const { life } = process;
  const { world } = setting;
  const reply = (answer: ArbiterAnswer, delayMs: number): void =>
    after(world, delayMs, () => {
      if (process.life === life) happen(setting, pair, process, { kind: "answer", id, answer });
    });
  after(world, nextInt(world.random, 1, 3), () => {
    const isCut = pair.isArbiterDown || pair.cutFromArbiter.has(process.name);
    if (isCut) return reply({ kind: "unknown" }, unknownAfterMs);
    const answer = decide(pair.store, world.nowMs, request);
    const isLost = pair.isArbiterShaky && chance(world.random, answersLost);
    if (isLost) return reply({ kind: "unknown" }, unknownAfterMs);
    reply(answer, nextInt(world.random, 1, 3));
  });
}

export function killNode(setting: PairWorld, pair: Pair, process: PairNode): void {
  if (process.node === null) return;
  process.node = null;
  process.life += 1;
  process.links.clear();
  breakLink(setting, pair, true);
}

export function pauseNode(process: PairNode): void {
  if (process.node !== null) process.isPaused = true;
}

/** Its sockets stayed, and answered nothing; what came meanwhile is read now. */
export function resumeNode(setting: PairWorld, pair: Pair, process: PairNode): void {
  if (!process.isPaused) return;
  process.isPaused = false;
  process.wakeAt = Infinity;
  happen(setting, pair, process, { kind: "clock" });
  for (const happening of process.waiting.splice(0)) happen(setting, pair, process, happening);
  frame(setting, pair, process, []);
}
