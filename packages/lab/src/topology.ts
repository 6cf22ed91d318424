/**
 * Who lives where in a lab (architecture.md, Ports, addresses and names). Lab n has `127.n.1.0/24`
 * for site 1 and `127.n.2.0/24` for site 2; phones, gateways and the peer relay have addresses of
 * their own, so that a trunk is known by its source. Pure.
 *
 *     .10 the site's virtual address, .11 and .12 its nodes'
 *     .20 where the other site is reached (the relay to be cut)
 *     127.n.3.1, .2 gateways           127.n.3.101 … phones
 *
 * With `bind` both sites live on that one address of the machine, their ports two apart, so that a
 * phone on the desk reaches them. With `network` each server has a host of its own (netns/): the
 * same numbers behind `10.77` instead of `127.n`, and .13 for a site's Configuration Server.
 */
export interface Topology {
  readonly lab: number;
  /** The first two numbers of every address. */
  readonly network: string;
  readonly profile: Profile;
  readonly sites: readonly [SiteTopology, SiteTopology];
  readonly agents: readonly AgentTopology[];
  /** A DN for a phone of one's own. */
  readonly ownDn: string;
  /** Whether calls for a DN without an agent go to the other site (`dr-forward`). */
  readonly forward: "no-agent" | "off";
  readonly realm: string;
  readonly password: string;
  readonly sipSecret: string;
}

export type Profile = "fast" | "seed";
export type SiteNumber = 1 | 2;

export interface SiteTopology {
  readonly number: SiteNumber;
  /** `site-1` */
  readonly name: string;
  /** The site's virtual address. */
  readonly host: string;
  /** The address by which the *other* site reaches this one. */
  readonly relayHost: string;
  readonly gateway: { readonly host: string; readonly port: number };
  /** The SIP Server's pair, the preferred node first; one where the lab has no standby. */
  readonly nodes: readonly NodeTopology[];
  readonly configServer: string;
  readonly configHost: string;
  readonly ports: {
    /** Between the nodes of the pair. */
    readonly link: number;
    /** UDP and TCP. */
    readonly sip: number;
    /** SIP over TLS, over WebSockets, over WebSockets with TLS. */
    readonly sips: number;
    readonly ws: number;
    readonly wss: number;
    readonly tlib: number;
    readonly config: number;
    readonly sipHttp: number;
    readonly configHttp: number;
  };
}

export interface NodeTopology {
  /** `sip-1a` */
  readonly name: string;
  /** Its own address: T-Library and HTTP; SIP is on the site's. */
  readonly host: string;
}

export interface AgentTopology {
  readonly dn: string;
  /** The DN of the same phone at site 2, where it is another one; `dn` is then site 1's. */
  readonly secondDn?: string;
  readonly userName: string;
  readonly phone: { readonly host: string; readonly port: number };
  readonly preferredSite: SiteNumber;
}

export interface TopologyChoice {
  readonly lab: number;
  readonly profile: Profile;
  readonly agents: number;
  /** Where agents sit: at both sites in turn, or all at site 1 (a drill that takes it away). */
  readonly seating?: "alternate" | "site-1";
  /** By DN: the DN that the same phone has at site 2. */
  readonly secondDns?: Readonly<Record<string, string>>;
  /** An address of this machine that phones on the desk can reach; else loopback only. */
  readonly bind?: string;
  /** Hosts of their own on this network instead of loopback: `10.77`. */
  readonly network?: string;
  /** One node instead of a pair, at both sites or at the second. */
  readonly withoutStandby?: boolean | "site-2";
  readonly forward?: "no-agent" | "off";
  readonly password: string;
  readonly sipSecret: string;
}

export const labsMax = 200;
export const agentsMax = 200;
const firstDn = 1_001;
const ownDn = "1000";

export function labTopology(choice: TopologyChoice): Topology {
  const { bind, seating = "alternate", secondDns = {} } = choice;
  const network = choice.network ?? `127.${choice.lab}`;
  const hasHosts = choice.network !== undefined;
  // On one address the sites differ by their ports.
  const shift = (number: SiteNumber): number => (bind === undefined ? 0 : 2 * (number - 1));
  const site = (number: SiteNumber): SiteTopology => ({
    number,
    name: `site-${number}`,
    host: bind ?? `${network}.${number}.10`,
    relayHost: `${network}.${number}.${hasHosts ? 10 : 20}`,
    gateway: { host: `${network}.3.${number}`, port: 5070 },
    nodes: nodesOf(choice, network, number),
    configServer: `config-${number}a`,
    configHost: bind ?? `${network}.${number}.${hasHosts ? 13 : 10}`,
    ports: {
      link: 7090,
      sip: 5060 + shift(number),
      sips: 5061 + shift(number),
      ws: 5066 + shift(number),
      wss: 5067 + shift(number),
      tlib: 7000 + shift(number),
      config: 7010 + shift(number),
      sipHttp: 7080 + shift(number),
      configHttp: 7081 + shift(number),
    },
  });
  return {
    lab: choice.lab,
    network,
    profile: choice.profile,
    sites: [site(1), site(2)],
    agents: Array.from({ length: choice.agents }, (_, index) =>
      agentOf(network, index, seating, secondDns),
    ),
    ownDn,
    forward: choice.forward ?? "no-agent",
    realm: "tandem",
    password: choice.password,
    sipSecret: choice.sipSecret,
  };
}

/** On one address of the machine there is no room for two nodes a site. */
function nodesOf(
  { bind, withoutStandby }: TopologyChoice,
  network: string,
  site: SiteNumber,
): NodeTopology[] {
  if (bind !== undefined) return [{ name: `sip-${site}a`, host: bind }];
  const node = (letter: "a" | "b", last: number): NodeTopology => ({
    name: `sip-${site}${letter}`,
    host: `${network}.${site}.${last}`,
  });
  const isSingle = withoutStandby === true || (withoutStandby === "site-2" && site === 2);
  return isSingle ? [node("a", 11)] : [node("a", 11), node("b", 12)];
}

/** Where the supervisor says which node of a pair may serve. */
export function arbiterAddress({ network }: Topology): { host: string; port: number } {
  return { host: `${network}.3.9`, port: 7091 };
}

function agentOf(
  network: string,
  index: number,
  seating: NonNullable<TopologyChoice["seating"]>,
  secondDns: NonNullable<TopologyChoice["secondDns"]>,
): AgentTopology {
  const dn = String(firstDn + index);
  const secondDn = secondDns[dn];
  return {
    dn,
    ...(secondDn === undefined ? {} : { secondDn }),
    userName: `agent-${dn}`,
    phone: {
      host: `${network}.3.${101 + (index % 100)}`,
      port: 5060 + 10 * Math.floor(index / 100),
    },
    preferredSite: seating === "alternate" && index % 2 === 1 ? 2 : 1,
  };
}

export function siteOf(topology: Topology, number: SiteNumber): SiteTopology {
  return topology.sites[number - 1] as SiteTopology; // there are two, numbered 1 and 2
}

/** The DN under which an agent's phone is registered at a site. */
export function dnAt(agent: AgentTopology, number: SiteNumber): string {
  return number === 2 ? (agent.secondDn ?? agent.dn) : agent.dn;
}

export function otherSite(number: SiteNumber): SiteNumber {
  return number === 1 ? 2 : 1;
}

export function desktopName(number: SiteNumber): string {
  return `desktop-${number}`;
}

export function configUrl({ configHost, ports }: SiteTopology): string {
  return `ws://${configHost}:${ports.config}/config`;
}

export function firstNode(site: SiteTopology): NodeTopology {
  return site.nodes[0] as NodeTopology; // a site has one at least
}

export function nodeHttp({ ports }: SiteTopology, node: NodeTopology): string {
  return `http://${node.host}:${ports.sipHttp}`;
}
