/**
 * The few forms of DER (X.690) that a certificate is made of: tag, length, value. Written only;
 * certificates are read by Node.
 */
export function sequence(...parts: readonly Uint8Array[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

export function setOf(...parts: readonly Uint8Array[]): Buffer {
  return tagged(0x31, Buffer.concat(parts));
}

/** A non-negative number, most significant byte first. */
export function integer(bytes: Uint8Array): Buffer {
  const isNegative = ((bytes[0] ?? 0) & 0x80) !== 0;
  return tagged(0x02, isNegative ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

export function boolean(value: boolean): Buffer {
  return tagged(0x01, Buffer.from([value ? 0xff : 0]));
}

export function utf8String(text: string): Buffer {
  return tagged(0x0c, Buffer.from(text, "utf8"));
}

export function octetString(bytes: Uint8Array): Buffer {
  return tagged(0x04, bytes);
}

/** `unusedBits` of the last byte. */
export function bitString(bytes: Uint8Array, unusedBits = 0): Buffer {
  return tagged(0x03, Buffer.concat([Buffer.from([unusedBits]), bytes]));
}

/** `2.5.29.17` */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return tagged(0x06, Buffer.from([40 * first + second, ...rest.flatMap(base128)]));
}

/** GeneralizedTime, whole seconds. */
export function time(epochMs: number): Buffer {
  const digits = new Date(epochMs).toISOString().replace(/[-:T]/g, "").slice(0, 14);
  return tagged(0x18, Buffer.from(`${digits}Z`, "latin1"));
}

/** Context-specific tag: `[number]`, around other values or as a plain one. */
export function context(number: number, isConstructed: boolean, bytes: Uint8Array): Buffer {
  return tagged(0x80 | (isConstructed ? 0x20 : 0) | number, bytes);
}

function tagged(tag: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([tag, ...lengthOf(bytes.length)]), bytes]);
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length];
  const digits: number[] = [];
  for (let rest = length; rest > 0; rest >>= 8) digits.unshift(rest & 0xff);
  return [0x80 | digits.length, ...digits];
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let rest = value >> 7; rest > 0; rest >>= 7) digits.unshift(0x80 | (rest & 0x7f));
  return digits;
}
