import { expect, test } from "vitest";
import {
  canonicalNameOf,
  displayNameOf,
  hashNameCode,
  nameIdAt,
  nameIdOf,
} from "./header-names.ts";

function canonical(name: string): string {
  let hash = 0;
  for (const character of name) hash = hashNameCode(hash, character.charCodeAt(0));
  const id = nameIdAt(name, 0, name.length, hash);
  return id < 0 ? "unknown" : canonicalNameOf(id);
}

test.each([
  ["i", "call-id"],
  ["m", "contact"],
  ["f", "from"],
  ["t", "to"],
  ["v", "via"],
  ["c", "content-type"],
  ["l", "content-length"],
  ["k", "supported"],
  ["s", "subject"],
  ["e", "content-encoding"],
  ["o", "event"],
  ["r", "refer-to"],
  ["b", "referred-by"],
  ["u", "allow-events"],
  ["x", "session-expires"],
  ["a", "accept-contact"],
  ["j", "reject-contact"],
  ["d", "request-disposition"],
  ["y", "identity"],
  ["CALL-id", "call-id"],
  ["p-Asserted-Identity", "p-asserted-identity"],
  ["q", "unknown"],
  ["calm-id", "unknown"],
  ["call\rid", "unknown"], // differs from "-" in the bit that makes capitals
])("RFC3261-7.3.3 %s is %s", (written, expected) => {
  expect(canonical(written)).toBe(expected);
  expect(canonical(written.toUpperCase())).toBe(expected);
});

test("names are written in their usual form", () => {
  expect(["cseq", "www-authenticate", "call-id", "x-user-data"].map(displayNameOf)).toEqual([
    "CSeq",
    "WWW-Authenticate",
    "Call-ID",
    "X-User-Data",
  ]);
  expect(nameIdOf("x-user-data")).toBe(-1);
});
