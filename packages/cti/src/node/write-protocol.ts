import { mkdirSync, writeFileSync } from "node:fs";
import { describeProtocol, protocolText } from "../protocol/describe-protocol.ts";

/**
 * Writes `docs/protocol/*.json` anew:
 * `node --conditions=@tandem/source packages/cti/src/node/write-protocol.ts`
 */
const folder = new URL("../../../../docs/protocol/", import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [name, document] of Object.entries(describeProtocol())) {
  writeFileSync(new URL(name, folder), protocolText(document));
}
