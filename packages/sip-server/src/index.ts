export { compileConfig, type Compiled, type ServerObjects } from "./compile-config.ts";
export { knownOptions } from "./compile-options.ts";
export { openArbiter } from "./open-arbiter.ts";
export { createLadder, ladderText, type Ladder, type LadderStep } from "./recording/ladder.ts";
export {
  replayFile,
  type Replayed,
  type ReplayOptions,
  type ReplayResult,
} from "./recording/replay.ts";
export { runSipServer } from "./main.ts";
export type { MachineVersion } from "./replicated.ts";
export { startSipServer, type SipServer, type SipServerOptions } from "./server.ts";
export { sipServerSettingsSchema, type PairSettings, type SipServerSettings } from "./settings.ts";
export type { AddressSettings } from "./takeover/address-settings.ts";
