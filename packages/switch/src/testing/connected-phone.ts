import { createAutoPhone, settle, type AutoPhone, type Manner } from "./auto-phone.ts";
import type { Script } from "./script.ts";
import { createTransactionLayer, type TransactionLayer } from "./transaction-layer.ts";

/** A registered phone at 127.0.3.`last` that comes over a connection, which may be lost. */
export interface ConnectedPhone {
  readonly phone: AutoPhone;
  readonly layer: TransactionLayer;
  /** Its connection is closed, and the switch hears of it. */
  readonly drop: () => void;
  /** It comes over another one, and registers. */
  readonly comeBack: (how?: "keeps" | "forgets") => void;
}

export function connectedPhone(
  script: Script,
  dn: string,
  last: number,
  manner: Manner = "ring",
): ConnectedPhone {
  const address = { host: `127.0.3.${last}`, port: 5060, transport: "TCP" } as const;
  const layer = createTransactionLayer(script, address);
  const phone = createAutoPhone(layer.script, dn, address, manner);
  phone.register();
  settle(phone);
  return {
    phone,
    layer,
    drop: () =>
      void script.step({
        kind: "flowClosed",
        name: script.state.dns.get(dn)?.bindings.at(-1)?.target.name ?? "",
        remoteHost: address.host,
      }),
    comeBack(how = "keeps") {
      layer.reconnect(how);
      phone.register();
      settle(phone);
    },
  };
}
