/** RequestReadObjects: a page of objects that fits a frame, in the order of their keys. */
import {
  type ConfigEvent,
  type ConfigObject,
  type RequestReadObjects,
  type TokenClaims,
  frameBytesMax,
  objectKeyOf,
  utf8Length,
} from "@tandem/cti";
import { type Configuration, passesFilter, shownTo } from "../configuration.ts";

/** The envelope's share of a frame. */
const envelopeBytes = 1_024;

export function answerRead(
  request: RequestReadObjects,
  configuration: Configuration,
  claims: Omit<TokenClaims, "iss">,
  revision: number,
  pageBytes: number = frameBytesMax - envelopeBytes,
): ConfigEvent {
  const { type, referenceID, filter, after = "" } = request;
  const page: ConfigObject[] = [];
  let bytes = 0;
  let next: string | undefined;
  for (const [key, object] of configuration.byType.get(type) ?? []) {
    if (after !== "" && key <= after) continue;
    if (!passesFilter(object, filter) || !mayRead(claims, type, key)) continue;
    const shown = shownTo(claims.role, object);
    bytes += utf8Length(JSON.stringify(shown)) + 1;
    const last = page.at(-1);
    if (bytes > pageBytes && last !== undefined) {
      next = objectKeyOf(type, last as never); // of the page's type
      break;
    }
    page.push(shown);
  }
  const event = {
    event: "EventObjects",
    referenceID,
    type,
    objects: page,
    revision,
    ...(next === undefined ? {} : { next }),
  };
  return event as ConfigEvent; // the objects are of the type beside them
}

/** An agent reads the deployment, and of the people only itself. */
export function mayRead(
  claims: Pick<TokenClaims, "role" | "sub">,
  type: RequestReadObjects["type"],
  key: string,
): boolean {
  return claims.role !== "agent" || type !== "Person" || key === claims.sub;
}
