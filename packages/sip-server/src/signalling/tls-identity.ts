import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import type { PeerCertificate, SecureVersion } from "node:tls";

/**
 * TLS for SIP: our own key, whom we trust, and whether a server that we reached is the one we meant
 * (RFC 5922 §7). That its chain leads to a trusted authority Node has checked before.
 */
export interface TlsMaterial {
  /** PEM, with what leads to the authority. */
  readonly certificate: string;
  readonly key: string;
  /** PEM of the authorities we trust; none means those of the system. */
  readonly authorities: readonly string[];
  /** Whether those who connect to us must show a certificate of a trusted authority. */
  readonly clientCertificates: "none" | "required";
}

export const tlsVersionMin: SecureVersion = "TLSv1.2";

/**
 * Undefined when the certificate speaks for one of the names, else why not. SIP URIs in
 * subjectAltName count alone where there are any, then DNS names, letter for letter without
 * wildcards; the common name never (RFC 5922 §7.1, §7.2).
 */
export function identityFault(
  certificate: Pick<PeerCertificate, "raw" | "subjectaltname">,
  names: readonly string[],
): Error | undefined {
  const spoken = alternativeNames(certificate.subjectaltname ?? "");
  const domains = spoken.uris.length > 0 ? spoken.uris : spoken.hosts;
  const x509 = new X509Certificate(certificate.raw);
  const isGood = names.some((name) =>
    isIP(name) > 0 ? x509.checkIP(name) !== undefined : domains.includes(plainName(name)),
  );
  return isGood ? undefined : new Error(`the certificate is not of ${names.join(" or ")}`);
}

function alternativeNames(text: string): { uris: string[]; hosts: string[] } {
  const uris: string[] = [];
  const hosts: string[] = [];
  for (const entry of text.split(", ")) {
    const uri = /^URI:sips?:([^;?@]+)$/i.exec(entry)?.[1];
    const host = /^DNS:(.+)$/.exec(entry)?.[1];
    if (uri !== undefined) uris.push(plainName(uri.replace(/:\d+$/, "")));
    if (host !== undefined) hosts.push(plainName(host));
  }
  return { uris, hosts };
}

/** Upper and lower case, and a dot at the end, are the same name. */
function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}
