import { createRandom, logTime, nextUint32, type Random } from "@tandem/kernel";
import {
  createPhoneState,
  nextPhoneDeadline,
  phoneDefaults,
  stepPhone,
  type Address,
  type Media,
  type PhoneCommand,
  type PhoneInput,
  type PhoneReport,
  type PhoneSettings,
  type PhoneState,
} from "@tandem/softphone";
import { listen, sendUdp, type Network } from "./network.ts";
import { dial, sendToSite, type Stream } from "./streams.ts";
import { after, type World } from "./world.ts";

/** A phone or caller of the simulator: the softphone's machine on the simulated network. */
export interface PhoneModel {
  readonly state: PhoneState;
  /** Where the sound of each call goes, by call. */
  readonly media: Map<number, Ends>;
  readonly command: (command: PhoneCommand) => void;
}

/** The two ends of a stream, `host:port`. */
export interface Ends {
  readonly local: string;
  readonly remote: string;
}

export interface PhoneWorld {
  readonly world: World;
  readonly network: Network;
}

export function createPhoneModel(
  setting: PhoneWorld,
  settings: Partial<PhoneSettings> & Pick<PhoneSettings, "host" | "port">,
  onReport: (report: PhoneReport) => void,
): PhoneModel {
  const { world, network } = setting;
  const random: Random = createRandom(nextUint32(world.random));
  const state = createPhoneState({ ...phoneDefaults, rtpPort: 20_000, ...settings });
  const media = new Map<number, Ends>();
  const streams = new Map<string, Stream>();
  let wakeAt = Infinity;

  function step(input: PhoneInput): void {
    const context = { now: logTime(world.nowMs), random, hash: () => "0" };
    const { effects } = stepPhone(state, input, context);
    for (const effect of effects) {
      if (effect.kind === "report") onReport(effect.report);
      else if (effect.kind === "media") keepMedia(effect.call, effect.media);
      else if (effect.kind === "send") {
        const { transport, host, port } = effect.target;
        if (transport === "TCP") {
          sendToSite(setting, streamTo(effect.target), effect.text);
          continue;
        }
        const own = { fromHost: settings.host, fromPort: settings.port };
        sendUdp(world, network, { host, port }, { transport: "UDP", ...own, text: effect.text });
      }
    }
    setWake();
  }

  /** Its connection there, opened when there is something to say. */
  function streamTo(target: Address): Stream {
    const known = streams.get(target.host);
    if (known !== undefined && known.state !== "closed") return known;
    const place = { host: settings.host, port: settings.port };
    const stream = dial(setting, place, target, {
      receive: (text) => step({ kind: "message", source: target, text }),
      closed: () => step({ kind: "connectionClosed", target }),
      failed: (text) => step({ kind: "sendFailed", target, text }),
    });
    streams.set(target.host, stream);
    return stream;
  }

  function keepMedia(call: number, ends: Media | null): void {
    // Kept a little longer than the call: who is told of its end still asks whom it was with.
    if (ends === null) return;
    const local = `${settings.host}:${ends.localPort}`;
    media.set(call, { local, remote: `${ends.remoteHost}:${ends.remotePort}` });
  }

  function setWake(): void {
    const deadline = nextPhoneDeadline(state);
    if (deadline === undefined || deadline >= wakeAt) return;
    wakeAt = deadline;
    const at = deadline;
    after(world, at - world.nowMs, () => {
      if (wakeAt !== at) return;
      wakeAt = Infinity;
      step({ kind: "tick" });
    });
  }

  listen(network, settings.host, settings.port, (datagram) =>
    step({
      kind: "message",
      source: { transport: "UDP", host: datagram.fromHost, port: datagram.fromPort },
      text: datagram.text,
    }),
  );
  step({ kind: "started" });
  // Commands come from outside a step: one within a report waits its turn.
  return { state, media, command: (command) => after(world, 0, () => step(command)) };
}
