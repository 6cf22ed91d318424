export type {
  ConfigLinkReport,
  Credentials,
  UnnumberedConfigRequest,
} from "./config/config-link.ts";
export {
  configSubprotocol,
  openConfig,
  type ConfigClient,
  type ConfigListenerReport,
  type ConfigOutcome,
  type OpenConfigOptions,
  type ReadOutcome,
} from "./host/open-config.ts";
export {
  openPair,
  tlibSubprotocol,
  type OpenPairOptions,
  type PairLink,
  type PairListenerReport,
  type RequestOutcome,
} from "./host/open-pair.ts";
export type { NodeView, PairReport, PairView } from "./pair/pair.ts";
export { platform } from "#platform";
export type { LinkPlatform, LinkSocket, SocketHandlers } from "./platform.ts";
