import { logLevels } from "@tandem/service";
import * as z from "zod";
import {
  addressSchema as siteAddressSchema,
  type AddressSettings,
} from "./takeover/address-settings.ts";

/** The settings of a SIP Server process: who it is, and where it learns the rest. */
export interface SipServerSettings {
  /** Its Application in the configuration. */
  readonly name: string;
  /** The Configuration Servers of its site, the primary's first: `ws://127.0.1.10:7010/config`. */
  readonly configuration: readonly string[];
  /** The secret of its Application. */
  readonly secret: string;
  /**
   * Digest algorithms offered to phones, the preferred one first. MD5 alone unless told otherwise:
   * phones of RFC 3261 give up at a challenge with an algorithm that they do not know, even when
   * one that they know stands beside it (baresip 1.0: "Function not implemented").
   */
  readonly digestAlgorithms: readonly ("MD5" | "SHA-256")[];
  /**
   * Messages a second that one source, an address and port, may send once it has shown who it is; a
   * tenth before. 0 switches all limits of sources off.
   */
  readonly sourcePerSecond: number;
  /** Answers a second to all sources together that have not shown who they are. */
  readonly strangersPerSecond: number;
  /** SIP connections, and of them those of one source address that has not shown who it is. */
  readonly connectionsMax: number;
  readonly unprovenPerSourceMax: number;
  /** For the ports `sips` and `wss`, and for TLS to trunks. */
  readonly tls?: TlsSettings;
  /** Name servers for trunks, `192.0.2.53` or `192.0.2.53:5353`; none means the system's. */
  readonly nameServers: readonly string[];
  /** Origins of pages that may connect, for T-Library and for SIP; `*` for any. */
  readonly origins: readonly string[];
  /** The other node of the pair; without it this node serves alone. */
  readonly pair?: PairSettings;
  /** How the site's address comes to the node that serves. */
  readonly address: AddressSettings;
  /** Every frame is written down, for `tandem replay`. */
  readonly record?: RecordSettings;
  readonly logLevel: (typeof logLevels)[number];
  /** Set by a supervisor that holds standard input: its end is the server's. */
  readonly endsWithInput: boolean;
}

export interface RecordSettings {
  /** By its path from the settings file. */
  readonly folder: string;
  /** Of the frames in one file, beside the state that it begins with. */
  readonly fileBytesMax: number;
  /** The oldest go. */
  readonly files: number;
}

/** Hot standby (replication.md): the link to the other node, and who says which of them serves. */
export interface PairSettings {
  /** Both nodes say the same: `site-1`. */
  readonly name: string;
  /** Known to both nodes only; the link is proved with it. */
  readonly secret: string;
  readonly listen: { readonly host: string; readonly port: number };
  readonly peer: { readonly host: string; readonly port: number };
  /** The link is encrypted, and both nodes show certificates beside the secret. */
  readonly tls?: LinkTlsSettings;
  readonly arbiter: ArbiterSettings;
}

/** Files in PEM, by their path from the settings file. */
export interface LinkTlsSettings {
  readonly certificate: string;
  readonly key: string;
  /** Of the other node's certificate. */
  readonly authorities: readonly string[];
}

export type ArbiterSettings =
  | {
      readonly kind: "etcd";
      /** Of all members: `http://192.0.2.1:2379`. */
      readonly endpoints: readonly string[];
      readonly prefix: string;
      readonly tls?: ArbiterTlsSettings;
    }
  /** That of a supervisor on one machine. */
  | { readonly kind: "served"; readonly host: string; readonly port: number };

/** For endpoints `https://…`: files in PEM, by their path from the settings file. */
export interface ArbiterTlsSettings {
  readonly authority?: string;
  /** Shown to etcd where it asks for one. */
  readonly certificate?: string;
  readonly key?: string;
}

/** Files in PEM, by their path from the settings file. */
export interface TlsSettings {
  readonly certificate: string;
  readonly key: string;
  /** Whom we trust; none means the system's authorities. */
  readonly authorities: readonly string[];
  /** Whether those who connect must show a certificate of a trusted authority. */
  readonly clientCertificates: "none" | "required";
}

const addressSchema = z.strictObject({
  host: z.string().min(1),
  port: z.int().min(1).max(65_535),
});

const pairSchema: z.ZodType<PairSettings> = z.strictObject({
  name: z.string().min(1),
  secret: z.string().min(16, "the pair's secret has at least 16 characters"),
  listen: addressSchema,
  peer: addressSchema,
  tls: z
    .strictObject({
      certificate: z.string().min(1),
      key: z.string().min(1),
      authorities: z
        .array(z.string().min(1))
        .min(1, "name the authority of the other's certificate"),
    })
    .exactOptional(),
  arbiter: z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("etcd"),
      endpoints: z.array(z.url()).min(1),
      prefix: z.string().min(1).default("/tandem"),
      tls: z
        .strictObject({
          authority: z.string().min(1).exactOptional(),
          certificate: z.string().min(1).exactOptional(),
          key: z.string().min(1).exactOptional(),
        })
        .exactOptional(),
    }),
    z.strictObject({ kind: z.literal("served"), ...addressSchema.shape }),
  ]),
});

export const sipServerSettingsSchema: z.ZodType<SipServerSettings> = z.strictObject({
  name: z.string().min(1),
  configuration: z.array(z.url()).min(1),
  secret: z.string().min(1),
  digestAlgorithms: z
    .array(z.enum(["MD5", "SHA-256"]))
    .min(1)
    .default(["MD5"]),
  sourcePerSecond: z.number().min(0).default(2_000),
  strangersPerSecond: z.number().min(0).default(3_000),
  connectionsMax: z.int().min(1).default(20_000),
  unprovenPerSourceMax: z.int().min(1).default(100),
  tls: z
    .strictObject({
      certificate: z.string().min(1),
      key: z.string().min(1),
      authorities: z.array(z.string().min(1)).default([]),
      clientCertificates: z.enum(["none", "required"]).default("none"),
    })
    .exactOptional(),
  nameServers: z.array(z.string().min(1)).default([]),
  origins: z.array(z.string()).default([]),
  pair: pairSchema.exactOptional(),
  address: siteAddressSchema.default({ kind: "loopback" }),
  record: z
    .strictObject({
      folder: z.string().min(1),
      fileBytesMax: z.int().min(1_000_000).default(100_000_000),
      files: z.int().min(2).default(10),
    })
    .exactOptional(),
  logLevel: z.enum(logLevels).default("info"),
  endsWithInput: z.boolean().default(false),
});
