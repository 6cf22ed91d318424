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

test.skipIf(reason !== null)(
  reason ?? "H4 H7 a host whose cable is pulled is replaced, leaves, and stands by when it is back",
  async () => {
    expect(await play("hostCut")).toEqual({
      desks: bothAtSite1,
      events: heldMeanwhile,
      nextCall: answered,
      hasChangedPlaces: true,
      sentByBoth: 0,
    });
  },
  limitMs,
);
