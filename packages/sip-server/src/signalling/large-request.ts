import type { FlowTarget } from "@tandem/switch";

/**
 * A request that would not fit a datagram for certain goes over TCP, when the far end answers there
 * (RFC 3261 §18.1.1); its Via says so, so that the answers come back the same way. Who did not
 * answer over TCP lately gets his datagram at once: phones behind a NAT never do.
 */
export interface LargeRequests {
  /** The request as it goes over TCP, or null when it goes as a datagram. */
  readonly overTcp: (target: FlowTarget, text: string, nowMs: number) => OverTcp | null;
  /** Nobody answered there over TCP. */
  readonly remember: (target: FlowTarget, nowMs: number) => void;
}

export interface OverTcp {
  readonly target: FlowTarget;
  readonly text: string;
}

/** RFC 3261 §18.1.1: within 200 bytes of the path's unit, or 1,300 where that is not known. */
const datagramBytesMax = 1_300;
const forgetMs = 300_000;
const placesMax = 1_000;

export function createLargeRequests(): LargeRequests {
  const deaf = new Map<string, number>();
  const placeOf = ({ host, port }: FlowTarget): string => `${host}:${port}`;
  return {
    overTcp(target, text, nowMs) {
      const isLarge = text.length > datagramBytesMax && !text.startsWith("SIP/2.0 ");
      if (!isLarge || target.transport !== "UDP") return null;
      const since = deaf.get(placeOf(target));
      if (since !== undefined && nowMs - since < forgetMs) return null;
      return {
        target: { ...target, transport: "TCP", name: "" },
        text: text.replace("\r\nVia: SIP/2.0/UDP ", "\r\nVia: SIP/2.0/TCP "),
      };
    },
    remember(target, nowMs) {
      if (deaf.size >= placesMax) deaf.clear();
      deaf.set(placeOf(target), nowMs);
    },
  };
}
