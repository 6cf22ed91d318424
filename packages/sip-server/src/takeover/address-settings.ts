import { isIP } from "node:net";
import * as z from "zod";

/** How a site's address moves to the node that serves. */
export type AddressSettings =
  /** Both nodes may bind it at any time: a lab on one machine, a node without a pair. */
  | { readonly kind: "loopback" }
  /** This host's network, by `ip addr` and announcements. */
  | {
      readonly kind: "linux-ip";
      readonly host: string;
      /** Of the network mask: 32 or 128 where the device has another address of that network. */
      readonly prefix: number;
      readonly device: string;
    }
  /** A script of the site's own, called with `take` or `drop` and the address. */
  | {
      readonly kind: "script";
      readonly program: string;
      readonly host: string;
      readonly limitMs: number;
    };

const hostSchema = z.string().refine((host) => isIP(host) !== 0, "give an address, not a name");

const linuxIpSchema = z.strictObject({
  kind: z.literal("linux-ip"),
  host: hostSchema,
  prefix: z.int().min(1).max(128),
  device: z.string().regex(/^[^\s/-][^\s/]{0,14}$/, "give the name of a network device"),
});

/** The setting `address` of a SIP Server. */
export const addressSchema: z.ZodType<AddressSettings> = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("loopback") }),
    linuxIpSchema,
    z.strictObject({
      kind: z.literal("script"),
      program: z.string().min(1),
      host: hostSchema,
      limitMs: z.int().min(100).max(60_000).default(5_000),
    }),
  ])
  .refine(
    (address) => address.kind !== "linux-ip" || isIP(address.host) === 6 || address.prefix <= 32,
    { path: ["prefix"], message: "the prefix of an ipv4 address is at most 32" },
  );
