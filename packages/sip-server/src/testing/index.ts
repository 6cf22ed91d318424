export { startRecorder, type Recorder } from "../recording/recorder.ts";
export { stateSnapshots } from "../replicated.ts";
export { registerPhone } from "./register-phone.ts";
export { connectTlib, type TlibClient, type TlibMessage } from "./tlib-client.ts";
export { createTokenMaker, type TokenChoice, type TokenMaker } from "./token-maker.ts";
export { createNonceKeeper } from "../signalling/nonce.ts";
export { digestHash, screen, type ScreenContext, type Verdict } from "../signalling/screen.ts";
