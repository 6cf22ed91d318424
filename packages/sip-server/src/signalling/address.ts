/** Addresses as sockets tell them, in the one form that tables and access lists compare. */

/** `::ffff:192.0.2.1` is 192.0.2.1, whichever listener it came through; a zone goes. */
export function plainHost(host: string): string {
  if (!host.includes(":")) return host;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(host);
  if (mapped?.[1] !== undefined) return mapped[1];
  const zone = host.indexOf("%");
  return zone < 0 ? host : host.slice(0, zone);
}

/** A key for tables: `tcp|192.0.2.1:5060`. */
export function placeOf(transport: string, host: string, port: number): string {
  return `${transport}|${host}:${port}`;
}

export function isIpv6(host: string): boolean {
  return host.includes(":");
}
