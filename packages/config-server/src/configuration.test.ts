import { expect, test } from "vitest";
import { changesBetween, configurationOf, passesFilter, shownTo } from "./configuration.ts";
import { createChangeLog } from "./serve/change-log.ts";
import { answerRead } from "./serve/answer-read.ts";

const host = (name: string, address: string) =>
  ({ type: "Host", object: { name, address } }) as const;
const before = configurationOf([host("a", "1"), host("b", "1")]);
const after = configurationOf([host("c", "1"), host("b", "2")]);
const server = { sub: "s", role: "server", employeeId: "", agentLogins: [], dns: [] } as const;
const agent = { ...server, role: "agent", tenant: "", exp: 1 } as const;

test("changes: deletions first, then by key", () => {
  expect(changesBetween(before, after)).toEqual([
    { change: "deleted", type: "Host", object: { name: "a", address: "1" } },
    { change: "updated", type: "Host", object: { name: "b", address: "2" } },
    { change: "created", type: "Host", object: { name: "c", address: "1" } },
  ]);
  expect(changesBetween(after, after)).toEqual([]);
});

test("revisions: what was missed, nothing, or too old", () => {
  const log = createChangeLog(1_000);
  log.append(changesBetween(before, after));
  expect(log.revision()).toBe(1_003);
  expect(log.since(1_001)?.map(({ revision }) => revision)).toEqual([1_002, 1_003]);
  expect(log.since(1_003)).toEqual([]);
  expect(log.since(999)).toBeUndefined();
  expect(log.since(2_000)).toBeUndefined();
});

test("what a role may see", () => {
  const person = {
    userName: "a",
    employeeId: "e",
    role: "agent",
    passwordHash: "$argon2id$x",
    agentLogins: [],
    places: {},
  } as const;
  expect(shownTo("server", person)).toBe(person);
  expect(shownTo("administrator", person)).not.toHaveProperty("passwordHash");
  expect(passesFilter(person, { role: "agent" })).toBe(true);
  expect(passesFilter(person, { role: "supervisor" })).toBe(false);
});

test("objects come in pages that fit a frame", () => {
  const many = configurationOf([host("a", "1"), host("b", "2"), host("c", "3")]);
  const request = { request: "RequestReadObjects", referenceID: 7, type: "Host" } as const;
  const first = answerRead(request, many, agent, 5, 60);
  expect(first).toMatchObject({ objects: [{ name: "a" }, { name: "b" }], next: "b", revision: 5 });
  const second = answerRead({ ...request, after: "b" }, many, agent, 5, 60);
  expect(second).toEqual({
    event: "EventObjects",
    referenceID: 7,
    type: "Host",
    objects: [{ name: "c", address: "3" }],
    revision: 5,
  });
});

test("an agent reads of the people only itself", () => {
  const people = configurationOf(
    ["alice", "bob"].map((userName) => ({
      type: "Person",
      object: { userName, employeeId: "e", role: "agent", agentLogins: [], places: {} },
    })),
  );
  const request = { request: "RequestReadObjects", referenceID: 1, type: "Person" } as const;
  const peopleFor = (role: "agent" | "server"): unknown => {
    const event = answerRead(request, people, { ...agent, role, sub: "bob" }, 1);
    return event.event === "EventObjects" ? event.objects : [];
  };
  expect(peopleFor("agent")).toMatchObject([{ userName: "bob" }]);
  expect(peopleFor("server")).toHaveLength(2);
});
