/**
 * The calls that are always being set up in a drill, each from its INVITE to what became of it.
 * Over TCP every second one is placed by a phone of a DN over its own connection: where that
 * breaks the phone gives the call up, and it is counted apart (replication.md, Connections).
 */
import type { EndCause } from "@tandem/softphone";

export interface SetupCall {
  readonly startedMs: number;
  /** An outside line behind the gateway, or a phone over the connection that it registered over. */
  readonly by: "line" | "phone";
  /** `givenUp`: by the phone that was placing it, because its connection was gone. */
  state: "placing" | "established" | "givenUp" | "lost";
}

export class FarmSetups {
  readonly all: SetupCall[] = [];
  readonly #open = new Map<string, SetupCall>();

  /** `key` names the phone and its call. */
  begin(key: string, by: SetupCall["by"]): void {
    const setup: SetupCall = { startedMs: performance.now(), by, state: "placing" };
    this.all.push(setup);
    this.#open.set(key, setup);
  }

  /** Whether it was one of these. */
  established(key: string): boolean {
    const setup = this.#open.get(key);
    if (setup !== undefined) setup.state = "established";
    return setup !== undefined;
  }

  ended(key: string, cause: EndCause): void {
    const setup = this.#open.get(key);
    this.#open.delete(key);
    if (setup?.state !== "placing") return;
    setup.state = setup.by === "phone" && cause === "unreachable" ? "givenUp" : "lost";
  }

  areOver(): boolean {
    return this.#open.size === 0;
  }
}
