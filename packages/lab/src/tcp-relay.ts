import { connect, createServer, type Server, type Socket } from "node:net";

/**
 * The trunk between the sites, as a cable that can be cut: what connects to `from` is carried to
 * `to` and leaves with the source address `as`. Cut, it carries nothing and says nothing, as a dead
 * line.
 */
export interface TcpRelay {
  readonly setCut: (isCut: boolean) => void;
  readonly close: () => Promise<void>;
}

export interface RelayEnds {
  readonly from: { readonly host: string; readonly port: number };
  readonly to: { readonly host: string; readonly port: number };
  readonly as: string;
}

export async function openRelay(ends: RelayEnds): Promise<TcpRelay> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let isCut = false;
  const server: Server = createServer({ pauseOnConnect: true }, (near) => {
    const far = connect({ host: ends.to.host, port: ends.to.port, localAddress: ends.as });
    const pair = [near, far] as const;
    pairs.add(pair);
    const carry = (from: Socket, to: Socket): void => {
      from.on("data", (bytes) => {
        if (!isCut) to.write(bytes);
      });
      from.on("error", () => from.destroy());
      from.on("close", () => {
        pairs.delete(pair);
        // A dead line tells nobody that the other end went away.
        if (!isCut) to.destroy();
      });
    };
    carry(near, far);
    carry(far, near);
    far.once("connect", () => near.resume());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: ends.from.host, port: ends.from.port }, resolve);
  });
  return {
    setCut(cut) {
      isCut = cut;
      // Healed: what was lost on the line cannot be made up, so both ends begin anew.
      if (!cut) for (const [near, far] of pairs) for (const socket of [near, far]) socket.destroy();
    },
    close: () =>
      new Promise((resolve) => {
        for (const [near, far] of pairs) for (const socket of [near, far]) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
