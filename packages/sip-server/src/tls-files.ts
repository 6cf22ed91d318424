import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { LinkTls } from "@tandem/replica";
import type { LinkTlsSettings, TlsSettings } from "./settings.ts";
import type { TlsMaterial } from "./signalling/tls-identity.ts";

/** The files that settings name, by their path from the settings file. */
export function readTls(tls: TlsSettings, settingsFile: string): TlsMaterial {
  const read = (path: string): string => readBeside(settingsFile, path);
  return {
    certificate: read(tls.certificate),
    key: read(tls.key),
    authorities: tls.authorities.map(read),
    clientCertificates: tls.clientCertificates,
  };
}

/** What the link to the other node is secured with. */
export function readLinkTls(tls: LinkTlsSettings, settingsFile: string): LinkTls {
  const read = (path: string): string => readBeside(settingsFile, path);
  return { cert: read(tls.certificate), key: read(tls.key), ca: tls.authorities.map(read) };
}

/** A file by its path from the settings file. Throws where it cannot be read. */
export function readBeside(settingsFile: string, path: string): string {
  return readFileSync(resolve(dirname(settingsFile), path), "utf8");
}
