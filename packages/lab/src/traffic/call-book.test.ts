import type { PhoneReport } from "@tandem/softphone";
import { expect, test } from "vitest";
import { type BookEntry, countOf, emptyBook, enter } from "./call-book.ts";

const target = { transport: "UDP", host: "127.0.1.10", port: 5060 } as const;
const placed = (key: string): BookEntry => ({
  kind: "placed",
  key,
  caller: `c-${key}`,
  dn: `10${key}`,
});
const said = (key: string, report: PhoneReport, site: 1 | 2 | null = null): BookEntry => ({
  kind: "reported",
  key,
  report,
  site,
});
const placing = (key: string, site: 1 | 2): BookEntry =>
  said(key, { kind: "placing", call: 1, target, callId: "x" }, site);
const established = (key: string): BookEntry =>
  said(key, { kind: "established", call: 1, direction: "out", callId: "x" });
const ended = (key: string, cause: "remote" | "noAnswer" | "busy", was: boolean): BookEntry =>
  said(key, { kind: "ended", call: 1, cause, wasEstablished: was });

function run(entries: readonly BookEntry[]) {
  let book = emptyBook;
  const lost: string[] = [];
  for (const entry of entries) {
    const booked = enter(book, entry);
    book = booked.book;
    lost.push(...booked.lost);
  }
  return { book, lost };
}

test("a call waits, talks and ends", () => {
  const talking = run([placed("1"), placing("1", 2), established("1")]).book;
  expect([countOf(talking, "waiting"), countOf(talking, "talking", 2)]).toEqual([0, 1]);
  const { book, lost } = run([
    placed("1"),
    placing("1", 2),
    established("1"),
    ended("1", "remote", true),
  ]);
  expect({ ...book, calls: book.calls.size, lost }).toEqual({ calls: 0, answered: 1, lost: [] });
});

test("a site that dies takes the control of its talking calls along, once", () => {
  const { book, lost } = run([
    placed("1"),
    placing("1", 1),
    established("1"),
    placed("2"),
    placing("2", 2),
    established("2"),
    placed("3"),
    placing("3", 1),
    { kind: "siteDied", site: 1 },
    { kind: "siteDied", site: 1 },
    ended("1", "noAnswer", true),
  ]);
  expect(lost).toEqual(["101 with c-1"]);
  expect([book.lost, countOf(book, "waiting"), countOf(book, "talking")]).toEqual([1, 1, 1]);
});

test("a set-up counts as lost only if it fails in the end, and a refusal is no loss", () => {
  expect(run([placed("1"), placing("1", 1), ended("1", "noAnswer", false)]).lost).toEqual([
    "101 with c-1",
  ]);
  expect(run([placed("1"), placing("1", 1), ended("1", "busy", false)]).lost).toEqual([]);
  expect(run([placed("1"), placing("1", 1), placing("1", 2), established("1")]).lost).toEqual([]);
});
