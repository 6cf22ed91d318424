/**
 * `tandem certs`: an authority of one's own and a certificate for each server, for labs and for a
 * first TLS.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import type { Command } from "commander";
import { createAuthority, issueCertificate, type KeyAndCertificate } from "@tandem/service";

interface CertsOptions {
  readonly out: string;
  readonly name: readonly string[];
  readonly ip: readonly string[];
  readonly days: string;
}

export function addCertsCommand(program: Command): void {
  program
    .command("certs")
    .description("a certificate authority and certificates for TLS and WSS, signed by it")
    .requiredOption(
      "--out <folder>",
      "where the files go; an authority that is there is used again",
    )
    .option("--name <host...>", "host names and SIP domains of the server", ["localhost"])
    .option("--ip <address...>", "addresses of the server", ["127.0.0.1", "::1"])
    .option("--days <number>", "how long they are good", "365")
    .action((options: CertsOptions) => {
      process.exitCode = writeCertificates(options);
    });
}

/** Clocks differ: what is made now must be good on a machine that is behind. */
const backdateMs = 3_600_000;
const daysMax = 3_650;

/** `ca.pem`, `server.pem`, `client.pem`, each with its key, mode 0600. */
export function writeCertificates({ out, name, ip, days }: CertsOptions): number {
  const wrong = ip.find((address) => isIP(address) === 0);
  if (wrong !== undefined) return refuse(`${wrong} is no IP address; names go with --name`);
  const count = Number(days);
  if (!Number.isInteger(count) || count < 1 || count > daysMax) {
    return refuse(`--days takes a whole number from 1 to ${daysMax}`);
  }
  mkdirSync(out, { recursive: true, mode: 0o700 });
  const notBeforeMs = Date.now() - backdateMs;
  const authority = authorityIn(out, notBeforeMs);
  const choice = { names: name, addresses: ip, notBeforeMs, days: count };
  for (const role of ["server", "client"]) {
    write(out, role, issueCertificate(authority, { ...choice, name: `Tandem ${role}` }));
  }
  console.log(
    `${out}: ca.pem to trust; server.pem and client.pem for ${[...name, ...ip].join(", ")}`,
  );
  return 0;
}

function authorityIn(out: string, notBeforeMs: number): KeyAndCertificate {
  const [keyFile, file] = [join(out, "ca.key.pem"), join(out, "ca.pem")];
  if (existsSync(keyFile) && existsSync(file)) {
    return { key: readFileSync(keyFile, "utf8"), certificate: readFileSync(file, "utf8") };
  }
  const authority = createAuthority({ name: "Tandem CA", notBeforeMs, days: daysMax });
  write(out, "ca", authority);
  return authority;
}

function write(out: string, role: string, made: KeyAndCertificate): void {
  writeFileSync(join(out, `${role}.key.pem`), made.key, { mode: 0o600 });
  writeFileSync(join(out, `${role}.pem`), made.certificate, { mode: 0o644 });
}

function refuse(sentence: string): number {
  console.error(sentence);
  return 1;
}
