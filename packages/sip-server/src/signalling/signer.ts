import { buildAuthorization, parseChallenge } from "@tandem/sip";
import type { Effect, Input } from "@tandem/switch";
import type { TrunkSecret } from "../compile-trunks.ts";
import { digestHash } from "./screen.ts";

/**
 * Answers to a carrier's challenges (RFC 7616): the machine says for which trunk, the edge has the
 * secret. What it cannot answer comes back as null.
 */
export function sign(
  wanted: Extract<Effect, { kind: "sign" }>,
  secrets: ReadonlyMap<string, TrunkSecret>,
): Extract<Input, { kind: "signed" }> {
  const secret = secrets.get(wanted.trunk);
  const challenge = parseChallenge(wanted.challenge);
  if (secret === undefined || challenge === undefined) {
    return { kind: "signed", id: wanted.id, value: null };
  }
  const ha1 = challenge.algorithm === "MD5" ? secret.md5 : secret.sha256;
  const { method, uri, cnonce, nonceCount: nc } = wanted;
  const own = { user: secret.user, ha1, method, uri, cnonce, nc };
  return {
    kind: "signed",
    id: wanted.id,
    value: buildAuthorization(digestHash, wanted.challenge, own),
  };
}
