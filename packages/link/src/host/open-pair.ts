import { clientAddpTimes, type TlibEvent, type UnnumberedRequest } from "@tandem/cti";
import { platform as defaultPlatform } from "#platform";
import {
  createPair,
  pairDeadline,
  viewOf,
  type PairEvent,
  type PairOptions,
  type PairReport,
  type PairView,
} from "../pair/pair.ts";
import { stepPair } from "../pair/step-pair.ts";
import type { LinkPlatform } from "../platform.ts";
import { runMachine } from "./run-machine.ts";

/**
 * A pair of SIP Servers as a client has it: open until closed, whichever node serves. Every report
 * but those of requests goes to `listener`; a request has exactly one outcome.
 *
 * @example
 * const pair = openPair(
 *   { token, applicationName: "desk", urls: ["ws://127.0.1.10:7000/tlib"],
 *     addpTimeoutSeconds: 20, addpRemoteTimeoutSeconds: 20, connectTimeoutMs: 5_000 },
 *   (report) => {
 *     if (report.kind === "sessionOpened") {
 *       pair.request({ request: "RequestRegisterAddress", thisDN: "1001" }, console.log);
 *     }
 *   },
 * );
 */
export interface PairLink {
  readonly view: () => PairView;
  readonly request: (
    request: UnnumberedRequest,
    settled: (outcome: RequestOutcome) => void,
  ) => void;
  /** For the connections to come. */
  readonly renewToken: (token: string) => void;
  readonly close: () => void;
}

export type RequestOutcome =
  /** The event the request caused, or EventError. */
  | { readonly kind: "answered"; readonly event: TlibEvent }
  /** It was sent; nobody will say whether it was executed. */
  | { readonly kind: "unknown" }
  /** There was no session: it was not sent and never will be. */
  | { readonly kind: "notSent" };

export type PairListenerReport = Exclude<
  PairReport,
  { kind: "accepted" | "notSent" | "answered" | "unknown" }
>;

export interface OpenPairOptions extends PairOptions {
  readonly connectTimeoutMs: number;
  readonly platform?: LinkPlatform;
}

export const tlibSubprotocol = "tandem.tlib.1";

export function openPair(
  options: OpenPairOptions,
  listener: (report: PairListenerReport) => void,
): PairLink {
  const platform = options.platform ?? defaultPlatform;
  const times = {
    connectTimeoutMs: options.connectTimeoutMs,
    addp: clientAddpTimes(options.addpTimeoutSeconds),
  };
  let pair = createPair(options);
  const settleBy = new Map<number, (outcome: RequestOutcome) => void>();
  /** Requests that wait for their number, in the order in which they are stepped. */
  const unnumbered: ((outcome: RequestOutcome) => void)[] = [];

  const settle = (referenceID: number, outcome: RequestOutcome): void => {
    const settled = settleBy.get(referenceID);
    settleBy.delete(referenceID);
    settled?.(outcome);
  };
  const report = (effect: PairReport): void => {
    switch (effect.kind) {
      case "accepted": {
        const settled = unnumbered.shift();
        if (settled !== undefined) settleBy.set(effect.referenceID, settled);
        return;
      }
      case "notSent":
        unnumbered.shift()?.({ kind: "notSent" });
        return;
      case "answered":
        settle(effect.referenceID, { kind: "answered", event: effect.event });
        return;
      case "unknown":
        settle(effect.referenceID, { kind: "unknown" });
        return;
      default:
        listener(effect);
    }
  };
  const runner = runMachine<PairEvent, PairReport>(
    {
      step: (event) => {
        const context = {
          nowMs: platform.nowMs(),
          entropy: platform.entropy(),
          times,
          options,
        };
        const step = stepPair(pair, event, context);
        pair = step.next;
        return step.effects;
      },
      deadline: () => pairDeadline(pair),
    },
    platform,
    tlibSubprotocol,
    report,
  );
  runner.step({ kind: "start" });
  return {
    view: () => viewOf(pair),
    request: (request, settled) => {
      unnumbered.push(settled);
      runner.step({ kind: "request", request });
    },
    renewToken: (token) => runner.step({ kind: "tokenRenewed", token }),
    close: () => {
      runner.step({ kind: "stop" });
      runner.end();
    },
  };
}
