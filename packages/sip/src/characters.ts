/**
 * Character classes of RFC 3261 §25.1 as one table of bits, so that a test is one load. Code points
 * above 255 do not occur (text is latin1); they count as no class at all.
 */
const tokenBit = 1;
const digitBit = 2;
const hexBit = 4;
const userBit = 8;
const hostBit = 16;
const parameterBit = 32;

const classes: Uint8Array = buildClasses();

function buildClasses(): Uint8Array {
  const table = new Uint8Array(256);
  const mark = (characters: string, bits: number): void => {
    for (let index = 0; index < characters.length; index += 1) {
      const code = characters.charCodeAt(index);
      table[code] = (table[code] ?? 0) | bits;
    }
  };
  const digits = "0123456789";
  const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  mark(digits + letters, tokenBit | userBit | hostBit | parameterBit);
  mark(digits, digitBit);
  mark(`${digits}abcdefABCDEF`, hexBit);
  mark("-.!%*_+`'~", tokenBit);
  mark("-_.!~*'()", userBit | parameterBit); // mark
  mark("&=+$,;?/", userBit); // user-unreserved
  mark("[]/:&+$", parameterBit); // param-unreserved
  mark("-._", hostBit); // "_" is no hostname character, but occurs in real ones
  return table;
}

function has(code: number, bits: number): boolean {
  return ((classes[code] ?? 0) & bits) !== 0;
}

export function isTokenCode(code: number): boolean {
  return has(code, tokenBit);
}

export function isDigitCode(code: number): boolean {
  return has(code, digitBit);
}

export function isHexCode(code: number): boolean {
  return has(code, hexBit);
}

/**
 * Stands unescaped in the user part of a URI (not in a password, where it is escaped if unsure).
 */
export function isUserCode(code: number): boolean {
  return has(code, userBit);
}

export function isHostCode(code: number): boolean {
  return has(code, hostBit);
}

/** Stands unescaped in a URI parameter. */
export function isParameterCode(code: number): boolean {
  return has(code, parameterBit);
}

/** SP or HTAB. */
export function isBlankCode(code: number): boolean {
  return code === 32 || code === 9;
}

/** Whether `text` holds `lowerCase` (letters, digits, `-`) at `start`, whatever its case. */
export function equalsIgnoringCase(text: string, start: number, lowerCase: string): boolean {
  for (let index = 0; index < lowerCase.length; index += 1) {
    const code = text.charCodeAt(start + index);
    const wanted = lowerCase.charCodeAt(index);
    if (code !== wanted && ((code | 32) !== wanted || wanted < 97)) return false;
  }
  return true;
}

/** One or more token characters and nothing else. */
export function isToken(text: string): boolean {
  if (text.length === 0) return false;
  for (let index = 0; index < text.length; index += 1) {
    if (!isTokenCode(text.charCodeAt(index))) return false;
  }
  return true;
}

/** The first index at or after `from` that holds no SP or HTAB; at most `end`. */
export function skipBlanks(text: string, from: number, end: number = text.length): number {
  let index = from;
  while (index < end && isBlankCode(text.charCodeAt(index))) index += 1;
  return index;
}

/** The index after the last character before `end` that is no SP or HTAB; at least `from`. */
export function trimBlanks(text: string, from: number, end: number): number {
  let index = end;
  while (index > from && isBlankCode(text.charCodeAt(index - 1))) index -= 1;
  return index;
}

/** The index after the token that begins at `from`; `from` itself when none does. */
export function skipToken(text: string, from: number, end: number = text.length): number {
  let index = from;
  while (index < end && isTokenCode(text.charCodeAt(index))) index += 1;
  return index;
}

/**
 * The index after the quoted string that begins at `from` with its quote, or -1 when it does not
 * end before `end`. A backslash takes the next character with it.
 */
export function skipQuoted(text: string, from: number, end: number = text.length): number {
  for (let index = from + 1; index < end; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 34) return index + 1;
    if (code === 92) index += 1;
  }
  return -1;
}

/** What a quoted string (with its quotes) says. */
export function unquote(quoted: string): string {
  const inner = quoted.slice(1, -1);
  if (!inner.includes("\\")) return inner;
  let text = "";
  for (let index = 0; index < inner.length; index += 1) {
    if (inner.charCodeAt(index) === 92) index += 1;
    text += inner.charAt(index);
  }
  return text;
}

/** The quoted string that says `text`. */
export function quote(text: string): string {
  if (!text.includes('"') && !text.includes("\\")) return `"${text}"`;
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** A decimal number of at most `digitsMax` digits and nothing else; undefined for anything else. */
export function parseDecimal(text: string, digitsMax: number): number | undefined {
  if (text.length === 0 || text.length > digitsMax) return undefined;
  let value = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (!isDigitCode(code)) return undefined;
    value = value * 10 + (code - 48);
  }
  return value;
}
