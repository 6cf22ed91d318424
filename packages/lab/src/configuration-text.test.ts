import { knownOptions } from "@tandem/sip-server";
import { findObject, readConfiguration, sipServerOptions } from "@tandem/config-server";
import { expect, test } from "vitest";
import { configurationText } from "./configuration-text.ts";
import { labTopology } from "./topology.ts";

const hash = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2g";
const keyOf = (kid: string) => ({ kid, x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });

test("a lab's file has no fault, and agents prefer both sites in turn", async () => {
  const choice = { lab: 3, agents: 10, password: "p", sipSecret: "s" };
  const topology = labTopology({ ...choice, profile: "fast" });
  const publicKeys = { "config-1a": keyOf("one"), "config-2a": keyOf("two") };
  const text = configurationText(topology, { serverSecret: "z", publicKeys });
  const loaded = await readConfiguration("lab.yaml", text, async () => hash);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.failure));
  const preferred = topology.agents.map(
    ({ userName }) =>
      findObject(loaded.value, "Person", userName)?.annex?.["agent-desktop"]?.["site-1"],
  );
  expect(preferred.slice(0, 3)).toEqual(["desktop-1", "desktop-2", "desktop-1"]);
});

test("a phone with a DN for each site: two DNs that name each other, a Place each", async () => {
  const choice = { lab: 3, agents: 1, password: "p", sipSecret: "s" };
  const topology = labTopology({ ...choice, profile: "fast", secondDns: { "1001": "2001" } });
  const text = configurationText(topology, { serverSecret: "z", publicKeys: {} });
  const loaded = await readConfiguration("lab.yaml", text, async () => hash);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.failure));
  const peerDns = ["1001", "2001"].map(
    (number) => findObject(loaded.value, "Dn", number)?.options?.["TServer"]?.["peer-dn"],
  );
  expect(peerDns).toEqual(["2001", "1001"]);
  const dns = ["place-1001-1", "place-1001-2"].map(
    (name) => findObject(loaded.value, "Place", name)?.dns,
  );
  expect(dns).toEqual([["1001"], ["2001"]]);
});

test("the options that the configuration's check knows are those that the SIP Server reads", () => {
  expect([...sipServerOptions].toSorted()).toEqual([...knownOptions].toSorted());
});
