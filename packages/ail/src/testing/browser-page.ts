import { connectDesktop } from "../host/connect-desktop.ts";

/** What the browser test's page runs: the SDK as a page would bundle it. */
declare global {
  // A page's script has no other way to show what it holds to the test.
  var connectTandemDesktop: typeof connectDesktop;
}

globalThis.connectTandemDesktop = connectDesktop;
