export {
  createFakeConfigServer,
  type FakeConfigServer,
  type FakeConfigServerOptions,
  type FakeObjects,
} from "./fake-config-server.ts";
export type { Unnumbered } from "./fake-history.ts";
export type { FakeSipServerOptions, LogoutExtra } from "./fake-model.ts";
export { createFakeSipServer, type FakeSipServer } from "./fake-sip-server.ts";
