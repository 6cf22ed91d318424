import type { Action, Node, NodeNotice } from "./node.ts";

/** One happening being stepped: the node, the clock's reading, and what to do so far. */
export interface Course<State, Input, Effect> {
  readonly node: Node<State, Input, Effect>;
  readonly clockMs: number;
  readonly actions: Action<Input, Effect>[];
}

export function tell<S, I, E>({ actions }: Course<S, I, E>, notice: NodeNotice): void {
  actions.push({ kind: "tell", notice });
}
