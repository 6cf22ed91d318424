/** The columns of the second table: phones by transport, each with a partner of its own. */
import { baresipMissing } from "../end-to-end/baresip.ts";
import { openBaresip } from "./phones/baresip-phone.ts";
import { browserMissing, openBrowser, type Browser } from "./phones/jssip-phone.ts";
import { linphoneMissing, openLinphone } from "./phones/linphone-phone.ts";
import type { SiteNumber } from "../topology.ts";
import type { PhoneChoice, TestedPhone } from "./phones/tested-phone.ts";

export interface TakeoverCast {
  readonly name: string;
  readonly missing: string | null;
  readonly transport: PhoneChoice["transport"];
  /** Where the partner is: a browser at the site whose nodes die would lose its own call. */
  readonly partnerSite: SiteNumber;
  readonly open: (phone: PhoneChoice, partner: PhoneChoice) => Promise<TakeoverPhones>;
}

export type TakeoverPhones = readonly [phone: TestedPhone, partner: TestedPhone];

export interface TakeoverCasts {
  readonly casts: readonly TakeoverCast[];
  /** The browser that its pages were opened in. */
  readonly close: () => Promise<void>;
}

/** A browser's partner is a browser at site 2; the others talk with a baresip over UDP. */
export function takeoverCasts(): TakeoverCasts {
  let browser: Promise<Browser> | null = null;
  const desk = (
    name: string,
    missing: string | null,
    open: (choice: PhoneChoice) => Promise<TestedPhone>,
  ): readonly TakeoverCast[] =>
    (["UDP", "TCP", "TLS"] as const).map((transport) => ({
      name: `${name}, ${transport}`,
      missing,
      transport,
      partnerSite: 1,
      open: async (phone, partner) => [
        await open(phone),
        await openBaresip({ ...partner, transport: "UDP" }),
      ],
    }));
  return {
    casts: [
      ...desk("baresip", baresipMissing, openBaresip),
      ...desk("Linphone", baresipMissing ?? linphoneMissing, openLinphone),
      {
        name: "JsSIP, WSS",
        missing: browserMissing,
        transport: "TLS",
        partnerSite: 2,
        async open(phone, partner) {
          browser ??= openBrowser();
          const opened = await browser;
          return [await opened.open(phone), await opened.open(partner)];
        },
      },
    ],
    async close() {
      await (await browser)?.close();
    },
  };
}
