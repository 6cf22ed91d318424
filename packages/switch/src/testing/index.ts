export { playCalls, type Leftovers, type Play } from "./call-chance.ts";
export { testConfig, testDn, testOptions } from "./config.ts";
export { connect, createPhone, offerOf, type TestPhone } from "./phone.ts";
export {
  createScript,
  requestIn,
  responseIn,
  wallStartMs,
  type Address,
  type Script,
  type SentMessage,
} from "./script.ts";
