/**
 * What every phone is put through when the primary dies, in three moments: it talks, it rings, or
 * it is placing a call. All columns share one death a moment. A cell is `yes` when the phones, the
 * desktop and the server show it; else it says what was seen.
 */
import type { TestedPhone } from "./phones/tested-phone.ts";
import type { Desk, TakeoverScene } from "./takeover-scene.ts";

export interface TakeoverStage {
  readonly column: string;
  readonly phone: TestedPhone;
  readonly partner: TestedPhone;
  readonly dn: string;
  readonly partnerDn: string;
  readonly desk: Desk;
}

export interface Moment {
  readonly name: string;
  /** Before the death. */
  readonly arrange: (stage: TakeoverStage) => Promise<void>;
  /** After it. */
  readonly check: (stage: TakeoverStage) => Promise<string>;
}

export const moments: readonly Moment[] = [
  { name: "talking: the call goes on", arrange: talk, check: talksOn },
  { name: "ringing: the call is answered", arrange: ring, check: isAnswered },
  { name: "placing: the call is answered", arrange: place, check: isPlaced },
];

export const registrationRow = "registers again by itself";

/** A third of a second of sound. */
const packetsMin = 16;
const withinMs = 15_000;
const lookEveryMs = 50;
/** RFC 3261 timer B, and what comes before it. */
const otherLegEndsWithinMs = 45_000;
const registersWithinMs = 90_000;

async function talk({ phone, partner, dn, desk }: TakeoverStage): Promise<void> {
  await partner.dial(dn);
  await comesTrue("it rings", () => phone.isRinging());
  await phone.accept();
  await hearEachOther(phone, partner);
  await sees(desk, "EventEstablished");
}

/** Hold and resume at the phone, and the other side's BYE: requests of both directions. */
async function talksOn({ phone, partner, desk }: TakeoverStage): Promise<string> {
  await comesTrue("it has its server again", () => phone.isConnected());
  await phone.hold();
  await sees(desk, "EventHeld");
  await phone.resume();
  await sees(desk, "EventRetrieved");
  await hearEachOther(phone, partner);
  await partner.hangup();
  await sees(desk, "EventReleased");
  isOneCall(desk, ["EventRinging", "EventEstablished", "EventHeld", "EventRetrieved"]);
  return "yes";
}

async function ring({ phone, partner, dn, desk }: TakeoverStage): Promise<void> {
  await partner.dial(dn);
  await comesTrue("it rings", () => phone.isRinging());
  await sees(desk, "EventRinging");
}

/** Whoever sits there picks up whenever it rings. */
async function isAnswered({ phone, partner, desk }: TakeoverStage): Promise<string> {
  await comesTrue("it is answered", async () => {
    if (await phone.isRinging()) await phone.accept();
    return desk.events().some(({ event }) => event === "EventEstablished");
  });
  await hearEachOther(phone, partner);
  await phone.hangup();
  await sees(desk, "EventReleased");
  isOneCall(desk, ["EventRinging", "EventEstablished"]);
  return "yes";
}

async function place({ phone, partner, partnerDn, desk }: TakeoverStage): Promise<void> {
  await phone.dial(partnerDn);
  await comesTrue("the other one rings", () => partner.isRinging());
  await comesTrue("it hears the ringing", () => phone.hearsRinging());
  await sees(desk, "EventDialing");
}

export const givesUp = "the phone gives the call up; its other leg is ended, with its events";

/** The other one picks up while the phone still waits; else its ringing must end by itself. */
async function isPlaced({ phone, partner, desk }: TakeoverStage): Promise<string> {
  if (!(await phone.hearsRinging())) {
    await comesTrue(
      "the other one rings no more",
      async () => !(await partner.isRinging()),
      otherLegEndsWithinMs,
    );
    await sees(desk, "EventReleased");
    return givesUp;
  }
  if (await partner.isRinging()) await partner.accept();
  await hearEachOther(phone, partner);
  await phone.hangup();
  await sees(desk, "EventReleased");
  isOneCall(desk, ["EventDialing", "EventEstablished"]);
  return "yes";
}

/** Since it was cleared: how long until a registrar answered after the death. */
export async function registersAgain(
  { phone }: TakeoverStage,
  before: number,
  fromMs: number,
): Promise<number> {
  await comesTrue(
    "it registers again",
    async () => (await phone.registrations()) > before,
    registersWithinMs,
  );
  return performance.now() - fromMs;
}

/** One ConnID, each event once, and nothing of a second call. */
function isOneCall(desk: Desk, wanted: readonly string[]): void {
  const connIDs = new Set(desk.events().map(({ connID }) => connID));
  if (connIDs.size !== 1) throw new Error(`the desktop saw ${connIDs.size} calls`);
  for (const name of wanted) {
    const count = desk.events().filter(({ event }) => event === name).length;
    if (count !== 1) throw new Error(`the desktop saw ${name} ${count} times`);
  }
}

function sees(desk: Desk, name: string): Promise<void> {
  return comesTrue(`the desktop sees ${name}`, async () =>
    desk.events().some(({ event }) => event === name),
  );
}

async function hearEachOther(one: TestedPhone, other: TestedPhone): Promise<void> {
  const phones = [one, other];
  const before = await Promise.all(phones.map(packetsAt));
  await comesTrue("both hear each other", async () => {
    const now = await Promise.all(phones.map(packetsAt));
    // A new call counts from zero again.
    return now.every((count, index) => {
      const start = before[index] ?? 0;
      return count >= (count < start ? 0 : start) + packetsMin;
    });
  });
}

async function packetsAt(phone: TestedPhone): Promise<number> {
  return phone.heardPackets().catch(() => 0); // it has no call yet
}

async function comesTrue(
  what: string,
  isSo: () => Promise<boolean>,
  limitMs: number = withinMs,
): Promise<void> {
  const giveUpAt = performance.now() + limitMs;
  while (!(await isSo())) {
    if (performance.now() > giveUpAt) throw new Error(`in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

/** The cells of a moment and, after the first one, how soon each phone had registered again. */
export async function runMoment(
  scene: TakeoverScene,
  moment: Moment,
  stages: readonly TakeoverStage[],
): Promise<readonly { readonly cell: string; readonly registeredMs: number | null }[]> {
  const ready = await Promise.all(
    stages.map(async (stage) => {
      stage.desk.forget();
      return told(() => moment.arrange(stage).then(() => "yes"));
    }),
  );
  await scene.whole();
  const before = await Promise.all(stages.map(({ phone }) => phone.registrations()));
  const fromMs = performance.now();
  const dies = scene.killPrimary();
  const results = await Promise.all(
    stages.map(async (stage, index) => {
      const registered = registersAgain(stage, before[index] ?? 0, fromMs).catch(() => null);
      await dies;
      const arranged = ready[index] ?? "";
      const cell = arranged === "yes" ? await told(() => moment.check(stage)) : arranged;
      return { cell, registeredMs: await registered };
    }),
  );
  await Promise.all(stages.flatMap(({ phone, partner }) => [phone.clear(), partner.clear()]));
  await scene.startDead();
  return results;
}

async function told(doing: () => Promise<string>): Promise<string> {
  try {
    return await doing();
  } catch (error) {
    return `no: ${error instanceof Error ? error.message : String(error)}`;
  }
}
