import type { FlowTarget, SwitchConfig } from "@tandem/switch";
import {
  newCounts,
  openSignalling,
  type Secrets,
  type SignallingCounts,
  type SignallingEdge,
  type SignallingOptions,
} from "./edge.ts";
import { rehearse } from "./rehearse.ts";

/**
 * The signalling edge of a node that does not always serve: opened when it takes the site's
 * address, closed when it gives it up. What the machine says while the sockets are being opened
 * waits for them; a failed bind is a reason to try again, for whoever held the address before may
 * still be on his way out (replication.md, Fencing).
 */
export interface ServedSignalling {
  readonly send: (target: FlowTarget, text: string) => void;
  readonly configure: (config: SwitchConfig, secrets: Secrets) => void;
  /** Resolves when the sockets stand, or when it has been closed meanwhile. */
  readonly open: (epoch: number, ready?: () => Promise<void>) => Promise<void>;
  /** Before the first opening: rejects when the doors could not be opened anywhere. */
  readonly rehearse: () => Promise<void>;
  readonly close: () => Promise<void>;
  /** The open edge; null while there is none. */
  readonly edge: () => SignallingEdge | null;
  /** Of the edge that is open, or was last. */
  readonly counts: () => SignallingCounts;
}

export interface ServedSignallingOptions {
  /** Everything but what an opening brings. */
  readonly edge: (epoch: number) => SignallingOptions;
  readonly onTrouble: (sentence: string) => void;
  /** A single node without a successor ends at the first failure instead. */
  readonly triesAgain: boolean;
}

const tryAgainMs = 10;
const waitingMax = 50_000;

export function createServedSignalling(options: ServedSignallingOptions): ServedSignalling {
  let edge: SignallingEdge | null = null;
  let last: SignallingEdge | null = null;
  let configured: readonly [SwitchConfig, Secrets] | null = null;
  /** Counts openings: what belongs to an older one ends. */
  let opening = 0;
  let waiting: (readonly [FlowTarget, string])[] = [];
  let isOpening = false;

  async function open(epoch: number, ready?: () => Promise<void>): Promise<void> {
    if (edge !== null) return;
    opening += 1;
    const own = opening;
    isOpening = true;
    // What is sent meanwhile waits; whoever stands down meanwhile opens nothing.
    await ready?.();
    for (let tries = 0; own === opening; tries += 1) {
      try {
        const opened = await openSignalling({ ...options.edge(epoch), configured });
        if (own !== opening) {
          await opened.close();
          return;
        }
        edge = opened;
        last = opened;
        isOpening = false;
        if (configured !== null) opened.configure(...configured); // it may have changed meanwhile
        const owed = waiting;
        waiting = [];
        for (const [target, text] of owed) opened.send(target, text);
        return;
      } catch (error) {
        if (!options.triesAgain) throw error;
        const said = error instanceof Error ? error.message : String(error);
        if (tries === 0) options.onTrouble(`the site's address is not free yet: ${said}`);
        await new Promise((resolve) => setTimeout(resolve, tryAgainMs));
      }
    }
  }

  return {
    send(target, text) {
      if (edge !== null) edge.send(target, text);
      else if (isOpening && waiting.length < waitingMax) waiting.push([target, text]);
    },
    configure(config, secrets) {
      configured = [config, secrets];
      edge?.configure(config, secrets);
    },
    open,
    rehearse: () => rehearse({ ...options.edge(0), configured }),
    async close() {
      opening += 1;
      isOpening = false;
      waiting = [];
      const closing = edge;
      edge = null;
      await closing?.close();
    },
    edge: () => edge,
    counts: () => last?.counts ?? noCounts,
  };
}

const noCounts: SignallingCounts = newCounts();
