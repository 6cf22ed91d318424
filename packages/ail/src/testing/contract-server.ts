import type { LocalConfiguration } from "../configuration/local-configuration.ts";
import type { Profile } from "../configuration/desktop-options.ts";

/**
 * What a server must offer so that the desktop contract can be run against it: an address book, an
 * agent with a phone, a far end, and the things that can happen. A harness leaves out what it
 * cannot do; the cases that need it are then named as skipped.
 */
export interface ContractServer {
  readonly local: LocalConfiguration;
  readonly userName: string;
  readonly password: string;
  readonly profile?: Profile;
  readonly dn: string;
  readonly abilities: ContractAbilities;
  readonly stop: () => Promise<void>;
}

export interface ContractAbilities {
  /** An inbound call begins to ring at the DN, at a site. */
  readonly ring?: (site: 1 | 2, userData?: { readonly [key: string]: string }) => Promise<void>;
  /** A number that answers and stays on the line. */
  readonly answeringNumber?: string;
  /** The far end of the call at a site hangs up. */
  readonly hangUp?: (site: 1 | 2) => Promise<void>;
  /** The phone's registration at a site comes or goes. */
  readonly setPhone?: (site: 1 | 2, isRegistered: boolean) => Promise<void>;
  /** Every connection to the SIP Server of a site is reset; it goes on. */
  readonly dropConnections?: (site: 1 | 2) => Promise<void>;
  /** The SIP Server of a site ends, without a word. */
  readonly killSip?: (site: 1 | 2) => Promise<void>;
  /** It starts again, with nothing in memory. */
  readonly startSip?: (site: 1 | 2) => Promise<void>;
  readonly killConfig?: (site: 1 | 2) => Promise<void>;
  readonly startConfig?: (site: 1 | 2) => Promise<void>;
  readonly shutDownGracefully?: (site: 1 | 2) => Promise<void>;
  readonly forceLogout?: (site: 1 | 2) => Promise<void>;
}
