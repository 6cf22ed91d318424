/**
 * The hosts of a lab in a network of its own: a namespace for each node, each Configuration Server
 * and each member of etcd. A node runs under `tandem keep`, and the site's address is moved by
 * `linux-ip`, as on real hosts.
 */
import type { AddressSettings } from "@tandem/sip-server";
import type { EtcdPlace } from "@tandem/replica/testing";
import type { SiteTopology, TopologyChoice } from "../topology.ts";
import { labTopology } from "../topology.ts";
import { hostDevice, openNetwork, type Network } from "./network.ts";

export interface LabHosts {
  /** The first two numbers of every address. */
  readonly network: string;
  readonly etcdPlaces: { readonly places: readonly EtcdPlace[] };
  /** How a server is started on its host, where it stands. */
  readonly command: (server: HostedServer) => readonly string[];
  readonly addressOf: (site: SiteTopology) => AddressSettings;
}

export interface HostedServer {
  readonly name: string;
  readonly site: SiteTopology;
  /** A SIP Server, which has a keeper. */
  readonly isNode: boolean;
  readonly bare: readonly string[];
  /** The command `tandem` itself. */
  readonly tandem: readonly string[];
}

const network = "10.77";
const members = 3;

export function openLabHosts(
  choice: Pick<TopologyChoice, "withoutStandby">,
): LabHosts & { readonly cables: Network } {
  const cables = openNetwork(network);
  const { sites } = labTopology({
    ...choice,
    network,
    lab: 0,
    profile: "fast",
    agents: 0,
    password: "",
    sipSecret: "",
  });
  for (const { nodes, configServer, configHost } of sites) {
    for (const { name, host } of nodes) cables.addHost(name, host);
    cables.addHost(configServer, configHost);
  }
  const places = Array.from({ length: members }, (_, index) => {
    const name = memberHost(index);
    const host = `${network}.4.${index + 1}`;
    cables.addHost(name, host);
    return { host, on: cables.on(name) };
  });
  return {
    network,
    cables,
    etcdPlaces: { places },
    command: ({ name, site, isNode, bare, tandem }) => [
      ...cables.on(name),
      ...(isNode ? [...tandem, "keep", "--name", `keeper-${name}`, ...dropping(site), "--"] : []),
      ...bare,
    ],
    addressOf: ({ host }) => ({ kind: "linux-ip", host, prefix: 32, device: hostDevice }),
  };
}

/** The name of the host of a member of etcd. */
export function memberHost(index: number): string {
  return `etcd-${index + 1}`;
}

function dropping({ host }: SiteTopology): readonly string[] {
  return ["--drop-address", `ip addr flush dev ${hostDevice} to ${host}/32`];
}
