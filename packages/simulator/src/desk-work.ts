import type { TlibEvent, Unreferenced } from "@tandem/cti";
import { nextInt, pick } from "@tandem/kernel";
import type { SiteWorld } from "./site.ts";
import { after, happens } from "./world.ts";

/**
 * What an agent does at the desktop: every request of the T-Library at some time, drawn from the
 * seed, whether it fits the moment or not. A refusal is an answer like any other; what must hold is
 * that nothing breaks and nothing stays.
 */
export interface Work {
  readonly hear: (event: TlibEvent) => void;
  readonly stop: () => void;
}

export interface Worker {
  readonly dn: string;
  /** Numbers that the agent may name: the other agents, the queue, one that nobody has. */
  readonly others: readonly string[];
  readonly isInService: () => boolean;
  readonly send: (request: Unreferenced) => void;
}

interface OpenCall {
  state: "ringing" | "dialing" | "established" | "held";
  /** For a consultation: the call it is about. */
  main: string | null;
}

const actEveryMs = 20_000;
/** Wishes that would keep calls away are taken back after so long. */
const wishLastsMs = 30_000;

export function startWork(setting: SiteWorld, worker: Worker): Work {
  const { world } = setting;
  const calls = new Map<string, OpenCall>();
  let isStopped = false;
  function act(): void {
    if (isStopped) return;
    after(world, nextInt(world.random, 1_000, 2 * actEveryMs), act);
    if (!worker.isInService()) return;
    const [first] = calls;
    if (first === undefined) idle();
    else busy(first[0], first[1]);
  }
  function idle(): void {
    const thisDN = worker.dn;
    const dice = nextInt(world.random, 0, 99);
    if (dice < 10) worker.send({ request: "RequestMakeCall", thisDN, otherDN: other() });
    else if (dice < 16) wish("RequestSetDNDOn", "RequestSetDNDOff");
    else if (dice < 22) forward();
    else if (dice < 34) {
      worker.send({ request: "RequestAgentSetNotReady", thisDN, reasons: { Break: "coffee" } });
      later(() => worker.send({ request: "RequestAgentSetReady", thisDN }));
    } else if (dice < 38) worker.send({ request: "RequestReleaseCall", thisDN, connID: nobodys });
  }
  function wish(on: "RequestSetDNDOn", off: "RequestSetDNDOff"): void {
    const thisDN = worker.dn;
    worker.send({ request: on, thisDN });
    later(() => worker.send({ request: off, thisDN }));
  }
  function forward(): void {
    const thisDN = worker.dn;
    const forwardMode = pick(world.random, ["Unconditional", "OnBusy", "OnNoAnswer"] as const);
    worker.send({ request: "RequestCallForwardSet", thisDN, otherDN: other(), forwardMode });
    later(() => worker.send({ request: "RequestCallForwardCancel", thisDN }));
  }
  function later(what: () => void): void {
    after(world, wishLastsMs, () => {
      if (worker.isInService()) what();
    });
  }
  function busy(connID: string, call: OpenCall): void {
    const request = pick(world.random, requestsFor(worker.dn, connID, call, calls));
    worker.send(request(other(), world.nowMs));
  }
  const other = (): string => pick(world.random, worker.others);
  after(world, nextInt(world.random, 5_000, actEveryMs), act);
  return {
    hear(event) {
      keep(calls, event);
      const isNew = event.event === "EventEstablished" || event.event === "EventRinging";
      if (!isNew || isStopped || !happens(world, 400)) return;
      const { connID } = event;
      after(world, nextInt(world.random, 100, 8_000), () => {
        const call = calls.get(connID);
        if (call !== undefined && !isStopped && worker.isInService()) busy(connID, call);
      });
    },
    stop() {
      isStopped = true;
    },
  };
}

const nobodys = "0".repeat(16);

type Maker = (otherDN: string, nowMs: number) => Unreferenced;

/** What fits the call's state mostly, and what does not sometimes. */
function requestsFor(
  thisDN: string,
  connID: string,
  call: OpenCall,
  calls: ReadonlyMap<string, OpenCall>,
): readonly Maker[] {
  const plain =
    (request: PlainRequest): Maker =>
    () => ({ request, thisDN, connID });
  const toOther =
    (request: TransferRequest): Maker =>
    (otherDN) => ({
      request,
      thisDN,
      connID,
      otherDN,
    });
  switch (call.state) {
    case "ringing":
      return [
        plain("RequestAnswerCall"),
        plain("RequestReleaseCall"),
        toOther("RequestRedirectCall"),
        plain("RequestHoldCall"),
      ];
    case "dialing":
      return [plain("RequestReleaseCall"), plain("RequestRetrieveCall"), attach(thisDN, connID)];
    case "established":
      return call.main === null
        ? [
            plain("RequestHoldCall"),
            toOther("RequestSingleStepTransfer"),
            toOther("RequestInitiateTransfer"),
            toOther("RequestInitiateTransfer"),
            toOther("RequestMuteTransfer"),
            plain("RequestSetMuteOn"),
            plain("RequestSetMuteOff"),
            () => ({ request: "RequestSendDTMF", thisDN, connID, dtmfDigits: "12" }),
            attach(thisDN, connID),
            plain("RequestClearCall"),
          ]
        : consulting(thisDN, connID, call.main);
    case "held": {
      const active = [...calls].find(([, each]) => each.main === connID);
      return active === undefined
        ? [plain("RequestRetrieveCall"), plain("RequestReleaseCall")]
        : consulting(thisDN, active[0], connID);
    }
  }
}

type PlainRequest =
  | "RequestAnswerCall"
  | "RequestReleaseCall"
  | "RequestHoldCall"
  | "RequestRetrieveCall"
  | "RequestSetMuteOn"
  | "RequestSetMuteOff"
  | "RequestClearCall";
type TransferRequest =
  | "RequestRedirectCall"
  | "RequestSingleStepTransfer"
  | "RequestInitiateTransfer"
  | "RequestMuteTransfer";

function attach(thisDN: string, connID: string): Maker {
  return (_, nowMs) => ({
    request: "RequestAttachUserData",
    thisDN,
    connID,
    userData: { seen: nowMs },
  });
}

function consulting(thisDN: string, connID: string, main: string): readonly Maker[] {
  const complete: Maker = () => ({
    request: "RequestCompleteTransfer",
    thisDN,
    connID: main,
    transferConnID: connID,
  });
  return [
    complete,
    complete,
    () => ({ request: "RequestReconnectCall", thisDN, connID, heldConnID: main }),
    () => ({ request: "RequestAlternateCall", thisDN, connID, heldConnID: main }),
    () => ({ request: "RequestReleaseCall", thisDN, connID }),
  ];
}

function keep(calls: Map<string, OpenCall>, event: TlibEvent): void {
  switch (event.event) {
    case "EventRegistered":
    case "EventLinkConnected":
      calls.clear();
      return;
    case "EventRinging":
      calls.set(event.connID, { state: "ringing", main: event.previousConnID ?? null });
      return;
    case "EventDialing":
      calls.set(event.connID, { state: "dialing", main: event.previousConnID ?? null });
      return;
    case "EventEstablished":
    case "EventRetrieved": {
      const main = calls.get(event.connID)?.main ?? event.previousConnID ?? null;
      calls.set(event.connID, { state: "established", main });
      return;
    }
    case "EventHeld": {
      const call = calls.get(event.connID);
      if (call !== undefined) call.state = "held";
      return;
    }
    case "EventPartyChanged": {
      const { previousConnID: previous, connID } = event;
      const call = previous === undefined ? undefined : calls.get(previous);
      if (previous === undefined || call === undefined) return;
      calls.delete(previous);
      calls.set(connID, { ...call, main: null });
      return;
    }
    case "EventReleased":
    case "EventAbandoned":
      calls.delete(event.connID);
      return;
    default:
      return;
  }
}
