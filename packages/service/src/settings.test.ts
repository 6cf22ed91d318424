import { expect, test } from "vitest";
import * as z from "zod";
import { closestName } from "./closest-name.ts";
import { parseSettings, readSettings, settingsFaultsText } from "./settings.ts";

const schema = z.strictObject({
  name: z.string(),
  http: z.strictObject({ host: z.string(), port: z.int().max(65_535) }),
});
const faultsOf = (text: string): string => {
  const result = parseSettings("a.json", text, schema);
  return result.ok ? "" : settingsFaultsText(result.failure);
};

test("settings that fit are returned as the schema outputs them", () => {
  const text = '{"name":"sip-1a","http":{"host":"127.0.1.10","port":7080}}';
  expect(parseSettings("a.json", text, schema)).toEqual({
    ok: true,
    value: { name: "sip-1a", http: { host: "127.0.1.10", port: 7080 } },
  });
});

test("all faults are told at once, with file, key and what to do", () => {
  expect(faultsOf('{"http":{"host":1,"prot":7080}}').split("\n").toSorted()).toEqual([
    "a.json: http.host is wrong: invalid input: expected string, received number; correct it",
    "a.json: http.port is missing; give a number",
    "a.json: http.prot is no setting; did you mean port?",
    "a.json: name is missing; give a string",
  ]);
});

test("a file that is no JSON, and one that is not there", () => {
  expect(faultsOf('{"name": sip}')).toMatch(/^a\.json is not JSON: /);
  const result = readSettings("/nowhere/a.json", schema);
  expect(result).toEqual({
    ok: false,
    failure: [
      {
        code: "settings-unreadable",
        file: "/nowhere/a.json",
        key: "",
        say: "does not exist; give the path of a settings file with --settings FILE",
      },
    ],
  });
});

test("the closest name is meant only when it is close", () => {
  const known = ["site-timeout", "site-timeout-confirmed", "addp-timeout"];
  expect(closestName("site-timout", known)).toBe("site-timeout");
  expect(closestName("stie-timeout", known)).toBe("site-timeout");
  expect(closestName("Site-Timeout", known)).toBe("site-timeout");
  expect(closestName("colour", known)).toBeUndefined();
  expect(closestName("prot", ["port", "host"])).toBe("port");
});
