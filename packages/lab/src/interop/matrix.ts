/**
 * What every phone of the matrix is put through. A cell is done when the other phones and the
 * server show it; it says why where the phone cannot do it at all.
 */
import { until } from "../until.ts";
import { noAnswerMs, withinMs, type InteropScene } from "./scene.ts";
import type { Partner, TestedPhone } from "./phones/tested-phone.ts";

export interface Stage {
  readonly scene: InteropScene;
  readonly phone: TestedPhone;
  readonly dn: string;
  readonly partner: Partner;
  readonly partnerDn: string;
  readonly third: Partner;
  readonly thirdDn: string;
}

export interface Feature {
  readonly name: string;
  readonly run: (stage: Stage) => Promise<void>;
}

/** Packets of 20 ms that count as sound: a third of a second. */
const packetsMin = 16;
const lookEveryMs = 50;

export const features: readonly Feature[] = [
  { name: "register", run: register },
  { name: "inbound", run: inbound },
  { name: "outbound", run: outbound },
  { name: "hold and resume", run: hold },
  { name: "DTMF", run: dtmf },
  { name: "cancel", run: cancel },
  { name: "busy", run: busy },
  { name: "no answer", run: noAnswer },
  { name: "single-step transfer", run: singleStepTransfer },
  { name: "two-step transfer", run: twoStepTransfer },
  { name: "REFER, blind", run: referBlind },
  { name: "REFER, attended", run: referAttended },
];

async function register({ scene, dn }: Stage): Promise<void> {
  await until(() => scene.isRegistered(dn), withinMs, "it is registered");
}

async function inbound(stage: Stage): Promise<void> {
  await call(stage);
  await stage.partner.hangup();
}

async function outbound({ phone, partner, partnerDn }: Stage): Promise<void> {
  await phone.dial(partnerDn);
  await rings(partner, "the called phone");
  await partner.accept();
  await talk(phone, partner);
  await phone.hangup();
}

async function hold(stage: Stage): Promise<void> {
  const { phone, scene, dn } = stage;
  await call(stage);
  await phone.hold();
  await until(() => heard(scene, dn, "EventHeld"), withinMs, "the desktop sees the hold");
  await phone.resume();
  await until(() => heard(scene, dn, "EventRetrieved"), withinMs, "the desktop sees the end of it");
  await talk(phone, stage.partner);
}

async function dtmf(stage: Stage): Promise<void> {
  await call(stage);
  await stage.phone.digit("5");
  const isHeard = async (): Promise<boolean> => (await stage.partner.heardDigits()).includes("5");
  await comesTrue("the digit is heard", isHeard);
}

async function cancel({ phone, partner, dn }: Stage): Promise<void> {
  await partner.dial(dn);
  await rings(phone, "the phone");
  await partner.hangup();
  await comesTrue("it rings no more", async () => !(await phone.isRinging()));
}

async function busy({ phone, partner, dn }: Stage): Promise<void> {
  await partner.dial(dn);
  await rings(phone, "the phone");
  await phone.reject();
  const statuses = [486, 600, 603];
  await comesTrue("the caller hears that it is busy", async () =>
    statuses.includes(await partner.refusal()),
  );
}

async function noAnswer({ phone, partner, dn }: Stage): Promise<void> {
  await partner.dial(dn);
  await rings(phone, "the phone");
  await comesTrue(`the caller hears 480 after ${noAnswerMs} ms`, async () =>
    [408, 480].includes(await partner.refusal()),
  );
  await comesTrue("it rings no more", async () => !(await phone.isRinging()));
}

async function singleStepTransfer(stage: Stage): Promise<void> {
  const { scene, dn, thirdDn, third } = stage;
  await call(stage);
  const request = "RequestSingleStepTransfer";
  const asked = scene.ask({ request, thisDN: dn, connID: connIDOf(scene, dn), otherDN: thirdDn });
  await answers(third, "the third phone");
  refuseErrors(await asked);
  await isHandedOver(stage);
  await third.hangup();
}

async function twoStepTransfer(stage: Stage): Promise<void> {
  const { scene, dn, phone, thirdDn, third } = stage;
  await call(stage);
  const connID = connIDOf(scene, dn);
  const begun = scene.ask({
    request: "RequestInitiateTransfer",
    thisDN: dn,
    connID,
    otherDN: thirdDn,
  });
  await answers(phone, "the phone, for its consultation");
  await answers(third, "the third phone");
  refuseErrors(await begun);
  await talk(phone, third);
  const done = scene.ask({
    request: "RequestCompleteTransfer",
    thisDN: dn,
    connID,
    transferConnID: connIDOf(scene, dn),
  });
  refuseErrors(await done);
  await isHandedOver(stage);
  await third.hangup();
}

async function referBlind(stage: Stage): Promise<void> {
  const { phone, third, thirdDn } = stage;
  await call(stage);
  await phone.transfer(thirdDn);
  await answers(third, "the third phone");
  await isHandedOver(stage);
  await third.hangup();
}

async function referAttended(stage: Stage): Promise<void> {
  const { phone, third, thirdDn, scene, dn } = stage;
  await call(stage);
  await phone.hold();
  await until(() => heard(scene, dn, "EventHeld"), withinMs, "the first call is held");
  await phone.dial(thirdDn);
  await answers(third, "the third phone");
  await talk(phone, third);
  await phone.transferToSecond();
  await isHandedOver(stage);
  await third.hangup();
}

/** The partner calls the phone, which answers; both hear each other. */
async function call({ phone, partner, dn }: Stage): Promise<void> {
  await partner.dial(dn);
  await answers(phone, "the phone");
  await talk(phone, partner);
}

/** The phone has left, and the two others hear each other. */
async function isHandedOver({ scene, dn, partner, third }: Stage): Promise<void> {
  await until(() => !scene.hasCall(dn), withinMs, "the phone is out of it");
  await talk(partner, third);
}

async function answers(phone: TestedPhone, who: string): Promise<void> {
  await rings(phone, who);
  await phone.accept();
}

function rings(phone: TestedPhone, who: string): Promise<void> {
  return comesTrue(`${who} rings`, () => phone.isRinging());
}

/** From now on, so that what was heard before does not count. */
async function talk(one: TestedPhone, other: TestedPhone): Promise<void> {
  const phones = [one, other];
  const before = await Promise.all(phones.map((phone) => packetsAt(phone)));
  await comesTrue("both hear each other", async () => {
    const now = await Promise.all(phones.map((phone) => packetsAt(phone)));
    return now.every((count, index) => {
      const start = before[index] ?? 0;
      // A new call counts from zero again.
      return count >= (count < start ? 0 : start) + packetsMin;
    });
  });
}

async function packetsAt(phone: TestedPhone): Promise<number> {
  return phone.heardPackets().catch(() => 0);
}

/** Of the newest call that the desktop heard of at this DN. */
function connIDOf(scene: InteropScene, dn: string): string {
  const connIDs = scene.eventsOf(dn).flatMap(({ connID }) => (isText(connID) ? [connID] : []));
  return connIDs.at(-1) ?? "";
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function heard(scene: InteropScene, dn: string, event: string): boolean {
  return scene.eventsOf(dn).some((message) => message["event"] === event);
}

function refuseErrors(answer: Readonly<Record<string, unknown>>): void {
  if (answer["event"] !== "EventError") return;
  throw new Error(`${String(answer["errorCode"])}: ${String(answer["errorMessage"])}`);
}

async function comesTrue(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() > giveUpAt) throw new Error(`in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

/** `yes`, or why not. */
export async function runCell(stage: Stage, feature: Feature): Promise<string> {
  const { scene, phone, partner, third } = stage;
  scene.begin(stage.dn);
  try {
    await within(cellWithinMs, feature.run(stage));
    return "yes";
  } catch (error) {
    return `no: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    for (const each of [phone, partner, third]) await within(withinMs, each.clear());
  }
}

/** A cell waits for answers of others: one that never comes must not hold up the matrix. */
const cellWithinMs = 40_000;

async function within(ms: number, doing: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${ms} ms`)), ms);
  });
  try {
    await Promise.race([doing, late]);
  } finally {
    clearTimeout(timer);
  }
}
