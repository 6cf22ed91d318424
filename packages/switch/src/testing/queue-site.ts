import type { QueueConfig, SwitchConfig } from "../config.ts";
import { testConfig, testDn } from "./config.ts";
import { createDesktop, type TestDesktop } from "./desktop.ts";
import { createPhone, type TestPhone } from "./phone.ts";
import type { Script } from "./script.ts";

/** A queue 5000 in a test, served by agents on 1001, 1002 and 1003, with 1004 for overflow. */
export const queueDn = "5000";

export function queueConfig(own: Partial<QueueConfig> = {}): QueueConfig {
  return {
    agents: ["agent-1001", "agent-1002", "agent-1003"],
    overflowDn: null,
    overflowMs: 60_000,
    waitingMax: 3,
    noAnswerTimeoutMs: 10_000,
    announcementDn: null,
    ...own,
  };
}

export function queueSite(
  own: Partial<QueueConfig> = {},
  more: Partial<SwitchConfig> = {},
): SwitchConfig {
  const extensions = ["1001", "1002", "1003", "1004"].map((number) => testDn(number));
  const queue = testDn(queueDn, { queue: queueConfig(own) });
  return testConfig({ dns: [...extensions, queue], ...more });
}

/** A supervisor's session that watches the queue and nothing else. */
export function watchQueue(script: Script, queue: string = queueDn): TestDesktop {
  const watcher = createDesktop(script, queue, {
    role: "supervisor",
    connection: `watch-${queue}`,
  });
  watcher.send({ request: "RequestRegisterAddress", thisDN: queue });
  watcher.heard();
  return watcher;
}

export interface TestAgent {
  readonly phone: TestPhone;
  readonly desktop: TestDesktop;
}

/** A registered phone and a Ready agent on it. */
export function readyAgent(script: Script, dn: string): TestAgent {
  const phone = createPhone(script, dn, { host: `127.0.3.${dn.slice(2)}`, port: 5060 });
  phone.register(3_600);
  phone.heard();
  const desktop = createDesktop(script, dn);
  desktop.login();
  return { phone, desktop };
}

/** A caller from outside, by the trunk. */
export function outsideCaller(script: Script): TestPhone {
  return createPhone(script, "gateway", { host: "127.0.3.1", port: 5070 });
}
