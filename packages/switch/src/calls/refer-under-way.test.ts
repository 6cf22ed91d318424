import { describe, expect, test } from "vitest";
import { leftWhenAllHangUp, open, startThree, talk } from "../testing/three-phones.ts";

/** REFER from the phone; the new party rings, and the one that gives its part away has it still. */
describe("while the new party rings", () => {
  test("the call is still shown to the DN that gives it away", () => {
    const three = startThree();
    const { atAnna, connID } = talk(three);
    three.cora.manner = "ring";
    three.anna.request(atAnna, "REFER", [["Refer-To", "<sip:1003@127.0.1.10>"]]);
    three.settle();
    three.atAnna.heard();
    three.atAnna.send({ request: "RequestQueryAddress", thisDN: "1001" });
    expect(three.atAnna.heard()).toMatchObject([
      {
        event: "EventAddressInfo",
        address: { calls: [{ connID, partyState: "Established", otherDN: "1002" }] },
      },
    ]);
    three.script.pass(200_000);
    expect(leftWhenAllHangUp(three)).toEqual([]);
  });

  test("the DN that gives the call away may change its data, not the call", () => {
    const three = startThree();
    const { atAnna, connID } = talk(three);
    three.cora.manner = "ring";
    three.anna.request(atAnna, "REFER", [["Refer-To", "<sip:1003@127.0.1.10>"]]);
    three.settle();
    for (const desktop of [three.atAnna, three.atBert, three.atCora]) desktop.heard();
    const named = { thisDN: "1001", connID };
    three.atAnna.send({ request: "RequestAttachUserData", ...named, userData: { Why: "tax" } });
    for (const desktop of [three.atAnna, three.atBert, three.atCora]) {
      expect(desktop.heard()).toMatchObject([
        { event: "EventAttachedDataChanged", userData: { Why: "tax" } },
      ]);
    }
    three.atAnna.send({ request: "RequestHoldCall", ...named });
    expect(three.atAnna.heard()).toMatchObject([{ event: "EventError", errorCode: "call-busy" }]);
    three.script.pass(200_000);
    expect(leftWhenAllHangUp(three)).toEqual([]);
  });

  test("the desktop that gives the call away hangs up: it is out", () => {
    const three = startThree();
    const { atAnna, connID } = talk(three);
    three.cora.manner = "ring";
    three.anna.request(atAnna, "REFER", [["Refer-To", "<sip:1003@127.0.1.10>"]]);
    three.settle();
    for (const desktop of [three.atAnna, three.atBert]) desktop.heard();
    three.anna.heard.length = 0;
    three.atAnna.send({ request: "RequestReleaseCall", thisDN: "1001", connID });
    three.settle();
    expect(three.anna.heard).toEqual(["BYE"]);
    expect(three.atAnna.names()).toEqual(["EventReleased Transferred"]);
    expect(three.atBert.names()).toEqual(["EventPartyChanged Transferred"]);
    expect([open(three.anna), open(three.bert)]).toEqual([0, 1]);
    three.cora.take([...three.cora.dialogs.keys()][0] ?? "");
    three.settle();
    expect([open(three.anna), open(three.bert), open(three.cora)]).toEqual([0, 1, 1]);
    expect(leftWhenAllHangUp(three)).toEqual([]);
  });
});
