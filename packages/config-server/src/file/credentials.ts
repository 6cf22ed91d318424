/**
 * What the file gives in clear becomes what may be kept: passwords and applications' secrets an
 * argon2id hash, a DN's SIP secret its two HA1 (RFC 7616 §3.4.2).
 */
import { createHash, createHmac, randomBytes } from "node:crypto";
import { hash } from "@node-rs/argon2";
import type { Ha1, TandemObjects } from "@tandem/cti";
import type { Directory } from "./check-references.ts";
import { type FiledObject, type ReportFault } from "./read-objects.ts";

/** What `password` must become to be a `passwordHash`. */
const argon2id = /^\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+$/;

export type HashPassword = (password: string) => Promise<string>;

export const hashPassword: HashPassword = (password) => hash(password);

/**
 * Gives the same hash for the same password for as long as the process lives, so that reading the
 * file again changes nobody. What it remembers is keyed by an HMAC, not by the password.
 */
export function createRememberingHash(hashOf: HashPassword = hashPassword): HashPassword {
  const key = randomBytes(32);
  const hashes = new Map<string, Promise<string>>();
  return (password) => {
    const name = createHmac("sha256", key).update(password).digest("base64");
    const known = hashes.get(name) ?? hashOf(password);
    hashes.set(name, known);
    return known;
  };
}

export function ha1Of(user: string, realm: string, secret: string): Ha1 {
  const digest = (algorithm: string): string =>
    createHash(algorithm).update(`${user}:${realm}:${secret}`).digest("hex");
  return { md5: digest("md5"), sha256: digest("sha256") };
}

export function checkHashes(objects: readonly FiledObject[], report: ReportFault): void {
  for (const { object, path } of objects) {
    for (const field of ["passwordHash", "secretHash"] as const) {
      const hashes: { annex?: unknown; passwordHash?: string; secretHash?: string } = object;
      const value = hashes[field];
      if (value === undefined || argon2id.test(value)) continue;
      const say = `${field} is no argon2id hash ("$argon2id$v=19$…"); make one or give it in clear`;
      report("configuration-wrong-value", [...path, field], say);
    }
  }
}

/** The objects without anything in clear. */
export async function withCredentials(
  objects: readonly FiledObject[],
  directory: Directory,
  hashOf: HashPassword,
): Promise<readonly FiledObject[]> {
  return Promise.all(
    objects.map(async ({ secret, ...filed }): Promise<FiledObject> => {
      if (secret === undefined) return filed;
      switch (filed.type) {
        case "Person": {
          const person = filed.object as TandemObjects["Person"]; // by its type
          return { ...filed, object: { ...person, passwordHash: await hashOf(secret) } };
        }
        case "Application": {
          const application = filed.object as TandemObjects["Application"]; // by its type
          return { ...filed, object: { ...application, secretHash: await hashOf(secret) } };
        }
        case "Dn": {
          const dn = filed.object as TandemObjects["Dn"]; // by its type
          const realm = directory.find("Group", dn.group)?.realm ?? "";
          const options = dn.options?.["TServer"] ?? {};
          // A trunk's secret is for its carrier, under the name and realm that it has there.
          const user = String(options["auth-user"] ?? dn.number);
          const asked = String(options["auth-realm"] ?? realm);
          return { ...filed, object: { ...dn, ha1: ha1Of(user, asked, secret) } };
        }
        default:
          return filed;
      }
    }),
  );
}
