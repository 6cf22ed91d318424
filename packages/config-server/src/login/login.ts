/**
 * RequestLogin (cti.md, ConfigLib): a person by user and password, anyone by a token that is still
 * good, a server by its application's secret. The answer is a fresh token and what its bearer needs
 * to begin with.
 */
import {
  type ConfigObject,
  type ErrorCode,
  type LoginObjects,
  type PersonObject,
  type RequestLogin,
  type TokenClaims,
  tokenLifetimeSeconds,
} from "@tandem/cti";
import { type Result, fail, ok } from "@tandem/kernel";
import { type Configuration, findObject, listObjects, shownTo } from "../configuration.ts";
import type { PasswordCheck } from "./password-check.ts";
import type { TokenVerifier } from "./token-keys.ts";

export type Claims = Omit<TokenClaims, "iss">;

export interface LoginRefusal {
  readonly errorCode: ErrorCode;
  readonly retryAfterMs?: number;
  readonly field?: string;
}

export interface LoginContext {
  readonly configuration: Configuration;
  readonly passwords: PasswordCheck;
  readonly tokens: TokenVerifier;
  /** The client's address. */
  readonly source: string;
  readonly nowMs: number;
}

/** Who it is, as claims of a fresh token, or why not. */
export async function checkLogin(
  request: RequestLogin,
  context: LoginContext,
): Promise<Result<Claims, LoginRefusal>> {
  if (request.token !== undefined) return checkToken(request.token, context);
  if (request.user !== undefined) return checkPerson(request, request.user, context);
  if (request.applicationSecret !== undefined) {
    return checkServer(request, request.applicationSecret, context);
  }
  return fail({ errorCode: "invalid-field", field: "user" });
}

async function checkPerson(
  request: RequestLogin,
  user: string,
  context: LoginContext,
): Promise<Result<Claims, LoginRefusal>> {
  const person = findObject(context.configuration, "Person", user);
  const { source, passwords } = context;
  const verdict = await passwords.check(source, request.password ?? "", person?.passwordHash);
  if (verdict.kind === "later") {
    return fail({ errorCode: "try-later", retryAfterMs: verdict.retryAfterMs });
  }
  if (verdict.kind === "wrong" || person === undefined) {
    return fail({ errorCode: "wrong-credentials" });
  }
  const application = findObject(context.configuration, "Application", request.applicationName);
  if (application?.type !== "ThirdPartyApplication") {
    return fail({ errorCode: "application-unknown", field: "applicationName" });
  }
  return claimsOfPerson(person, context);
}

async function checkServer(
  request: RequestLogin,
  secret: string,
  context: LoginContext,
): Promise<Result<Claims, LoginRefusal>> {
  const application = findObject(context.configuration, "Application", request.applicationName);
  const isServer = application !== undefined && application.type !== "ThirdPartyApplication";
  const expected = isServer ? application.secretHash : undefined;
  const verdict = await context.passwords.check(context.source, secret, expected);
  if (verdict.kind === "later") {
    return fail({ errorCode: "try-later", retryAfterMs: verdict.retryAfterMs });
  }
  if (verdict.kind === "wrong" || application === undefined) {
    return fail({ errorCode: "wrong-credentials" });
  }
  return ok(claimsOfServer(application.name, context));
}

/** What the bearer may do is read anew: a token renewed hourly follows the configuration. */
async function checkToken(
  token: string,
  context: LoginContext,
): Promise<Result<Claims, LoginRefusal>> {
  const verdict = await context.tokens.verify(token);
  if (verdict.kind === "expired") return fail({ errorCode: "token-expired" });
  if (verdict.kind === "invalid") return fail({ errorCode: "token-invalid" });
  const { role, sub } = verdict.claims;
  if (role === "server") {
    const application = findObject(context.configuration, "Application", sub);
    const isServer = application !== undefined && application.type !== "ThirdPartyApplication";
    return isServer ? ok(claimsOfServer(sub, context)) : fail({ errorCode: "token-invalid" });
  }
  const person = findObject(context.configuration, "Person", sub);
  return person === undefined
    ? fail({ errorCode: "token-invalid" })
    : claimsOfPerson(person, context);
}

function claimsOfPerson(
  person: PersonObject,
  { configuration, nowMs }: LoginContext,
): Result<Claims, LoginRefusal> {
  if (person.isDisabled === true) return fail({ errorCode: "user-disabled" });
  const places = placesOf(configuration, person);
  return ok({
    sub: person.userName,
    role: person.role,
    employeeId: person.employeeId,
    agentLogins: person.agentLogins,
    dns: [...new Set(places.flatMap(({ dns }) => dns))],
    tenant: listObjects(configuration, "Tenant")[0]?.name ?? "",
    exp: expiryOf(nowMs),
  });
}

function claimsOfServer(name: string, { configuration, nowMs }: LoginContext): Claims {
  const tenant = listObjects(configuration, "Tenant")[0]?.name ?? "";
  const exp = expiryOf(nowMs);
  return { sub: name, role: "server", employeeId: "", agentLogins: [], dns: [], tenant, exp };
}

function expiryOf(nowMs: number): number {
  return Math.floor(nowMs / 1000) + tokenLifetimeSeconds;
}

/** What a desktop needs to begin with; a server reads what it needs. */
export function loginObjects(configuration: Configuration, claims: Claims): LoginObjects {
  const groups = listObjects(configuration, "Group");
  const person = findObject(configuration, "Person", claims.sub);
  const applications = listObjects(configuration, "Application");
  const hosts = listObjects(configuration, "Host");
  const shown = <Shown extends ConfigObject>(object: Shown): Shown =>
    shownTo(claims.role, object) as Shown; // the same without secrets
  if (claims.role === "server" || person === undefined) {
    const own = applications.filter(({ name }) => name === claims.sub);
    const none = { agentGroups: [], agentLogins: [], places: [], dns: [] };
    return { ...none, applications: own.map(shown), hosts, groups };
  }
  const tenant = findObject(configuration, "Tenant", claims.tenant);
  const member = person.userName;
  return {
    person: shown(person),
    ...(tenant === undefined ? {} : { tenant }),
    agentGroups: listObjects(configuration, "AgentGroup").filter(({ agents }) =>
      agents.includes(member),
    ),
    agentLogins: claims.agentLogins.flatMap(
      (code) => findObject(configuration, "AgentLogin", code) ?? [],
    ),
    places: placesOf(configuration, person),
    dns: claims.dns.flatMap((number) => {
      const dn = findObject(configuration, "Dn", number);
      return dn === undefined ? [] : [shown(dn)];
    }),
    applications: applications.map(shown),
    hosts,
    groups,
  };
}

/** The names of the sites of the group that the bearer's DNs are in. */
export function sitesFor(configuration: Configuration, claims: Claims): readonly string[] {
  const dn = findObject(configuration, "Dn", claims.dns[0] ?? "");
  const groups = listObjects(configuration, "Group");
  return (groups.find(({ name }) => name === dn?.group) ?? groups[0])?.sites ?? [];
}

function placesOf(
  configuration: Configuration,
  person: PersonObject,
): readonly NonNullable<LoginObjects["places"][number]>[] {
  return Object.values(person.places).flatMap(
    (name) => findObject(configuration, "Place", name) ?? [],
  );
}
