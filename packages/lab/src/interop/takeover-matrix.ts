/**
 * What every phone is put through when the primary dies, in three moments: it talks, it rings, or
 * it is placing a call. All columns share one death a moment. A cell is `yes` when the phones, the
 * desktop and the server show it; else it says what was seen.
 */
import type { PhoneChoice, TestedPhone } from "./phones/tested-phone.ts";
import type { Desk, TakeoverScene } from "./takeover-scene.ts";

export interface TakeoverStage {
  readonly column: string;
  readonly transport: PhoneChoice["transport"];
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

/** How soon it has a registration of the new primary over a new connection. */
export const registrationRow = "connects and registers again by itself";

/** A third of a second of sound. */
const packetsMin = 16;
const withinMs = 15_000;
/** A phone that does not notice is reached with its next registration (`flow-expires`). */
const reachedWithinMs = 40_000;
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
  await hearEachOther(phone, partner, reachedWithinMs);
  await phone.hangup();
  await sees(desk, "EventReleased");
  isOneCall(desk, ["EventDialing", "EventEstablished"]);
  return "yes";
}

/** Since its number of registrations was `before`; over UDP there is no connection to lose. */
async function registersAgain(
  { phone, transport }: TakeoverStage,
  before: number,
): Promise<string> {
  if (transport === "UDP") return noConnection;
  const fromMs = performance.now();
  const isGranted = async (): Promise<boolean> => (await phone.registrations()) > before;
  await comesTrue("it registers again", isGranted, registersWithinMs);
  const seconds = (performance.now() - fromMs) / 1_000;
  return `within ${bounds.find((bound) => seconds <= bound) ?? registersWithinMs / 1_000} s`;
}

/** Seconds: a connection that is missed at once, and a registration that is renewed in time. */
const bounds = [5, 30];
export const noConnection = "over UDP nothing is lost that would have to be made again";

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

async function hearEachOther(
  one: TestedPhone,
  other: TestedPhone,
  limitMs: number = withinMs,
): Promise<void> {
  const phones = [one, other];
  const before = await Promise.all(phones.map(packetsAt));
  const isHeard = async (): Promise<boolean> => {
    const now = await Promise.all(phones.map(packetsAt));
    // A new call counts from zero again.
    return now.every((count, index) => {
      const start = before[index] ?? 0;
      return count >= (count < start ? 0 : start) + packetsMin;
    });
  };
  await comesTrue("both hear each other", isHeard, limitMs);
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

export interface MomentResult {
  readonly cell: string;
  readonly registration: string;
}

/** One death for all columns: what became of each. */
export async function runMoment(
  scene: TakeoverScene,
  moment: Moment,
  stages: readonly TakeoverStage[],
): Promise<readonly MomentResult[]> {
  for (const { desk } of stages) desk.forget();
  const arranged = await Promise.all(
    stages.map((stage) => told(() => moment.arrange(stage).then(() => "yes"))),
  );
  await scene.whole();
  const before = await Promise.all(stages.map(({ phone }) => phone.registrations()));
  const dies = scene.killPrimary();
  const results = await Promise.all(
    stages.map(async (stage, index) => {
      const registers = told(() => registersAgain(stage, before[index] ?? 0));
      await dies;
      const ready = arranged[index] ?? "";
      const cell = ready === "yes" ? await told(() => moment.check(stage)) : ready;
      return { cell, registration: await registers };
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
