export { type ConfigurationErrorCode, type ConfigurationFault, faultsText } from "./file/fault.ts";
export { hashPassword } from "./file/credentials.ts";
export { knownOptions, sipServerOptions } from "./file/known-options.ts";
export { loadConfiguration, readConfiguration } from "./file/load-configuration.ts";
export { type Configuration, findObject, listObjects } from "./configuration.ts";
export { type TokenKey, generateTokenKey, tokenKeyText } from "./login/token-keys.ts";
export { runConfigServer } from "./main.ts";
export { type ConfigServer, type ConfigServerOptions, startConfigServer } from "./server.ts";
export { type ConfigServerSettings, configServerSettingsSchema } from "./settings.ts";
