import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { describeProtocol, protocolText } from "./describe-protocol.ts";

const folder = new URL("../../../../docs/protocol/", import.meta.url);

for (const [name, document] of Object.entries(describeProtocol())) {
  test(`docs/protocol/${name} is what the schemas say (write-protocol.ts writes it anew)`, () => {
    expect(readFileSync(new URL(name, folder), "utf8")).toBe(protocolText(document));
  });
}

test("every message of a channel has a definition", () => {
  const documents = describeProtocol();
  const text = JSON.stringify(documents["asyncapi.json"]);
  for (const [, file, name] of text.matchAll(/"\.\/([^#"]+)#\/\$defs\/([^"]+)"/g)) {
    const definitions = documents[file ?? ""]?.["$defs"];
    expect(definitions, `${file} ${name}`).toHaveProperty(name ?? "");
  }
});
