import { unreachable } from "@tandem/kernel";
import type { FlowTarget } from "../input.ts";
import type { Binding } from "../registrar/dn.ts";
import type { Turn } from "../turn.ts";
import type { TrunkConfig } from "../config.ts";
import { isAddress, targetsOf } from "../trunks/locate.ts";
import { hasRoom } from "../trunks/trunk.ts";
import type { Alternative } from "./call.ts";
import { uriOf } from "./identity.ts";
import type { Route } from "./route.ts";

/** Where the callee of a route may be reached: groups that are tried one after the other. */
export function groupsOf(
  turn: Turn,
  route: Exclude<Route, { kind: "refused" | "queue" }>,
): Alternative[][] {
  switch (route.kind) {
    case "dn":
      return groupBindings(route.bindings);
    case "trunk":
      return route.trunks.flatMap((name) => {
        const trunk = turn.state.configured.trunks.get(name);
        if (trunk === undefined) return [];
        if (!hasRoom(turn, trunk)) return [];
        return targetsOf(turn, trunk).map((target) => [placeAt(trunk, route.number, target)]);
      });
    case "peer":
      return (turn.config.peer?.addresses ?? []).map(({ host, port }) => [
        {
          requestUri: `${uriOf(route.number, host, port)};transport=tcp`,
          route: [],
          headers: [],
          target: { transport: "TCP", name: "", host, port } satisfies FlowTarget,
        },
      ]);
    default:
      return unreachable(route);
  }
}

/** A trunk that has a name is called by it, wherever it is reached just now (RFC 3263 §4). */
function placeAt(trunk: TrunkConfig, number: string, target: FlowTarget): Alternative {
  const isNamed = trunk.isPortGiven === false && !isAddress(trunk.host);
  const host = target.host.includes(":") ? `[${target.host}]` : target.host;
  const uri = isNamed ? uriOf(number, trunk.host, 5060) : uriOf(number, host, target.port);
  const { transport } = target;
  return {
    requestUri: transport === "UDP" ? uri : `${uri};transport=${transport.toLowerCase()}`,
    route: [],
    headers: [],
    target,
    trunk: trunk.name,
  };
}

/**
 * Bindings of equal q ring together, those of a higher q first. A phone that registered over two
 * flows is called over the newer one, and over the other when that fails (RFC 5626 §5.3).
 */
function groupBindings(bindings: readonly Binding[]): Alternative[][] {
  const groups: { q: number; places: Alternative[]; phones: Set<string> }[] = [];
  for (const binding of bindings.toSorted((a, b) => b.q - a.q)) {
    const phone = binding.instance.slice(0, binding.instance.lastIndexOf(";"));
    const isFree = (group: { q: number; phones: Set<string> }): boolean =>
      group.q === binding.q && (phone === "" || !group.phones.has(phone));
    let group = groups.find(isFree);
    if (group === undefined) {
      group = { q: binding.q, places: [], phones: new Set() };
      groups.push(group);
    }
    if (phone !== "") group.phones.add(phone);
    group.places.push(placeOf(binding));
  }
  return groups.map(({ places }) => places);
}

export function placeOf({ contact, path, target }: Binding): Alternative {
  return { requestUri: contact, route: path, headers: [], target };
}
