import type { SipServer } from "../server.ts";

/** What a machine keeps; an attack that leaves something behind shows here. */
export interface Sizes {
  readonly transactions: number;
  readonly dialogs: number;
  readonly calls: number;
  readonly timers: number;
}

export function sizesOf({ state }: SipServer): Sizes {
  return {
    transactions: state.transactions.size,
    dialogs: state.dialogs.size,
    calls: state.calls.size,
    timers: state.timers.armed.size,
  };
}

export const nothing: Sizes = { transactions: 0, dialogs: 0, calls: 0, timers: 0 };
