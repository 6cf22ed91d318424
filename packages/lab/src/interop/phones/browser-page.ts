/**
 * A phone in a page: JsSIP over WSS, driven by the test through `window.phone`. Bundled by esbuild;
 * never run in Node. What is used of JsSIP is written here, narrower than its own types.
 */
/// <reference lib="dom" />
import JsSip from "jssip";

interface Session {
  readonly connection: RTCPeerConnection | null;
  readonly direction: "incoming" | "outgoing";
  readonly remote_identity: { readonly uri: unknown };
  on(name: string, listener: (event: SessionEvent) => void): void;
  answer(options: object): void;
  terminate(options?: object): void;
  /** False while another exchange is under way. */
  hold(): boolean;
  unhold(): boolean;
  sendDTMF(digit: string, options: object): void;
  refer(target: unknown, options?: object): void;
  isEstablished(): boolean;
  isEnded(): boolean;
}

interface SessionEvent {
  readonly peerconnection?: RTCPeerConnection;
  readonly ready?: () => void;
  readonly originator?: string;
  readonly message?: { readonly status_code?: number };
  readonly dtmf?: { readonly tone: string };
  readonly accept?: (listener: (session: Session) => void, options: object) => void;
}

const options = {
  mediaConstraints: { audio: true, video: false },
  pcConfig: { iceServers: [] },
  sessionTimersExpires: 120,
};
const sessions: Session[] = [];
const gatheringMs = 300;

/** JsSIP adds no sound to an offer of its own when the INVITE had none: so the page does. */
function addSound(connection: RTCPeerConnection): void {
  const { sender } = connection.addTransceiver("audio");
  void navigator.mediaDevices
    .getUserMedia(options.mediaConstraints)
    .then((stream) => sender.replaceTrack(stream.getAudioTracks()[0] ?? null));
}

function track(session: Session, isWithoutOffer = false): void {
  sessions.push(session);
  const play = (connection: RTCPeerConnection): void => {
    connection.addEventListener("track", ({ track: heard }) => {
      const audio = document.createElement("audio");
      audio.autoplay = true;
      audio.srcObject = new MediaStream([heard]);
      document.body.append(audio);
    });
  };
  if (session.connection !== null) play(session.connection);
  session.on("peerconnection", ({ peerconnection }) => {
    if (peerconnection === undefined) return;
    play(peerconnection);
    if (isWithoutOffer) addSound(peerconnection);
  });
  let gathering: ReturnType<typeof setTimeout> | undefined;
  session.on("icecandidate", ({ ready }) => {
    clearTimeout(gathering);
    gathering = setTimeout(() => ready?.(), gatheringMs);
  });
  session.on("progress", ({ originator }) => {
    if (originator === "remote") ringingFor = session;
  });
  session.on("failed", ({ originator, message }) => {
    if (originator === "remote") refusal = message?.status_code ?? 0;
  });
  session.on("newDTMF", ({ originator, dtmf }) => {
    if (originator === "remote") digits += dtmf?.tone ?? "";
  });
  session.on("refer", ({ accept }) => accept?.((made) => track(made), options));
  session.on("replaces", ({ accept }) => accept?.((made) => track(made), options));
}

function last(): Session {
  const session = sessions.findLast((each) => !each.isEnded());
  if (session === undefined) throw new Error("no call");
  return session;
}

interface NewSession {
  readonly session: Session;
  readonly originator: string;
  readonly request: { readonly body: string | null };
}

interface Agent {
  start(): void;
  stop(): void;
  isRegistered(): boolean;
  call(target: string, options: object): Session;
  on(name: "newRTCSession", listener: (event: NewSession) => void): void;
  on(name: "registered" | "disconnected", listener: () => void): void;
}

let agent: Agent;
/** Status of the last call of ours that was refused. */
let refusal = 0;
let digits = "";
let registrations = 0;
/** The call of ours that was last heard to ring. */
let ringingFor: Session | undefined;

async function untilTaken(ask: () => boolean): Promise<void> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    if (ask()) return;
    await new Promise((resolve) => setTimeout(resolve, tryEveryMs));
  }
}

/**
 * JsSIP has destroyed the transaction of a call that rings, and rings on: nobody could answer it,
 * and the server offers it again over the next connection.
 */
function dropRinging(): void {
  for (const session of sessions) {
    const isRinging = session.direction === "incoming" && !session.isEstablished();
    if (isRinging && !session.isEnded()) session.terminate();
  }
}

const triesMax = 50;
const tryEveryMs = 50;

const phone = {
  start(url: string, uri: string, password: string): void {
    const socket = new JsSip.WebSocketInterface(url);
    agent = new JsSip.UA({
      sockets: [socket],
      uri,
      password,
      register_expires: 60,
      session_timers: true,
    });
    agent.on("newRTCSession", (event) => {
      const { session, originator, request } = event;
      if (originator === "remote") track(session, !request.body);
    });
    agent.on("registered", () => (registrations += 1));
    agent.on("disconnected", dropRinging);
    agent.start();
  },
  isRegistered: (): boolean => agent.isRegistered(),
  dial: (target: string): void => track(agent.call(target, options)),
  accept: (): void => last().answer(options),
  hangup: (): void => last().terminate(),
  reject: (): void => last().terminate({ status_code: 486 }),
  hold: (): Promise<void> => untilTaken(() => last().hold()),
  resume: (): Promise<void> => untilTaken(() => last().unhold()),
  digit: (digit: string): void => last().sendDTMF(digit, { transportType: "INFO" }),
  transfer: (target: string): void => last().refer(target),
  transferToSecond(): void {
    const [first, second] = sessions.filter((each) => !each.isEnded()).slice(-2);
    first?.refer(second?.remote_identity.uri, { replaces: second });
  },
  isRinging: (): boolean =>
    sessions.some(
      (each) => each.direction === "incoming" && !each.isEstablished() && !each.isEnded(),
    ),
  hearsRinging: (): boolean =>
    ringingFor !== undefined && !ringingFor.isEstablished() && !ringingFor.isEnded(),
  registrations: (): number => registrations,
  refusal: (): number => refusal,
  heardDigits: (): string => digits,
  clear(): void {
    refusal = 0;
    digits = "";
    registrations = 0;
    for (const session of sessions.splice(0)) if (!session.isEnded()) session.terminate();
  },
  async heardPackets(): Promise<number> {
    const report = await last().connection?.getStats();
    let packets = 0;
    report?.forEach((part: { type: string; packetsReceived?: number }) => {
      if (part.type === "inbound-rtp") packets = Math.max(packets, part.packetsReceived ?? 0);
    });
    return packets;
  },
  stop: (): void => agent.stop(),
};

Object.assign(window, { phone });
