import { describe, expect, test } from "vitest";
import { buildResponse, type HeaderPair } from "../build.ts";
import { requestFrom, responseFrom, sampleRequest } from "../testing/samples.ts";
import type { SipRequest } from "../message.ts";
import {
  acceptInDialog,
  type Dialog,
  dialogFromRequest,
  dialogFromResponse,
  isOfDialog,
  refreshTarget,
} from "./dialog.ts";
import { dialogRequest, nextHopOf } from "./dialog-request.ts";

const routes: HeaderPair[] = [
  ["Record-Route", "<sip:p2;lr>, <sip:p1;lr>"],
  ["Record-Route", "<sip:p0;lr>"],
];
const contact: HeaderPair = ["Contact", "<sip:bob@10.0.0.2:5062;x=1>;expires=3"];

function uacDialog(status = 200, headers: readonly HeaderPair[] = [contact]): Dialog | undefined {
  const invite = sampleRequest({ cseq: 7 });
  return dialogFromResponse(
    invite,
    responseFrom(buildResponse(invite, status, { toTag: "bob-1", headers })),
  );
}

function sound(dialog: Dialog | undefined): Dialog {
  if (dialog === undefined) throw new Error("no dialog");
  return dialog;
}

describe("making one", () => {
  test("RFC3261-12.1.2 of the caller: the route set is reversed", () => {
    expect(uacDialog(200, [contact, ...routes])).toEqual({
      callId: "call-1@a.example",
      localTag: "alice-1",
      remoteTag: "bob-1",
      localUri: '"Alice" <sip:alice@a.example>',
      remoteUri: "<sip:bob@b.example>",
      localCseq: 7,
      remoteCseq: -1,
      routeSet: ["<sip:p0;lr>", "<sip:p1;lr>", "<sip:p2;lr>"],
      remoteTarget: "sip:bob@10.0.0.2:5062;x=1",
      isEarly: false,
      role: "uac",
    });
  });

  test("RFC3261-12.1.1 of the called: the route set is in order", () => {
    expect(dialogFromRequest(sampleRequest({ cseq: 7, headers: routes }), "bob-1")).toEqual({
      callId: "call-1@a.example",
      localTag: "bob-1",
      remoteTag: "alice-1",
      localUri: "<sip:bob@b.example>",
      remoteUri: '"Alice" <sip:alice@a.example>',
      localCseq: 0,
      remoteCseq: 7,
      routeSet: ["<sip:p2;lr>", "<sip:p1;lr>", "<sip:p0;lr>"],
      remoteTarget: "sip:alice@a.example:5062",
      isEarly: true,
      role: "uas",
    });
  });

  test("RFC3261-12.1 early and none", () => {
    expect(uacDialog(180)?.isEarly).toBe(true);
    expect(uacDialog(180, [])?.remoteTarget).toBe("sip:bob@b.example");
    expect([uacDialog(100), uacDialog(486)]).toEqual([undefined, undefined]);
    const legacy = requestFrom(
      "INVITE sip:b SIP/2.0\r\nf: <sip:a>\r\nm: <sip:a>\r\nCSeq: 1 INVITE\r\n\r\n",
    );
    expect(dialogFromRequest(legacy, "x")).toBeUndefined();
  });
});

describe("RFC3261-12.2.1.1 requests within", () => {
  test.each([
    ["no routes", [], "sip:bob@10.0.0.2:5062;x=1", undefined, "sip:bob@10.0.0.2:5062;x=1"],
    [
      "loose",
      ["<sip:p1;lr>", "<sip:p2>"],
      "sip:bob@10.0.0.2:5062;x=1",
      ["<sip:p1;lr>", "<sip:p2>"],
      "sip:p1;lr",
    ],
    [
      "strict",
      ["<sip:a;lr@p1;x>", "<sip:p2;lr>"],
      "sip:a;lr@p1;x",
      ["<sip:p2;lr>", "<sip:bob@10.0.0.2:5062;x=1>"],
      "sip:a;lr@p1;x",
    ],
  ])("%s routing", (_kind, routeSet, uri, written, nextHop) => {
    const dialog = { ...sound(uacDialog()), routeSet };
    const { text, cseq } = dialogRequest(dialog, "BYE", { via: "SIP/2.0/UDP a;branch=z9hG4bK2" });
    const lines = text.split("\r\n");
    expect(lines[0]).toBe(`BYE ${uri} SIP/2.0`);
    expect(lines.filter((line) => line.startsWith("Route"))).toEqual(
      (written ?? []).map((route) => `Route: ${route}`),
    );
    expect(lines).toContain('From: "Alice" <sip:alice@a.example>;tag=alice-1');
    expect(lines).toContain("To: <sip:bob@b.example>;tag=bob-1");
    expect([cseq, dialog.localCseq, nextHopOf(dialog)]).toEqual([8, 8, nextHop]);
  });

  test("RFC3261-13.2.2.4 an ACK has the number of its INVITE", () => {
    const dialog = sound(uacDialog());
    const via = "SIP/2.0/UDP a;branch=z9hG4bK2";
    expect(dialogRequest(dialog, "ACK", { via }).cseq).toBe(7);
    expect(dialogRequest(dialog, "INVITE", { via, contact: "<sip:a>", body: "x" }).cseq).toBe(8);
    expect(dialogRequest(dialog, "ACK", { via, cseq: 7 }).text).toContain("CSeq: 7 ACK");
    expect(dialog.localCseq).toBe(8);
  });
});

describe("RFC3261-12.2.2 requests that come in", () => {
  const within = (cseq: number, method: string): SipRequest =>
    sampleRequest({ cseq, method, toTag: "bob-1" });

  test("the number rises, an ACK carries that of its INVITE", () => {
    const dialog = sound(dialogFromRequest(sampleRequest({ cseq: 7 }), "bob-1"));
    expect(
      (
        [
          [7, "ACK"],
          [7, "INVITE"],
          [9, "INVITE"],
          [8, "BYE"],
          [8, "ACK"],
          [10, "ACK"],
          [9, "ACK"],
          [10, "BYE"],
        ] as const
      ).map(([cseq, method]) => acceptInDialog(dialog, within(cseq, method))),
    ).toEqual([
      "inOrder",
      "outOfOrder",
      "inOrder",
      "outOfOrder",
      "inOrder",
      "outOfOrder",
      "inOrder",
      "inOrder",
    ]);
    expect(dialog.remoteCseq).toBe(10);
  });

  test("they are known by Call-ID and tags, whatever the Request-URI", () => {
    const dialog = sound(dialogFromRequest(sampleRequest(), "bob-1"));
    expect(isOfDialog(dialog, sampleRequest({ uri: "sip:other", toTag: "bob-1" }))).toBe(true);
    expect(isOfDialog(dialog, sampleRequest({ toTag: "bob-2" }))).toBe(false);
    const ours = sound(uacDialog());
    const bye = sampleRequest({ toTag: "bob-1", method: "BYE" });
    expect(isOfDialog(ours, responseFrom(buildResponse(bye, 200)))).toBe(true);
  });

  test("a re-INVITE moves the target, the route set stays", () => {
    const dialog = { ...sound(uacDialog()), routeSet: ["<sip:p;lr>"] };
    refreshTarget(dialog, sampleRequest({ headers: [["Record-Route", "<sip:q;lr>"]] }));
    expect([dialog.remoteTarget, dialog.routeSet]).toEqual([
      "sip:alice@a.example:5062",
      ["<sip:p;lr>"],
    ]);
  });
});
