import {
  addpDeadline,
  createAddp,
  serverAddpTimes,
  stepAddp,
  type Addp,
  type AddpEffect,
  type AddpFrame,
  type AddpTimes,
  type TlibEvent,
  type TlibRegisterClient,
  type TlibRequest,
} from "@tandem/cti";
import type { WebSocket } from "ws";

/** One client's connection: its phase, its ADDP, and a limit to what it leaves unread. */
export interface CtiConnection {
  readonly openedAt: number;
  phase: Phase;
  readonly send: (event: TlibEvent) => void;
  /** Says why, then closes; answers nothing any more. */
  readonly close: (reason: string) => void;
  readonly isOpen: () => boolean;
  readonly received: (frame: AddpFrame | null, nowMs: number) => void;
  /** Begins ADDP with the times that the client asked for, in seconds. */
  readonly watchFor: (
    timeout: number | undefined,
    remote: number | undefined,
    nowMs: number,
  ) => void;
  /** A session resumes: what it missed is about to be written. */
  readonly catchUp: (nowMs: number) => void;
  readonly watch: (nowMs: number) => void;
}

export type Phase =
  | { readonly kind: "new" }
  /** Its token is being verified; what it sends meanwhile waits. */
  | { readonly kind: "verifying"; readonly waiting: (TlibRegisterClient | TlibRequest)[] }
  /** The machine knows it by this name; `asked` while its RegisterClient has no answer yet. */
  | { readonly kind: "registered"; readonly name: string; readonly asked: number | null }
  /** Welcome at a node that does not serve, and kept until it does. */
  | { readonly kind: "kept" };

/** Bytes that a client may leave unread (cti.md, Session). */
const unreadBytesMax = 1_048_576;
/**
 * What a resumed session missed is written at once, before the client could read any of it: for so
 * long after a resume this much may be unread. Else a long absence would never end.
 */
const missedBytesMax = 67_108_864;
const catchUpMs = 10_000;

/** A client that does not close its half in that time is cut off. */
const closingMs = 2_000;

export function createCtiConnection(socket: WebSocket, nowMs: number): CtiConnection {
  let times: AddpTimes = serverAddpTimes(undefined, undefined);
  let addp: Addp = createAddp(times, nowMs);
  let catchesUpUntil: number | null = null;
  let isClosing = false;
  const write = (value: TlibEvent | AddpFrame): void => {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > (catchesUpUntil === null ? unreadBytesMax : missedBytesMax)) {
      socket.terminate(); // it may resume: the ring has what it missed
      return;
    }
    socket.send(JSON.stringify(value));
  };
  const perform = (effects: readonly AddpEffect[]): void => {
    for (const effect of effects) {
      if (effect.kind === "send") write(effect.frame);
      else socket.terminate();
    }
  };
  return {
    openedAt: nowMs,
    phase: { kind: "new" },
    send: write,
    close(reason) {
      if (isClosing) return;
      write({ event: "EventLinkDisconnected", reason });
      isClosing = true;
      socket.close(1000, reason);
      setTimeout(() => socket.terminate(), closingMs).unref();
    },
    isOpen: () => !isClosing && socket.readyState === socket.OPEN,
    received(frame, at) {
      if (isClosing) return;
      const step = stepAddp(addp, { kind: "received", frame }, times, at);
      addp = step.next;
      perform(step.effects);
    },
    watchFor(timeout, remote, at) {
      times = serverAddpTimes(timeout, remote);
      addp = createAddp(times, at);
    },
    catchUp(at) {
      catchesUpUntil = at + catchUpMs;
    },
    watch(at) {
      if (isClosing) return;
      if (catchesUpUntil !== null && at >= catchesUpUntil) catchesUpUntil = null;
      const deadline = addpDeadline(addp);
      if (deadline === undefined || at < deadline) return;
      const step = stepAddp(addp, { kind: "clock" }, times, at);
      addp = step.next;
      perform(step.effects);
    },
  };
}
