import { fileURLToPath } from "node:url";
import { etcdMissing } from "@tandem/replica/testing";
import { expect, test } from "vitest";
import { baresipMissing } from "../end-to-end/baresip.ts";
import { inOwnWorld, worldMissing } from "./own-world.ts";

/**
 * A pair on two hosts of their own, with real addresses, `linux-ip`, real etcd and baresip, whose
 * network is cut (replication.md). Each scenario plays in a world of its own and says what came of
 * it.
 */
const worker = fileURLToPath(new URL("scenario-worker.ts", import.meta.url));
const reason = worldMissing() ?? etcdMissing() ?? baresipMissing;
if (reason !== null) process.stderr.write(`network scenarios: ${reason}\n`);

const limitMs = 120_000;

async function play(scenario: string): Promise<unknown> {
  const { code, output, words } = await inOwnWorld({
    command: [process.execPath, "--conditions=@tandem/source", worker, scenario],
    signal: AbortSignal.timeout(limitMs),
  });
  if (code !== 0) throw new Error(`${scenario} ended with ${code}:\n${words}`);
  return JSON.parse(output);
}

const answered = ["EventRinging", "EventEstablished", "EventReleased"];
const heldMeanwhile = [
  "EventRinging",
  "EventEstablished",
  "EventHeld",
  "EventRetrieved",
  "EventReleased",
];
const bothAtSite1 = ["1001 inService at site-1, Ready", "1002 inService at site-1, Ready"];
/** Nobody at a desk or on a call has noticed. */
const unnoticed = { desks: bothAtSite1, events: heldMeanwhile, nextCall: answered };
const replaced = { ...unnoticed, hasChangedPlaces: true, sentByBoth: 0 };

const cases: readonly (readonly [name: string, scenario: string, facts: object])[] = [
  [
    "H4 H7 a host whose cable is pulled is replaced, leaves, and stands by when it is back",
    "hostCut",
    replaced,
  ],
  [
    "H4 H11 a primary that only phones see leaves its doors, and nothing leaves both nodes",
    "onlyPhones",
    replaced,
  ],
  [
    "H3 a primary cut from its standby goes on alone, and the pair heals",
    "linkCut",
    { ...unnoticed, isAsBefore: true, rolesOfPrimary: ["primary"], hasStandbyServed: false },
  ],
  [
    "H12 each member of etcd lost in turn, the leader too: nothing happens",
    "minorityLost",
    {
      desks: bothAtSite1,
      events: heldMeanwhile,
      rolesOfPrimary: ["primary"],
      rolesOfStandby: ["standby"],
      epochsGone: 0,
    },
  ],
  [
    "H5 the majority of etcd lost: a whole pair goes on, and is not ready to switch",
    "majorityLost",
    { ...unnoticed, rolesOfPrimary: ["primary"], rolesOfStandby: ["standby"] },
  ],
  [
    "H4 R8 R17 the majority lost, then the primary killed: agents move, and its call is kept",
    "majorityLostThenKill",
    {
      // Control of her call is lost for a while, so she is not offered another.
      desks: ["1001 inService at site-2, NotReady", "1002 inService at site-2, Ready"],
      registeredAt2: 2,
      nextCall: answered,
      isWithinBound: true,
      hasSomebodyServed: false,
      hasChangedPlaces: true,
    },
  ],
];

test.skipIf(reason !== null).each(cases)(
  reason ?? "%s",
  async (_name, scenario, facts) => {
    expect(await play(scenario)).toEqual(facts);
  },
  limitMs,
);
