import * as z from "zod/mini";
import { membersMax } from "../limits.ts";
import { countField, listOf, nameField, schemaFor, type Schema } from "../schema.ts";

/**
 * What a token says about its bearer (an EdDSA JWT; its header's `kid` names the key). Signed by a
 * Configuration Server or Proxy, verified offline by every server of both sites.
 */
export interface TokenClaims {
  /** The signing server's Application. */
  readonly iss: string;
  /** The person's user name, or a server's Application. */
  readonly sub: string;
  readonly role: TokenRole;
  readonly employeeId: string;
  readonly agentLogins: readonly string[];
  /** DNs of the person's Places. */
  readonly dns: readonly string[];
  readonly tenant: string;
  /** Epoch seconds (RFC 7519 §4.1.4). */
  readonly exp: number;
}

export type TokenRole = "agent" | "supervisor" | "administrator" | "server";

export const tokenClaimsSchema: Schema<TokenClaims> = schemaFor<TokenClaims>()(
  z.object({
    iss: nameField,
    sub: nameField,
    role: z.enum(["agent", "supervisor", "administrator", "server"]),
    employeeId: z.string(),
    agentLogins: listOf(nameField, membersMax),
    dns: listOf(nameField, membersMax),
    tenant: z.string(),
    exp: countField,
  }),
);

/** How long a token is good for (cti.md, ConfigLib). */
export const tokenLifetimeSeconds = 43_200;
