/**
 * Offer and answer (RFC 3264) of a phone that speaks PCMU: writing SDP, reading the other side's,
 * and saying what the RTP of a call has to do.
 */
import { nextUint32 } from "@tandem/kernel";
import { type Direction, sdpView, type SdpView } from "@tandem/sip";
import type { Call } from "./phone-state.ts";
import { report, type Turn } from "./turn.ts";

/** The number that stands for a session in its origin line (RFC 8866 §5.2). */
export function newSessionId(turn: Turn): string {
  return String(nextUint32(turn.context.random));
}

function localPortOf(turn: Turn, call: Call): number {
  return turn.state.settings.rtpPort + 2 * call.line;
}

/** An offer; its version rises with each that is written (RFC 3264 §8). */
export function writeOffer(turn: Turn, call: Call): string {
  return writeSdp(turn, call, call.isHeld ? "sendonly" : "sendrecv", undefined);
}

/** Reads an offer, and writes the answer; undefined when there is nothing to talk with (488). */
export function answerOffer(turn: Turn, call: Call, offer: string): string | undefined {
  const view = sdpView(offer);
  if (view === undefined || !takeRemote(turn, call, view)) return undefined;
  return writeSdp(turn, call, answerDirection(call), view);
}

/** Reads an answer to our offer; false when it refuses or cannot be read. */
export function takeAnswer(turn: Turn, call: Call, answer: string): boolean {
  const view = sdpView(answer);
  return view !== undefined && takeRemote(turn, call, view);
}

/** RTP of this call is as its state says from now on. */
export function updateMedia(turn: Turn, call: Call): void {
  const remote = call.remoteMedia;
  if (remote === null) return;
  const isHeard = remote.direction === "sendrecv" || remote.direction === "recvonly";
  turn.effects.push({
    kind: "media",
    call: call.id,
    media: {
      localPort: localPortOf(turn, call),
      remoteHost: remote.host,
      remotePort: remote.port,
      isSending: isHeard && !call.isHeld,
    },
  });
  report(turn, {
    kind: "media",
    call: call.id,
    remoteHost: remote.host,
    remotePort: remote.port,
    direction: remote.direction,
  });
}

export function endMedia(turn: Turn, call: Call): void {
  turn.effects.push({ kind: "media", call: call.id, media: null });
}

/** The payload type of PCMU (RFC 3551 §6). */
const pcmu = "0";

function takeRemote(turn: Turn, call: Call, view: SdpView): boolean {
  const audio = view.media.find((medium) => isUsable(medium));
  if (audio === undefined) return false;
  const before = call.remoteMedia;
  // RFC 2543's hold: the address is 0.0.0.0.
  const direction = audio.address === "0.0.0.0" ? "inactive" : audio.direction;
  call.remoteMedia = { host: audio.address, port: audio.port, direction };
  const isHeld = isHolding(direction);
  if (before !== null && !call.isHeld && isHolding(before.direction) !== isHeld) {
    report(turn, { kind: isHeld ? "held" : "retrieved", call: call.id, by: "remote" });
  }
  return true;
}

/** What the other side says when it does not want to hear us (RFC 3264 §8.4). */
function isHolding(direction: Direction): boolean {
  return direction === "sendonly" || direction === "inactive";
}

function isUsable(medium: SdpView["media"][number]): boolean {
  return medium.type === "audio" && medium.port !== 0 && medium.payloads.includes(pcmu);
}

/** RFC 3264 §6.1: the mirror of the offer's, less what we do not want while we hold. */
function answerDirection(call: Call): Direction {
  switch (call.remoteMedia?.direction) {
    case "sendonly":
      return call.isHeld ? "inactive" : "recvonly";
    case "recvonly":
      return "sendonly";
    case "inactive":
      return "inactive";
    default:
      return call.isHeld ? "sendonly" : "sendrecv";
  }
}

/** An answer has the media sections of its offer, in order, the ones not taken with port 0. */
function writeSdp(
  turn: Turn,
  call: Call,
  direction: Direction,
  offer: SdpView | undefined,
): string {
  const { host } = turn.state.settings;
  const family = host.includes(":") ? "IP6" : "IP4";
  call.sdpVersion += 1;
  const lines = [
    "v=0",
    `o=- ${call.sdpSessionId} ${call.sdpVersion} IN ${family} ${host}`,
    "s=-",
    `c=IN ${family} ${host}`,
    "t=0 0",
  ];
  const taken = offer?.media.findIndex((medium) => isUsable(medium)) ?? 0;
  const sections = offer?.media ?? [{ type: "audio", protocol: "RTP/AVP", payloads: [pcmu] }];
  sections.forEach((section, index) => {
    if (index !== taken) {
      lines.push(`m=${section.type} 0 ${section.protocol} ${section.payloads[0] ?? pcmu}`);
      return;
    }
    const port = localPortOf(turn, call);
    lines.push(`m=audio ${port} RTP/AVP 0`, "a=rtpmap:0 PCMU/8000", "a=ptime:20", `a=${direction}`);
  });
  return `${lines.join("\r\n")}\r\n`;
}
