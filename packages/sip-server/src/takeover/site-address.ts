import type { AddressSettings } from "./address-settings.ts";
import { linuxIpSteps } from "./linux-ip.ts";
import { type RunProgram, runProgram } from "./run-program.ts";
import { scriptSteps } from "./script.ts";

/**
 * The site's address, which the serving node has and the other has not (replication.md, Fencing).
 * One step runs at a time. A step that fails is told and tried again until it is done, or until the
 * opposite is wanted: a node that cannot give the address up never pretends that it has.
 */
export interface SiteAddress {
  /** Resolves when it is held, or no longer wanted: `state` tells which. */
  readonly take: () => Promise<void>;
  readonly drop: () => Promise<void>;
  readonly state: () => AddressState;
  /** Ends retries and announcements; the address stays where it is. */
  readonly close: () => Promise<void>;
}

export type AddressState =
  /** Nothing was asked yet: a process before this one may have left it. */
  "unknown" | "held" | "dropped" | "taking" | "dropping" | `failed: ${string}`;

/** How a kind of address is moved: null is success, a sentence is not. */
export interface AddressSteps {
  readonly take: () => Promise<string | null>;
  readonly drop: () => Promise<string | null>;
  /** Tells the neighbours while it is held, until told to end. */
  readonly announce?: (until: AbortSignal, complain: (sentence: string) => void) => Promise<void>;
}

export interface AddressTools {
  readonly run?: RunProgram;
  /** Each failure, once until it changes. */
  readonly tell: (sentence: string) => void;
}

const retryMs = 250;

export function openSiteAddress(settings: AddressSettings, tools: AddressTools): SiteAddress {
  const run = tools.run ?? runProgram;
  switch (settings.kind) {
    case "loopback":
      return createSiteAddress(boundOnly, tools.tell);
    case "linux-ip":
      return createSiteAddress(linuxIpSteps(settings, run), tools.tell);
    case "script":
      return createSiteAddress(scriptSteps(settings, run), tools.tell);
  }
}

/** Binding it is all there is to do. */
const boundOnly: AddressSteps = {
  take: () => Promise.resolve(null),
  drop: () => Promise.resolve(null),
};

type Wanted = "held" | "dropped";

interface Course {
  readonly steps: AddressSteps;
  readonly tell: (sentence: string) => void;
  state: AddressState;
  wanted: Wanted | null;
  /** Raised by each wish, so that an older one knows that it is over. */
  wish: number;
  running: Promise<void>;
  /** Ends a wait between two tries. */
  wake: () => void;
  announcing: AbortController | null;
  lastTold: string;
  isClosed: boolean;
}

export function createSiteAddress(
  steps: AddressSteps,
  tell: (sentence: string) => void,
): SiteAddress {
  const course: Course = {
    steps,
    tell,
    state: "unknown",
    wanted: null,
    wish: 0,
    running: Promise.resolve(),
    wake: () => undefined,
    announcing: null,
    lastTold: "",
    isClosed: false,
  };
  return {
    take: () => want(course, "held"),
    drop: () => want(course, "dropped"),
    state: () => course.state,
    async close() {
      course.isClosed = true;
      course.announcing?.abort();
      course.wake();
      await course.running;
    },
  };
}

function want(course: Course, wanted: Wanted): Promise<void> {
  if (course.isClosed || course.wanted === wanted) return course.running;
  course.wanted = wanted;
  course.wish += 1;
  const { wish } = course;
  course.announcing?.abort();
  course.announcing = null;
  course.wake();
  course.running = course.running.then(() => pursue(course, wanted, wish));
  return course.running;
}

async function pursue(course: Course, wanted: Wanted, wish: number): Promise<void> {
  const { steps } = course;
  const isWanted = (): boolean => course.wish === wish && !course.isClosed;
  while (isWanted()) {
    // A failure stays to be seen while it is tried again.
    if (!course.state.startsWith("failed")) {
      course.state = wanted === "held" ? "taking" : "dropping";
    }
    const complaint = await (wanted === "held" ? steps.take() : steps.drop());
    if (complaint === null) {
      course.state = wanted;
      course.lastTold = "";
      if (wanted === "held" && isWanted()) announce(course);
      return;
    }
    course.state = `failed: ${complaint}`;
    tellOnce(course, `the address could not be ${actionOf[wanted]}: ${complaint}`);
    if (isWanted()) await pause(course);
  }
}

const actionOf: Readonly<Record<Wanted, string>> = { held: "taken", dropped: "given up" };

function announce(course: Course): void {
  if (course.steps.announce === undefined) return;
  const announcing = new AbortController();
  course.announcing = announcing;
  void course.steps.announce(announcing.signal, (complaint) => {
    if (announcing.signal.aborted) return;
    tellOnce(course, `the neighbours were not told of the address: ${complaint}`);
  });
}

function tellOnce(course: Course, sentence: string): void {
  if (course.lastTold === sentence) return;
  course.lastTold = sentence;
  course.tell(sentence);
}

function pause(course: Course): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, retryMs);
    course.wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}
