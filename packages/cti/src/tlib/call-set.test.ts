import { describe, expect, test } from "vitest";
import { decodeTlibRequest } from "../decode.ts";

/** The requests of the call set: what each must have, and what is no such request. */
const asked = { referenceID: 7, thisDN: "1001" };
const onCall = { ...asked, connID: "0123456789abcdef" };
const other = "fedcba9876543210";

function failureOf(request: object): string {
  const decoded = decodeTlibRequest(JSON.stringify(request));
  return decoded.ok ? "" : decoded.failure.errorMessage;
}

describe("what each request must have", () => {
  test.each([
    { request: "RequestClearCall", ...onCall },
    { request: "RequestAlternateCall", ...onCall, heldConnID: other },
    { request: "RequestReconnectCall", ...onCall, heldConnID: other },
    { request: "RequestInitiateTransfer", ...onCall, otherDN: "1002", userData: { a: 1 } },
    { request: "RequestMuteTransfer", ...onCall, otherDN: "1002", reasons: { why: "x" } },
    { request: "RequestSingleStepTransfer", ...onCall, otherDN: "1002", extensions: { b: true } },
    { request: "RequestCompleteTransfer", ...onCall, transferConnID: other },
    { request: "RequestRedirectCall", ...onCall, otherDN: "1002" },
    { request: "RequestSendDTMF", ...onCall, dtmfDigits: "0123456789*#ABCD" },
    { request: "RequestSetMuteOn", ...onCall },
    { request: "RequestSetMuteOff", ...onCall },
    { request: "RequestUpdateUserData", ...onCall, userData: {} },
    { request: "RequestDeletePair", ...onCall, key: "account" },
    { request: "RequestCallForwardSet", ...asked, otherDN: "1002", forwardMode: "OnBusy" },
    { request: "RequestCallForwardCancel", ...asked },
    { request: "RequestSetDNDOn", ...asked },
    { request: "RequestSetDNDOff", ...asked },
    { request: "RequestAgentForceLogout", ...asked, targetDN: "1002" },
    {
      request: "RequestMonitorNextCall",
      ...asked,
      otherDN: "1002",
      monitorNextCallType: "MonitorOneCall",
    },
    { request: "RequestCancelMonitoring", ...asked, otherDN: "1002" },
  ])("$request", (request) => {
    expect(decodeTlibRequest(JSON.stringify(request))).toEqual({ ok: true, value: request });
    const optional = ["userData", "reasons", "extensions"];
    for (const field of Object.keys(request)) {
      if (field === "request" || (optional.includes(field) && request.request !== updates))
        continue;
      const { [field]: _, ...rest } = request as Record<string, unknown>; // any of its fields
      expect(failureOf(rest)).toBe(`${field} is missing.`);
    }
  });
});

const updates = "RequestUpdateUserData";

test.each([
  [{ request: "RequestSendDTMF", ...onCall, dtmfDigits: "" }, "dtmfDigits must be at least 1"],
  [{ request: "RequestSendDTMF", ...onCall, dtmfDigits: "5a" }, "dtmfDigits must match"],
  [{ request: "RequestSendDTMF", ...onCall, dtmfDigits: "1".repeat(65) }, "dtmfDigits must be at"],
  [
    { request: "RequestCallForwardSet", ...asked, otherDN: "1002", forwardMode: "Sometimes" },
    'forwardMode must be one of "Unconditional"',
  ],
  [
    {
      request: "RequestMonitorNextCall",
      ...asked,
      otherDN: "1002",
      monitorNextCallType: "Whisper",
    },
    'monitorNextCallType must be one of "MonitorOneCall"',
  ],
])("%j is refused", (request, says) => {
  expect(failureOf(request)).toContain(says);
});
