import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  X509Certificate,
} from "node:crypto";
import { isIPv4, isIPv6 } from "node:net";
import {
  bitString,
  boolean,
  context,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
  time,
  utf8String,
} from "./der.ts";

/**
 * An authority of one's own and certificates that it signs (RFC 5280; ECDSA P-256): for labs, tests
 * and an operator's first TLS. SIP takes the identity from subjectAltName (RFC 5922 §7.1).
 */
export interface KeyAndCertificate {
  /** PKCS #8, PEM. */
  readonly key: string;
  /** PEM. */
  readonly certificate: string;
}

export interface CertificateChoice {
  /** Common name, for people. */
  readonly name: string;
  /** Host names and SIP domains. */
  readonly names: readonly string[];
  /** IPv4 and IPv6 addresses. */
  readonly addresses: readonly string[];
  readonly notBeforeMs: number;
  readonly days: number;
}

export function createAuthority(choice: {
  readonly name: string;
  readonly notBeforeMs: number;
  readonly days: number;
}): KeyAndCertificate {
  const pair = newKeyPair();
  const extensions = [
    extension(oid.basicConstraints, true, sequence(boolean(true))),
    extension(oid.keyUsage, true, bitString(Buffer.from([0b00000110]), 1)),
    extension(oid.subjectKey, false, octetString(keyIdOf(pair.publicDer))),
  ];
  const body = bodyOf({ ...choice, issuer: choice.name, publicDer: pair.publicDer, extensions });
  return { key: pair.key, certificate: signed(body, pair.key) };
}

/** Good for a server and for a client (mutual TLS between sites and trunks). */
export function issueCertificate(
  authority: KeyAndCertificate,
  choice: CertificateChoice,
): KeyAndCertificate {
  const pair = newKeyPair();
  const issuer = new X509Certificate(authority.certificate);
  const issuerDer = issuer.publicKey.export({ type: "spki", format: "der" });
  const purposes = [oid.serverAuth, oid.clientAuth].map(objectIdentifier);
  const extensions = [
    extension(oid.basicConstraints, true, sequence()),
    extension(oid.keyUsage, true, bitString(Buffer.from([0b10000000]), 7)),
    extension(oid.extendedKeyUsage, false, sequence(...purposes)),
    extension(oid.subjectKey, false, octetString(keyIdOf(pair.publicDer))),
    extension(oid.authorityKey, false, sequence(context(0, false, keyIdOf(issuerDer)))),
    extension(oid.subjectAltName, false, sequence(...alternativeNames(choice))),
  ];
  const issuerName = issuer.subject.replace(/^CN=/, "");
  const body = bodyOf({ ...choice, issuer: issuerName, publicDer: pair.publicDer, extensions });
  return { key: pair.key, certificate: signed(body, authority.key) };
}

const oid = {
  commonName: "2.5.4.3",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  subjectKey: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKey: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
} as const;

const dayMs = 86_400_000;
const serialBytes = 16;

function newKeyPair(): { key: string; publicDer: Buffer } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    publicDer: publicKey.export({ type: "spki", format: "der" }),
  };
}

interface Body {
  readonly name: string;
  readonly issuer: string;
  readonly notBeforeMs: number;
  readonly days: number;
  readonly publicDer: Uint8Array;
  readonly extensions: readonly Uint8Array[];
}

/** TBSCertificate, version 3. */
function bodyOf({ name, issuer, notBeforeMs, days, publicDer, extensions }: Body): Buffer {
  const serial = randomBytes(serialBytes);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40; // positive, and of full length
  return sequence(
    context(0, true, integer(Buffer.from([2]))),
    integer(serial),
    sequence(objectIdentifier(oid.ecdsaWithSha256)),
    nameOf(issuer),
    sequence(time(notBeforeMs), time(notBeforeMs + days * dayMs)),
    nameOf(name),
    publicDer,
    context(3, true, sequence(...extensions)),
  );
}

function nameOf(commonName: string): Buffer {
  return sequence(setOf(sequence(objectIdentifier(oid.commonName), utf8String(commonName))));
}

function extension(id: string, isCritical: boolean, value: Uint8Array): Buffer {
  const critical = isCritical ? [boolean(true)] : [];
  return sequence(objectIdentifier(id), ...critical, octetString(value));
}

function keyIdOf(publicDer: Uint8Array): Buffer {
  return createHash("sha1").update(publicDer).digest(); // a name, not a seal (RFC 5280 §4.2.1.2)
}

function alternativeNames({ names, addresses }: CertificateChoice): Buffer[] {
  const hosts = names.map((name) => context(2, false, Buffer.from(name, "latin1")));
  const domains = names.map((name) => context(6, false, Buffer.from(`sip:${name}`, "latin1")));
  return [...hosts, ...domains, ...addresses.map((text) => context(7, false, addressBytes(text)))];
}

/** 4 or 16 bytes. */
export function addressBytes(text: string): Buffer {
  if (isIPv4(text)) return Buffer.from(text.split(".").map(Number));
  if (!isIPv6(text)) throw new Error(`${text} is no IP address`);
  const [left = "", right] = text.split("::");
  const words = (part: string): number[] =>
    part === "" ? [] : part.split(":").map((word) => parseInt(word, 16));
  const [head, tail] = [words(left), words(right ?? "")];
  const gap = right === undefined ? 0 : 8 - head.length - tail.length;
  const all = [...head, ...Array.from({ length: gap }, () => 0), ...tail];
  return Buffer.from(all.flatMap((word) => [word >> 8, word & 0xff]));
}

function signed(body: Uint8Array, key: string): string {
  const signature = sign("sha256", body, createPrivateKey(key));
  const algorithm = sequence(objectIdentifier(oid.ecdsaWithSha256));
  const base64 = sequence(body, algorithm, bitString(signature)).toString("base64");
  const lines = base64.match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
