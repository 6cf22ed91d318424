/**
 * A Configuration Server: one file, its objects in memory, ConfigLib on a WebSocket, health and
 * keys over HTTP. It starts with a file without a fault or not at all; a later reading with a fault
 * changes nothing.
 */
import { type Result, fail, ok } from "@tandem/kernel";
import {
  type HealthServer,
  type Logger,
  type Metrics,
  createMetrics,
  startHealthServer,
} from "@tandem/service";
import { type Configuration, changesBetween, findObject, listObjects } from "./configuration.ts";
import { createRememberingHash } from "./file/credentials.ts";
import { faultsText } from "./file/fault.ts";
import { loadConfiguration } from "./file/load-configuration.ts";
import { createPasswordCheck } from "./login/password-check.ts";
import {
  type TokenKey,
  createTokenSigner,
  createTokenVerifier,
  publicKeysOf,
} from "./login/token-keys.ts";
import { createChangeLog } from "./serve/change-log.ts";
import { type ConfigEdge, openConfigEdge } from "./serve/config-edge.ts";
import type { SessionServer } from "./serve/config-session.ts";

export interface ConfigServerOptions {
  /** Its Application in the file. */
  readonly name: string;
  readonly file: string;
  readonly key: TokenKey;
  readonly listen: { readonly host: string; readonly port: number };
  readonly http: { readonly host: string; readonly port: number };
  readonly origins?: readonly string[];
  readonly log: Logger;
}

export interface ConfigServer {
  readonly port: number;
  readonly httpPort: number;
  /** Reads the file again; the number of changes, or what is wrong with it. */
  readonly reload: () => Promise<Result<number, string>>;
  readonly close: () => Promise<void>;
}

/** Rejects with what is wrong with the file, or with the address that cannot be had. */
export async function startConfigServer(options: ConfigServerOptions): Promise<ConfigServer> {
  const { name, key, log } = options;
  const hashOf = createRememberingHash();
  const load = async (): Promise<Result<Configuration, string>> => {
    const loaded = await loadConfiguration(options.file, hashOf);
    if (!loaded.ok) return fail(faultsText(loaded.failure));
    const complaint = complaintAboutOwnKey(loaded.value, name, key, options.file);
    return complaint === undefined ? ok(loaded.value) : fail(complaint);
  };
  const first = await load();
  if (!first.ok) throw new Error(first.failure);
  let configuration = first.value;
  const verifierOf = (): ReturnType<typeof createTokenVerifier> =>
    createTokenVerifier(publicKeysOf(listObjects(configuration, "Application")));
  let tokens = await verifierOf();
  const passwords = await createPasswordCheck({ nowMs: () => performance.now() });
  const changes = createChangeLog(Date.now());
  const metrics = createMetrics(name);
  const logins = metrics.counter("tandem_config_logins_total", "Logins by outcome.", ["outcome"]);
  const server: SessionServer = {
    configuration: () => configuration,
    changes,
    signer: await createTokenSigner(name, key),
    loginContext: (source) => ({ configuration, passwords, tokens, source, nowMs: Date.now() }),
    noticed(outcome, { user, applicationName }, source) {
      logins.inc({ outcome });
      const facts = { outcome, user, applicationName, source };
      if (outcome === "accepted") log.debug(facts, "login");
      else log.info(facts, "login refused");
    },
  };
  const { listen, origins = [] } = options;
  const edge = await openConfigEdge({ ...listen, origins, server });
  const health = await startHealth(options, metrics, edge, () => configuration).catch(
    async (error: unknown) => {
      await edge.close();
      throw error;
    },
  );
  log.info({ port: edge.port, objects: countOf(configuration) }, "serving");
  return {
    port: edge.port,
    httpPort: health.port,
    async reload() {
      const next = await load();
      if (!next.ok) {
        log.error({ faults: next.failure.split("\n") }, "the file has faults: nothing was changed");
        return next;
      }
      const events = changes.append(changesBetween(configuration, next.value));
      configuration = next.value;
      tokens = await verifierOf();
      edge.tellAll(events);
      log.info({ changes: events.length, revision: changes.revision() }, "read the file again");
      return ok(events.length);
    },
    async close() {
      await Promise.all([edge.close(), health.close()]);
    },
  };
}

function startHealth(
  options: ConfigServerOptions,
  metrics: Metrics,
  edge: ConfigEdge,
  configuration: () => Configuration,
): Promise<HealthServer> {
  metrics.gauge("tandem_config_clients", "ConfigLib connections now.", edge.count);
  metrics.gauge("tandem_config_objects", "Configuration objects.", () => countOf(configuration()));
  return startHealthServer(options.http, {
    name: options.name,
    metrics,
    readiness: () => ({
      configuration: { ok: true, detail: `${countOf(configuration())} objects` },
    }),
    facts: () => ({ type: "ConfigurationServer", clients: edge.count() }),
    extend: (app) => {
      app.get("/jwks.json", (context) => {
        const keys = publicKeysOf(listObjects(configuration(), "Application"));
        const jwk = { kty: "OKP", crv: "Ed25519", alg: "EdDSA", use: "sig" };
        return context.json({ keys: keys.map((each) => ({ ...jwk, ...each })) });
      });
    },
  });
}

/** Tokens signed with a key that nobody can find in the file would be good nowhere. */
function complaintAboutOwnKey(
  configuration: Configuration,
  name: string,
  { kid, x }: TokenKey,
  file: string,
): string | undefined {
  const own = findObject(configuration, "Application", name);
  if (own?.type !== "ConfigurationServer") {
    return `${file}: no Application "${name}" of type ConfigurationServer; add it, or correct the settings' name`;
  }
  const isPublished = own.publicKeys?.some((key) => key.kid === kid && key.x === x) ?? false;
  const entry = `{ kid: ${kid}, x: ${x} }`;
  return isPublished
    ? undefined
    : `${file}: the publicKeys of ${name} lack the key it signs with; add ${entry}`;
}

function countOf(configuration: Configuration): number {
  return [...configuration.byType.values()].reduce((sum, objects) => sum + objects.size, 0);
}
