import { describe, expect, test } from "vitest";
import type { AutoPhone } from "../testing/auto-phone.ts";
import { leftWhenAllHangUp, open, startThree, talk } from "../testing/three-phones.ts";

/** Where the phone's only open call sends its media, as the other end last said. */
const mediaOf = (phone: AutoPhone): string => {
  const row = [...phone.dialogs.values()].find((each) => !each.isOver && each.dialog !== null);
  return /^m=audio (\d+)/m.exec(row?.remote ?? "")?.[1] ?? "";
};
const ownMedia = (phone: AutoPhone, other: AutoPhone): boolean =>
  mediaOf(phone) !== "" && mediaOf(other) !== "" && mediaOf(phone) !== mediaOf(other);

describe("by T-Library", () => {
  test("single step: the new party rings, and the transferring one is free at once", () => {
    const three = startThree();
    const { connID } = talk(three);
    three.cora.manner = "ring";
    three.atAnna.send({
      request: "RequestSingleStepTransfer",
      thisDN: "1001",
      connID,
      otherDN: "1003",
    });
    three.settle();
    expect(three.atAnna.names()).toEqual(["EventReleased Transferred"]);
    expect(open(three.anna)).toBe(0);
    expect(three.atBert.names()).toEqual(["EventPartyChanged Transferred"]);
    const [ringing] = three.atCora.heard();
    expect(ringing).toMatchObject({ event: "EventRinging", connID, otherDN: "1002" });
    three.cora.take([...three.cora.dialogs.keys()][0] ?? "");
    three.settle();
    expect(three.atCora.names()).toEqual(["EventEstablished"]);
    expect([open(three.bert), open(three.cora)]).toEqual([1, 1]);
    expect(ownMedia(three.bert, three.cora)).toBe(true);
    expect(leftWhenAllHangUp(three)).toEqual([]);
  });

  test("single step to a busy phone: the call goes on as it was, and the request is refused", () => {
    const three = startThree();
    const { connID } = talk(three);
    three.cora.manner = "busy";
    three.atAnna.send({
      request: "RequestSingleStepTransfer",
      thisDN: "1001",
      connID,
      otherDN: "1003",
    });
    three.settle();
    expect(three.atAnna.names()).toEqual(["EventError destination-unavailable"]);
    expect(three.atBert.names()).toEqual([]);
    expect([open(three.anna), open(three.bert)]).toEqual([1, 1]);
    three.atAnna.send({ request: "RequestHoldCall", thisDN: "1001", connID });
    three.settle();
    expect(three.atAnna.names()).toEqual(["EventHeld Held"]);
    expect(leftWhenAllHangUp(three)).toEqual([]);
  });

  test("two steps, with user data merged", () => {
    const three = startThree();
    const { connID } = talk(three);
    three.atAnna.send({
      request: "RequestAttachUserData",
      thisDN: "1001",
      connID,
      userData: { customer: "42" },
    });
    three.atAnna.send({
      request: "RequestInitiateTransfer",
      thisDN: "1001",
      connID,
      otherDN: "1003",
      userData: { note: "angry" },
    });
    three.settle();
    const seen = three.atAnna.heard();
    expect(seen.map(({ event }) => event)).toEqual([
      "EventAttachedDataChanged",
      "EventHeld",
      "EventDialing",
      "EventEstablished",
    ]);
    const transferConnID =
      "connID" in (seen[3] ?? {}) ? (seen[3] as { connID: string }).connID : "";
    expect(seen[3]).toMatchObject({ callType: "Consult", previousConnID: connID, otherDN: "1003" });
    three.atBert.names();
    three.atCora.names();
    three.atAnna.send({
      request: "RequestCompleteTransfer",
      thisDN: "1001",
      connID,
      transferConnID,
    });
    three.settle();
    expect(three.atAnna.names()).toEqual([
      "EventReleased Transferred",
      "EventReleased Transferred",
    ]);
    expect(three.atBert.heard()).toMatchObject([
      { event: "EventPartyChanged", connID, otherDN: "1003", thirdPartyDN: "1001" },
    ]);
    expect(three.atCora.heard()).toMatchObject([
      {
        event: "EventPartyChanged",
        connID,
        previousConnID: transferConnID,
        otherDN: "1002",
        userData: { customer: "42", note: "angry" },
      },
    ]);
    expect([open(three.anna), open(three.bert), open(three.cora)]).toEqual([0, 1, 1]);
    expect(ownMedia(three.bert, three.cora)).toBe(true);
    expect(leftWhenAllHangUp(three)).toEqual([]);
  });

  test("mute transfer: both steps as soon as the other phone rings", () => {
    const three = startThree();
    const { connID } = talk(three);
    three.cora.manner = "ring";
    three.atAnna.send({ request: "RequestMuteTransfer", thisDN: "1001", connID, otherDN: "1003" });
    three.settle();
    expect(three.atAnna.names()).toEqual([
      "EventHeld Held",
      "EventDialing",
      "EventReleased Transferred",
      "EventReleased Transferred",
    ]);
    three.cora.take([...three.cora.dialogs.keys()][0] ?? "");
    three.settle();
    expect(three.atCora.names()).toEqual([
      "EventRinging",
      "EventPartyChanged Transferred",
      "EventEstablished",
    ]);
    expect([open(three.anna), open(three.bert), open(three.cora)]).toEqual([0, 1, 1]);
    expect(leftWhenAllHangUp(three)).toEqual([]);
  });

  test("alternate and reconnect", () => {
    const three = startThree();
    const { connID } = talk(three);
    const thisDN = "1001";
    three.atAnna.send({ request: "RequestInitiateTransfer", thisDN, connID, otherDN: "1003" });
    three.settle();
    const consult = [...three.script.state.calls.values()].find((call) => call.connID !== connID);
    const second = consult?.connID ?? "";
    three.atAnna.names();
    three.atAnna.send({
      request: "RequestAlternateCall",
      thisDN,
      connID: second,
      heldConnID: connID,
    });
    three.settle();
    expect(three.atAnna.heard()).toMatchObject([
      { event: "EventHeld", connID: second },
      { event: "EventRetrieved", connID },
    ]);
    three.atAnna.send({
      request: "RequestAlternateCall",
      thisDN,
      connID,
      heldConnID: second,
    });
    three.settle();
    three.atAnna.names();
    three.atAnna.send({
      request: "RequestReconnectCall",
      thisDN,
      connID: second,
      heldConnID: connID,
    });
    three.settle();
    expect(three.atAnna.heard()).toMatchObject([
      { event: "EventReleased", connID: second },
      { event: "EventRetrieved", connID },
    ]);
    expect([open(three.anna), open(three.bert), open(three.cora)]).toEqual([1, 1, 0]);
    expect(leftWhenAllHangUp(three)).toEqual([]);
  });
});

describe("by REFER from the phone", () => {
  test("RFC 5589 §6: blind; progress comes by NOTIFY", () => {
    const three = startThree();
    const { atAnna } = talk(three);
    three.anna.heard.length = 0;
    three.anna.request(atAnna, "REFER", [["Refer-To", "<sip:1003@127.0.1.10>"]]);
    three.settle();
    expect(three.anna.heard).toEqual([
      "202 REFER",
      "NOTIFY SIP/2.0 100 Trying",
      "NOTIFY SIP/2.0 180 Ringing",
      "NOTIFY SIP/2.0 200 OK",
      "BYE",
    ]);
    expect(three.atBert.names()).toEqual(["EventPartyChanged Transferred"]);
    expect([open(three.anna), open(three.bert), open(three.cora)]).toEqual([0, 1, 1]);
    expect(leftWhenAllHangUp(three)).toEqual([]);
  });

  test("blind to a busy phone: NOTIFY says so, and the call is where it was", () => {
    const three = startThree();
    const { atAnna } = talk(three);
    three.cora.manner = "busy";
    three.anna.heard.length = 0;
    three.anna.request(atAnna, "REFER", [["Refer-To", "<sip:1003@127.0.1.10>"]]);
    three.settle();
    expect(three.anna.heard.at(-1)).toBe("NOTIFY SIP/2.0 486 Busy Here");
    expect([open(three.anna), open(three.bert)]).toEqual([1, 1]);
    expect(leftWhenAllHangUp(three)).toEqual([]);
  });

  test("RFC 5589 §7: attended, the other dialog named by Replaces", () => {
    const three = startThree();
    const { atAnna } = talk(three);
    const second = three.anna.invite("1003");
    three.settle();
    const dialog = three.anna.dialogs.get(second)?.dialog;
    const replaces = `${second};to-tag=${dialog?.remoteTag};from-tag=${dialog?.localTag}`;
    three.anna.heard.length = 0;
    three.anna.request(atAnna, "REFER", [
      ["Refer-To", `<sip:1003@127.0.1.10?Replaces=${encodeURIComponent(replaces)}>`],
    ]);
    three.settle();
    expect(three.anna.heard.slice(0, 3)).toEqual([
      "202 REFER",
      "NOTIFY SIP/2.0 100 Trying",
      "NOTIFY SIP/2.0 200 OK",
    ]);
    expect([open(three.anna), open(three.bert), open(three.cora)]).toEqual([0, 1, 1]);
    expect(ownMedia(three.bert, three.cora)).toBe(true);
    expect(leftWhenAllHangUp(three)).toEqual([]);
  });

  test("to a number that nobody has: the call goes on", () => {
    const three = startThree();
    const { atAnna } = talk(three);
    three.anna.heard.length = 0;
    three.anna.request(atAnna, "REFER", [["Refer-To", "<sip:7777@127.0.1.10>"]]);
    three.settle();
    expect(three.anna.heard.at(-1)).toBe("NOTIFY SIP/2.0 404 Not Found");
    expect([open(three.anna), open(three.bert)]).toEqual([1, 1]);
    expect(leftWhenAllHangUp(three)).toEqual([]);
  });

  test("another party's dialog cannot be named: 403", () => {
    const three = startThree();
    const { atAnna, atBert } = talk(three);
    const dialog = three.bert.dialogs.get(atBert)?.dialog;
    const replaces = `${atBert};to-tag=${dialog?.remoteTag};from-tag=${dialog?.localTag}`;
    three.anna.heard.length = 0;
    three.anna.request(atAnna, "REFER", [
      ["Refer-To", `<sip:1003@127.0.1.10?Replaces=${encodeURIComponent(replaces)}>`],
    ]);
    three.settle();
    expect(three.anna.heard).toEqual(["403 REFER"]);
    expect(leftWhenAllHangUp(three)).toEqual([]);
  });
});

test("the party that stays hangs up while the new one rings: all is over, the request refused", () => {
  const three = startThree();
  const { connID, atBert } = talk(three);
  three.cora.manner = "silent";
  three.atAnna.send({
    request: "RequestSingleStepTransfer",
    thisDN: "1001",
    connID,
    otherDN: "1003",
  });
  three.settle();
  three.bert.request(atBert, "BYE");
  three.settle();
  expect(three.atAnna.names()).toEqual([
    "EventReleased RemoteRelease",
    "EventError transfer-not-possible",
  ]);
  expect(open(three.anna)).toBe(0);
  expect(leftWhenAllHangUp(three)).toEqual([]);
});

test("mute: the other party's stream goes one way, and back", () => {
  const three = startThree();
  const { connID, atBert } = talk(three);
  three.atAnna.send({ request: "RequestSetMuteOn", thisDN: "1001", connID });
  three.settle();
  expect(three.bert.dialogs.get(atBert)?.remote).toContain("a=recvonly");
  three.atAnna.send({ request: "RequestSetMuteOff", thisDN: "1001", connID });
  three.settle();
  expect(three.bert.dialogs.get(atBert)?.remote).not.toContain("a=recvonly");
  expect(three.atAnna.names()).toEqual(["EventMuteOn", "EventMuteOff"]);
  expect(leftWhenAllHangUp(three)).toEqual([]);
});

test("DTMF: a digit at a time, each in an INFO of its own", () => {
  const three = startThree();
  const { connID } = talk(three);
  three.bert.heard.length = 0;
  three.atAnna.send({ request: "RequestSendDTMF", thisDN: "1001", connID, dtmfDigits: "12#" });
  three.settle();
  expect(three.bert.heard).toEqual(["INFO", "INFO", "INFO"]);
  expect(three.atAnna.heard()).toMatchObject([{ event: "EventDTMFSent", dtmfDigits: "12#" }]);
  expect(leftWhenAllHangUp(three)).toEqual([]);
});

test("a ringing call is redirected, and says who passed it on", () => {
  const three = startThree();
  three.anna.manner = "ring";
  three.bert.invite("1001");
  three.settle();
  const connID = [...three.script.state.calls.values()][0]?.connID ?? "";
  three.atAnna.send({ request: "RequestRedirectCall", thisDN: "1001", connID, otherDN: "1003" });
  three.settle();
  expect(three.atAnna.names()).toEqual(["EventRinging", "EventReleased Redirected"]);
  const invite = [...three.cora.dialogs.values()][0]?.invite;
  expect(invite?.headers.text).toContain("Diversion: <sip:1001@127.0.1.10>;reason=deflection");
  expect(open(three.cora)).toBe(1);
  expect(leftWhenAllHangUp(three)).toEqual([]);
});
