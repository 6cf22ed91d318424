export { registerPhone } from "./register-phone.ts";
export { connectTlib, type TlibClient, type TlibMessage } from "./tlib-client.ts";
export { createTokenMaker, type TokenChoice, type TokenMaker } from "./token-maker.ts";
