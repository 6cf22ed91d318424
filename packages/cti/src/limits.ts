/**
 * The limits of the wire (cti.md, Wire). Everything a client or a server may send has one; what is
 * above is refused with a code of `docs/errors.md`.
 */

/** UTF-8 bytes of one text frame. */
export const frameBytesMax = 262_144;
/** UTF-8 bytes of one list of user data, reasons or extensions, counted as JSON. */
export const userDataBytesMax = 65_536;
/** Pairs of one such list. */
export const userDataPairsMax = 1_000;
/** referenceIDs are positive and fit 31 bits. */
export const referenceIDMax = 2_147_483_647;
/** Characters of a DN, an agent's code, a user name, a name of a configuration object. */
export const nameLengthMax = 128;
/** Characters of a token. */
export const tokenLengthMax = 8_192;
/** Milliseconds of after-call work that a request may ask for: a day. */
export const afterCallWorkMsMax = 86_400_000;
/** Seconds of an ADDP timeout (domain.md §7.3). */
export const addpTimeoutSecondsMax = 3_600;
/** Names in one list of a configuration object. */
export const membersMax = 20_000;
/** Objects in one ConfigLib answer; more are asked for with a filter. */
export const objectsMax = 20_000;

/** Digits of one RequestSendDTMF. */
export const dtmfDigitsMax = 64;
/** Forwards of a DN: one of each mode. */
export const forwardsMax = 3;
/** Calls of one DN in a snapshot. */
export const callsOfDnMax = 1_000;

/** UTF-8 bytes of a text; a lone surrogate counts as three, as an encoder replaces it. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    const isPair = unit >= 0xd800 && unit <= 0xdbff && isLowSurrogate(text.charCodeAt(index + 1));
    bytes += unit < 0x800 ? 1 : 2;
    if (isPair) index += 1; // four bytes in two units: two were added
  }
  return bytes;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
