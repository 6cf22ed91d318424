export {
  buildRequest,
  buildResponse,
  type HeaderPair,
  type RequestParts,
  type ResponseParts,
} from "./build.ts";
export { isToken, parseDecimal, quote, unquote } from "./characters.ts";
export { callIdOf, cseqOf, type CSeq } from "./cseq.ts";
export {
  acceptInDialog,
  dialogFromRequest,
  dialogFromResponse,
  isOfDialog,
  refreshTarget,
  type Dialog,
} from "./dialogs/dialog.ts";
export { dialogRequest, nextHopOf, type DialogRequestParts } from "./dialogs/dialog-request.ts";
export {
  buildChallenge,
  parseAuthorization,
  parseChallenge,
  type ChallengeParts,
  type DigestAlgorithm,
  type DigestChallenge,
  type DigestCredentials,
} from "./digest/challenge.ts";
export {
  buildAuthorization,
  chooseChallenge,
  digestResponse,
  ha1Of,
  ha2Of,
  verifyDigest,
  type AuthorizationParts,
  type DigestParts,
  type HashFunction,
} from "./digest/digest.ts";
export { isSameSecret } from "./digest/same-secret.ts";
export { displayNameOf } from "./header-names.ts";
export {
  headerLines,
  headerOf,
  headersOf,
  listOf,
  type HeaderLine,
  type HeaderTable,
} from "./header-table.ts";
export * as sipLimits from "./limits.ts";
export { parameterOf, parseParameters, splitList, type Parameters } from "./list.ts";
export { textOf, type SipMessage, type SipRequest, type SipResponse } from "./message.ts";
export { parseNameAddr, tagOf, uriIn, uriOf, withoutTag, type NameAddr } from "./name-addr.ts";
export { ownText } from "./own-text.ts";
export { parseMessage, type ParseFailure, type ParseFailureCode } from "./parse.ts";
export { reasonPhrase } from "./reason-phrase.ts";
export {
  directionOf,
  sdpView,
  type Direction,
  type SdpMedia,
  type SdpView,
} from "./sdp/sdp-view.ts";
export {
  createStream,
  pushStream,
  type Stream,
  type StreamFailure,
  type StreamOutput,
} from "./stream.ts";
export { ackForFailure, cancelFor } from "./transactions/ack.ts";
export {
  startInviteClient,
  stepInviteClient,
  type InviteClient,
  type InviteClientEffect,
  type InviteClientEvent,
  type InviteClientStep,
  type InviteClientTimer,
} from "./transactions/invite-client.ts";
export {
  startInviteServer,
  stepInviteServer,
  type InviteServer,
  type InviteServerEffect,
  type InviteServerEvent,
  type InviteServerStep,
  type InviteServerTimer,
} from "./transactions/invite-server.ts";
export { clientKey, inviteKeyOf, serverKey } from "./transactions/key.ts";
export {
  startNonInviteClient,
  stepNonInviteClient,
  type NonInviteClient,
  type NonInviteClientEffect,
  type NonInviteClientEvent,
  type NonInviteClientStep,
  type NonInviteClientTimer,
} from "./transactions/non-invite-client.ts";
export {
  startNonInviteServer,
  stepNonInviteServer,
  type NonInviteServer,
  type NonInviteServerEffect,
  type NonInviteServerEvent,
  type NonInviteServerStep,
  type NonInviteServerTimer,
} from "./transactions/non-invite-server.ts";
export type {
  ClientEffect,
  ClientEvent,
  ServerEffect,
  ServerEvent,
  Step,
  TimerEffect,
  Timing,
} from "./transactions/timing.ts";
export { parseHostPort, parseUri, serializeUri, uriScheme, type SipUri } from "./uri.ts";
export { validateRequest, validateResponse, type Refusal } from "./validate.ts";
export { branchCookie, parseVia, responseTarget, stampVia, viaOf, type Via } from "./via.ts";
