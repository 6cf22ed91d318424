import { listOf, uriScheme, type SipRequest } from "@tandem/sip";

/**
 * What a request outside a dialog may ask of this server at all (RFC 3261 §8.2.2): a Request-URI
 * that it can route on, and no extension that it does not have. INVITE and REGISTER look at their
 * extensions themselves.
 */
export interface Inspection {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
}

export function inspect(request: SipRequest): Inspection | null {
  const scheme = uriScheme(request.uri);
  if (scheme !== "sip" && scheme !== "sips" && scheme !== "tel")
    return { status: 416, headers: [] };
  if (request.method === "INVITE" || request.method === "REGISTER") return null;
  const required = listOf(request, "require");
  if (required.length === 0) return null;
  return { status: 420, headers: [["Unsupported", required.join(", ")]] };
}
