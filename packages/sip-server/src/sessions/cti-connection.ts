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
  readonly name: string;
  readonly openedAt: number;
  phase: Phase;
  readonly send: (event: TlibEvent) => void;
  /** Says why, then closes. */
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
  | { readonly kind: "registered" };

/** Bytes that a client may leave unread (cti.md, Session). */
const unreadBytesMax = 1_048_576;
/**
 * What a resumed session missed is written at once, before the client could read any of it: for so
 * long after a resume this much may be unread. Else a long absence would never end.
 */
const missedBytesMax = 67_108_864;
const catchUpMs = 10_000;

export function createCtiConnection(name: string, socket: WebSocket, nowMs: number): CtiConnection {
  let times: AddpTimes = serverAddpTimes(undefined, undefined);
  let addp: Addp = createAddp(times, nowMs);
  let catchesUpUntil: number | null = null;
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
    name,
    openedAt: nowMs,
    phase: { kind: "new" },
    send: write,
    close(reason) {
      write({ event: "EventLinkDisconnected", reason });
      socket.close(1000, reason);
    },
    isOpen: () => socket.readyState === socket.OPEN,
    received(frame, at) {
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
      if (catchesUpUntil !== null && at >= catchesUpUntil) catchesUpUntil = null;
      const deadline = addpDeadline(addp);
      if (deadline === undefined || at < deadline) return;
      const step = stepAddp(addp, { kind: "clock" }, times, at);
      addp = step.next;
      perform(step.effects);
    },
  };
}
