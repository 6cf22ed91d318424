import { expect, test } from "vitest";
import { createCaller } from "../lab-phones.ts";
import { openDesktops } from "../sdk-desktop.ts";
import { startLab } from "../start-lab.ts";
import { siteOf } from "../topology.ts";
import { until } from "../until.ts";

const withinMs = 30_000;

/** peers.md P7 with real processes: the queue of a site without agents reaches the other's. */
test("a call that waits at site 2 is taken by the agent who becomes Ready at site 1", async () => {
  const lab = await startLab({ agents: 1, seating: "site-1" });
  const { topology, phones } = lab;
  const [desktop] = await openDesktops(topology, {
    onChange: () => undefined,
    onTimeline: () => undefined,
  });
  if (desktop === undefined) throw new Error("the lab has an agent");
  const caller = await createCaller(topology, siteOf(topology, 2), 0, () => undefined);
  const isRegistered = (account: number): boolean => phones[0]?.isRegistered(account) === true;
  try {
    await until(() => isRegistered(0) && isRegistered(1), withinMs, "the phone is at both sites");
    await until(() => desktop.facts().state === "Not Ready", withinMs, "the agent is logged in");
    expect(desktop.facts().site).toBe(1);
    const call = caller.call("5000");
    await desktop.setReady();
    const isHeard = (): boolean =>
      (caller.rtp(call)?.receivedPackets ?? 0) >= 10 &&
      (phones[0]?.rtp()?.receivedPackets ?? 0) >= 10;
    await until(isHeard, withinMs, "caller and agent hear each other");
    expect(desktop.facts().call).toBe("talking");
    caller.hangup(call);
    await until(() => desktop.facts().call === "none", withinMs, "the call is over");
  } finally {
    await desktop.close();
    await caller.close();
    await lab.stop();
  }
});
