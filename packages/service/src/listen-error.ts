/** One sentence for a socket that could not be opened, with the way out. */
export function describeListenError(
  error: Error,
  what: string,
  address: { readonly host: string; readonly port: number },
): string {
  const place = `${what} on ${address.host}:${address.port}`;
  const { code = "" } = error as NodeJS.ErrnoException; // an errno where the system said no
  switch (code) {
    case "EADDRINUSE":
      return `${place}: the port is taken; end the process that has it or choose another port`;
    case "EADDRNOTAVAIL":
      return `${place}: this machine does not have the address; add it or choose another${onMac(address.host)}`;
    case "EACCES":
      return `${place}: not permitted; choose a port of 1024 or above`;
    default:
      return `${place}: ${error.message}`;
  }
}

/** macOS has 127.0.0.1 only; Linux has all of 127.0.0.0/8. */
function onMac(host: string): string {
  const isLoopback = host.startsWith("127.") && process.platform === "darwin";
  return isLoopback ? ` (sudo ifconfig lo0 alias ${host})` : "";
}
