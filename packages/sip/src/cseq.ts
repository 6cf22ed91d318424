/** CSeq and Call-ID (RFC 3261 §20.16, §20.8), read on demand. */
import { isToken, skipBlanks } from "./characters.ts";
import { callIdId, cseqId } from "./header-names.ts";
import { firstValueById, type WithHeaders } from "./header-table.ts";
import { cseqMax } from "./limits.ts";

export interface CSeq {
  readonly number: number;
  readonly method: string;
}

/** Undefined when it is missing or wrong; numbers above `cseqMax` are wrong (§8.1.1.5). */
export function cseqOf(message: WithHeaders): CSeq | undefined {
  const value = firstValueById(message.headers, cseqId);
  if (value === undefined) return undefined;
  let index = 0;
  let number = 0;
  for (; ; index += 1) {
    const code = value.charCodeAt(index);
    if (!(code >= 48 && code <= 57)) break;
    number = number * 10 + (code - 48);
    if (number > cseqMax) return undefined;
  }
  const methodStart = skipBlanks(value, index);
  if (index === 0 || methodStart === index) return undefined;
  const method = value.slice(methodStart);
  return isToken(method) ? { number, method } : undefined;
}

/** The Call-ID, or an empty text when there is none. */
export function callIdOf(message: WithHeaders): string {
  return firstValueById(message.headers, callIdId) ?? "";
}
