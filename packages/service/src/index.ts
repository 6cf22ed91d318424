export {
  addressBytes,
  createAuthority,
  issueCertificate,
  type CertificateChoice,
  type KeyAndCertificate,
} from "./certificates.ts";
export { closestName } from "./closest-name.ts";
export {
  createHealthApp,
  startHealthServer,
  type Check,
  type HealthOptions,
  type HealthServer,
} from "./health.ts";
export {
  startLifecycle,
  type Lifecycle,
  type LifecycleOptions,
  type ProcessFace,
} from "./lifecycle.ts";
export { describeListenError } from "./listen-error.ts";
export {
  createLogger,
  logLevels,
  printable,
  type Logger,
  type LoggerOptions,
  type LogLevel,
} from "./logger.ts";
export { createMetrics, type Metrics } from "./metrics.ts";
export {
  parseSettings,
  readSettings,
  settingsFaultsText,
  type SettingsErrorCode,
  type SettingsFault,
} from "./settings.ts";
export {
  heartbeatFd,
  heartbeatVariable,
  keepersFd,
  readBeats,
  startHeartbeat,
  type Heartbeat,
  type HeartbeatOptions,
} from "./keeper/heartbeat.ts";
export { keepProcess, type KeepOptions, type Kept } from "./keeper/keep-process.ts";
