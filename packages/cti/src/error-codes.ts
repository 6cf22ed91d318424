/**
 * The codes of EventError, one closed list for T-Library and ConfigLib (style ERR2), each with a
 * sentence that says what to do. `docs/errors.md` has a row for each; a test keeps both in step.
 */
export const errorCodes = {
  // The frame
  "frame-too-large": "The frame is larger than 256 KB; send less user data.",
  "not-json": "The frame is not a JSON object; send one object per text frame.",
  "unknown-request": "The request's name is not known here; check its spelling and the version.",
  "invalid-field": "A field is missing or has a wrong value; `field` names it.",
  // The session
  "not-registered-client": "No session yet; send RequestRegisterClient first.",
  "token-invalid": "The token is not one of this deployment; log in at a Configuration Server.",
  "token-expired": "The token has expired; log in again at a Configuration Server.",
  "resume-too-old": "The session cannot be continued; register without `resume` and read the DNs.",
  "already-done":
    "The request was executed before and its answer is kept no longer; read the state.",
  "not-serving": "This node does not serve; send the request to the pair's primary.",
  "too-many-sessions": "The server has as many sessions as it may; try later or at the other site.",
  "too-many-requests": "Too many requests at once; wait for `retryAfter` milliseconds.",
  "client-too-slow": "The client did not read its events in time; connect again and resume.",
  "server-stopping": "The server is being shut down; use the other site.",
  "not-in-service": "This site takes no logins now; use the other site.",
  "try-later": "The server is busy with logins; wait for `retryAfter` milliseconds.",
  "internal-error": "The server failed on this request and raised an alarm; read the state.",
  // Addresses
  "dn-unknown": "The DN is not in the configuration; check the Place.",
  "dn-not-permitted": "The DN belongs to none of this person's Places.",
  "dn-not-registered": "The session has not registered this DN; send RequestRegisterAddress first.",
  "too-many-addresses": "The session has registered as many DNs as it may.",
  "dn-out-of-service": "No phone of this DN is registered; log in when it is back in service.",
  // Agents
  "agent-not-permitted": "The Agent Login is not one of this person's.",
  "dn-taken": "Another person is logged in on this DN.",
  "agent-logged-in-elsewhere": "This person is logged in on another DN; log out there first.",
  "not-logged-in": "No agent is logged in on this DN.",
  // Calls
  "call-unknown": "The DN has no call with this connID; it may be over.",
  "call-not-ringing": "The call does not ring at this DN; only a ringing call can be answered.",
  "call-not-established": "The call is not established at this DN; read the DN's calls.",
  "call-not-held": "The call is not on hold at this DN; read the DN's calls.",
  "call-busy": "A change of this call is under way; send the request again when it is done.",
  "call-in-progress": "The DN has a call in progress; hold or release it first.",
  "answer-not-supported": "The phone cannot be told to answer; answer on the phone itself.",
  "destination-invalid": "The destination is no number that can be called.",
  "destination-unknown": "Nothing is configured for this destination.",
  "destination-unavailable": "The destination cannot be reached now.",
  "too-many-calls": "The server has as many calls as it may; try later.",
  "phone-refused": "The phone refused or did not answer; look at the phone.",
  "no-answer": "Nobody answered in time.",
  "user-data-too-large": "The call's user data would be larger than 64 KB.",
  "transfer-not-possible":
    "The call cannot be given to somebody else as it stands; read the DN's calls.",
  "no-consult-call":
    "No consultation call of this connID belongs to the call; read the DN's calls.",
  "consult-call-exists":
    "The call has a consultation call already; complete or release that one first.",
  "redirect-not-possible": "Only a call that rings at this DN can be redirected.",
  "dtmf-not-supported": "The other party takes no DTMF digits.",
  "already-in-state": "It is so already; nothing was changed.",
  "key-unknown": "The call's user data has no such key; read the DN's calls.",
  // What a DN does with calls
  "dnd-on": "The DN does not want to be disturbed; call another one or try later.",
  "forward-invalid": "Calls of this DN cannot be forwarded there; give another destination.",
  "forward-not-set": "No forward of this mode is set at the DN.",
  "monitor-not-possible": "The calls of this DN cannot be observed; give another DN.",
  "monitor-not-set": "The calls of this DN are not observed from here.",
  "dn-is-queue": "The DN is a queue; it has no phone and nobody logs in there.",
  "queue-full": "As many calls wait in the queue as it may hold; try later.",
  // Configuration
  "wrong-credentials": "User name and password do not match.",
  "user-disabled": "This person may not log in; ask an administrator.",
  "application-unknown": "The application is not in the configuration; check its name.",
  "not-logged-in-configuration": "Not logged in; send RequestLogin first.",
  "not-permitted": "The person's role does not allow this.",
  "type-unknown": "There is no object type of this name.",
  "object-unknown": "There is no such object.",
  "object-exists": "An object of this name exists already.",
  "object-conflict": "The object was changed by somebody else meanwhile; read it again.",
  "revision-too-old": "Changes since this revision are kept no longer; read the objects again.",
  "master-unreachable": "The proxy cannot reach the Configuration Server; writes wait for it.",
  "too-many-objects": "The answer would be too large; give a filter.",
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** What to do about it, in a sentence. */
export function errorSentence(code: ErrorCode): string {
  return errorCodes[code];
}

/** Whether a code that came over the wire is one this version knows. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code);
}
