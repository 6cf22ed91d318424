/**
 * Whether the ports of a lab's sites can be had, asked before anything starts: a server that finds
 * its port taken would say so, but others might meanwhile talk to whoever has it.
 */
import { createServer } from "node:net";
import { describeListenError } from "@tandem/service";
import type { SiteTopology, Topology } from "./topology.ts";

/** Rejects with the sentence about the first port that cannot be had. */
export async function checkPorts(topology: Topology): Promise<void> {
  await Promise.all(topology.sites.flatMap(endpointsOf).map(checkPort));
}

interface Door {
  readonly what: string;
  readonly host: string;
  readonly port: number;
}

function endpointsOf({ host, ports, nodes, gateway, relayHost }: SiteTopology): readonly Door[] {
  return [
    ...nodes.flatMap((node) => [
      { what: "T-Library", host: node.host, port: ports.tlib },
      { what: "HTTP", host: node.host, port: ports.sipHttp },
      { what: "the link of the pair", host: node.host, port: ports.link },
    ]),
    { what: "SIP", host, port: ports.sip },
    { what: "SIP over TLS", host, port: ports.sips },
    { what: "SIP over WebSockets", host, port: ports.ws },
    { what: "SIP over WebSockets with TLS", host, port: ports.wss },
    { what: "ConfigLib", host, port: ports.config },
    { what: "HTTP", host, port: ports.configHttp },
    { what: "SIP of the trunk", host: relayHost, port: ports.sip },
    { what: "SIP of the gateway", ...gateway },
  ];
}

function checkPort(door: Door): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const server = createServer();
  server.once("error", (error) => {
    reject(new Error(describeListenError(error, door.what, door), { cause: error }));
  });
  server.listen({ host: door.host, port: door.port }, () => server.close(() => resolve()));
  return promise;
}
