import type { EventServerInfo, TlibEvent } from "@tandem/cti";

/**
 * R7: what a server says of itself comes at every change of role inside its pair. Roles and epochs
 * are the services' detail and nothing else; what is new besides them is an event like any other.
 */
export function createServerNews(): (event: TlibEvent) => boolean {
  let known = "";
  return (event) => {
    if (event.event !== "EventServerInfo" || event.referenceID !== undefined) return true;
    const said = besidesRoles(event);
    const isNew = said !== known;
    known = said;
    return isNew;
  };
}

function besidesRoles({ serverRole: _role, epoch: _epoch, ...rest }: EventServerInfo): string {
  return JSON.stringify(rest, Object.keys(rest).toSorted());
}
