import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodeConfigEvent,
  decodeConfigRequest,
  decodeTlibEvent,
  decodeTlibRequest,
} from "./decode.ts";
import { frameBytesMax, userDataBytesMax } from "./limits.ts";

const answerCall = {
  request: "RequestAnswerCall",
  referenceID: 7,
  thisDN: "1001",
  connID: "0123456789abcdef",
};

describe("a request", () => {
  test("is what its schema says; unknown fields are ignored", () => {
    const text = JSON.stringify({ ...answerCall, colour: "blue" });
    expect(decodeTlibRequest(text)).toEqual({ ok: true, value: answerCall });
  });

  test.each([
    ["thisDN", { ...answerCall, thisDN: 1001 }, "thisDN must be a string."],
    ["thisDN", { ...answerCall, thisDN: "" }, "thisDN must be at least 1 characters long."],
    ["thisDN", { ...answerCall, thisDN: "a\nb" }, "thisDN must match /^\\P{Cc}*$/u."],
    ["connID", { ...answerCall, connID: undefined }, "connID is missing."],
    ["connID", { ...answerCall, connID: "0123" }, "connID must match /^[0-9a-f]{16}$/."],
    [
      "restore.state",
      {
        request: "RequestAgentLogin",
        referenceID: 7,
        thisDN: "1",
        agentID: "1",
        restore: { state: "Asleep" },
      },
      'restore.state must be one of "Ready", "NotReady", "AfterCallWork".',
    ],
    [
      "userData",
      {
        ...answerCall,
        request: "RequestAttachUserData",
        userData: { a: "x".repeat(userDataBytesMax) },
      },
      "userData must be at most 65536 bytes.",
    ],
    [
      "userData.a",
      { ...answerCall, request: "RequestAttachUserData", userData: { a: { b: 1 } } },
      "userData.a has a wrong value.",
    ],
  ])("with a wrong %s is refused by the field's name", (field, request, errorMessage) => {
    expect(decodeTlibRequest(JSON.stringify(request))).toEqual({
      ok: false,
      failure: { errorCode: "invalid-field", errorMessage, field, referenceID: 7 },
    });
  });

  test.each([0, -1, 1.5, 2 ** 31, "7", null])(
    "with the referenceID %s is refused",
    (referenceID) => {
      const decoded = decodeTlibRequest(JSON.stringify({ ...answerCall, referenceID }));
      expect(decoded).toMatchObject({ ok: false, failure: { field: "referenceID" } });
      expect(decoded.ok ? {} : decoded.failure).not.toHaveProperty("referenceID");
    },
  );

  test.each([
    ["unknown-request", '{"request":"RequestTea","referenceID":3}', 3],
    ["unknown-request", '{"request":"toString"}', undefined],
    ["unknown-request", '{"event":"EventRinging"}', undefined],
    ["not-json", "{", undefined],
    ["not-json", "[]", undefined],
    ["not-json", "null", undefined],
    ["frame-too-large", `"${"x".repeat(frameBytesMax)}"`, undefined],
    ["frame-too-large", `"${"é".repeat(frameBytesMax / 2)}"`, undefined],
  ])("%s", (errorCode, text, referenceID) => {
    const decoded = decodeTlibRequest(text);
    const expected = referenceID === undefined ? { errorCode } : { errorCode, referenceID };
    expect(decoded).toMatchObject({ ok: false, failure: expected });
  });

  test("brings neither lone surrogates nor -0 nor __proto__ into a machine", () => {
    const text =
      '{"request":"RequestAttachUserData","referenceID":1,"thisDN":"1","connID":"0123456789abcdef",' +
      '"userData":{"a":"\\ud800x","b":-0,"c":-1e-999,"d":"\\ud83d\\ude00","__proto__":"e"}}';
    const decoded = decodeTlibRequest(text);
    expect(decoded).toMatchObject({
      ok: true,
      value: { userData: { a: "\ufffdx", b: 0, c: 0, d: "😀" } },
    });
    const userData = decoded.ok && "userData" in decoded.value ? decoded.value.userData : {};
    expect(Object.keys(userData ?? {})).toEqual(["a", "b", "c", "d"]);
    expect(Object.is(userData?.["b"], 0) && Object.is(userData?.["c"], 0)).toBe(true);
  });

  test("whatever the text is, the outcome is a value", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        for (const decode of [decodeTlibRequest, decodeTlibEvent, decodeConfigRequest]) {
          expect(typeof decode(text).ok).toBe("boolean");
        }
      }),
    );
  });
});

test("ADDP frames are read beside messages, on both sides", () => {
  const poll = { ok: true, value: { addp: "poll", id: 3 } };
  expect(decodeTlibRequest('{"addp":"poll","id":3}')).toEqual(poll);
  expect(decodeConfigEvent('{"addp":"poll","id":3}')).toEqual(poll);
  expect(decodeTlibEvent('{"addp":"ping","id":3}')).toMatchObject({ failure: { field: "addp" } });
});

describe("configuration", () => {
  const host = { name: "host-1a", address: "127.0.1.10" };

  test("an object is checked by the type beside it", () => {
    const event = {
      event: "EventObjectChanged",
      revision: 4,
      change: "updated",
      type: "Host",
      object: host,
    };
    expect(decodeConfigEvent(JSON.stringify(event))).toEqual({ ok: true, value: event });
    expect(decodeConfigEvent(JSON.stringify({ ...event, type: "Person" }))).toMatchObject({
      failure: { errorCode: "invalid-field", field: "object.userName" },
    });
  });

  test("a login names what is wrong with it", () => {
    const login = { request: "RequestLogin", referenceID: 1, user: "a", password: "b" };
    expect(decodeConfigRequest(JSON.stringify(login))).toMatchObject({
      failure: { field: "applicationName", errorMessage: "applicationName is missing." },
    });
  });
});
