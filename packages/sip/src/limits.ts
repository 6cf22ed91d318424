/**
 * The limits of what this package takes from the outside (style ERR4). A message beyond one of them
 * is refused with a clear answer, never cut. Bytes and characters are the same here: text is
 * latin1.
 */

/** A whole message; what RFC 3261 §18.1.1 obliges every element to take over UDP. */
export const messageBytesMax = 65_536;
/** Header lines of one message, continuation lines not counted. */
export const headerLinesMax = 256;
/** The value of one header line, folds included. */
export const headerValueBytesMax = 8_192;
/**
 * The same of a line that goes into answers and into requests of ours (Via, From, To, Call-ID,
 * CSeq, Contact): it grows there by a tag or an address, and must stay below the limit above.
 */
export const echoedValueBytesMax = 4_096;
/** A header field name. */
export const headerNameBytesMax = 128;
/** A Request-URI, and any URI that is parsed. */
export const uriBytesMax = 1_024;
/** A method name. */
export const methodBytesMax = 64;
/** Empty lines before a start line (RFC 3261 §7.5), in characters. */
export const leadingEmptyBytesMax = 64;
/** CSeq numbers are below 2³¹ (RFC 3261 §8.1.1.5). */
export const cseqMax = 2_147_483_647;
/** Max-Forwards is one octet (RFC 3261 §20.22). */
export const maxForwardsMax = 255;
/** Digits of a number of any header; more cannot be a number this protocol knows. */
export const numberDigitsMax = 10;
/** Keep-alives (RFC 5626 §3.5.1) taken in one push of a stream; more is a flood. */
export const keepAlivesPerPushMax = 1_024;
/** Elements of a comma list that are looked at, over all lines of a header. */
export const listElementsMax = 1_024;
/** Via values of one message; more is a loop or an attack. */
export const viasMax = 70;
/** Contacts of one message: the bindings that one REGISTER may name. */
export const contactsMax = 64;
/** Routes of one dialog. */
export const routesMax = 32;
/** Media sections that the SDP view shows. */
export const mediaMax = 32;
