import { afterEach, expect, test, vi } from "vitest";
import { runDesktopContract } from "../testing/contract-cases.ts";
import { startFakeContractServer } from "../testing/fake-contract-server.ts";
import { startFakeDeployment, type FakeDeployment } from "../testing/fake-deployment.ts";
import { connectDesktop } from "./connect-desktop.ts";
import type { Desktop } from "../desktop/desktop.ts";

runDesktopContract({ startServer: startFakeContractServer, test });

let deployment: FakeDeployment | undefined;
let desktop: Desktop | undefined;

afterEach(async () => {
  desktop?.close();
  await deployment?.stop();
  desktop = undefined;
  deployment = undefined;
});

async function connected(password?: string): Promise<{ at: FakeDeployment; desk: Desktop }> {
  const at = await startFakeDeployment({ application: { "site-timeout": 1 } });
  deployment = at;
  const { local, userName } = at;
  const desk = connectDesktop({
    local,
    userName,
    password: password ?? at.password,
    requestTimeoutMs: 500,
  });
  desktop = desk;
  return { at, desk };
}

test("R1 a wrong password is told, and nothing is tried any more", async () => {
  const { desk } = await connected("wrong");
  const refused = vi.fn();
  desk.on("refused", refused);
  await vi.waitFor(() => expect(refused).toHaveBeenCalledTimes(1));
  expect(refused).toHaveBeenCalledWith(expect.objectContaining({ errorCode: "wrong-credentials" }));
  expect(desk.snapshot().state).toBe("offline");
});

test("R15 after the first login the password is not used again", async () => {
  const { at, desk } = await connected();
  await vi.waitFor(() => expect(desk.snapshot().state).toBe("inService"));
  await desk.commands.switchover();
  await vi.waitFor(() => expect(desk.snapshot().site).toBe("site-2"));
  await vi.waitFor(() => expect(desk.snapshot().services.configuration.status).toBe("ON"));
  const logins = at.sites.flatMap(({ config }) => config.logins.map(({ how }) => how));
  expect(logins).toEqual(["password", "token"]);
});

test("R24 a command whose answer is lost is unknown, and is not sent again", async () => {
  const { at, desk } = await connected();
  await vi.waitFor(() => expect(desk.snapshot().state).toBe("inService"));
  at.sites[0].sip.swallowAnswers(true);
  const outcome = await desk.commands.setReady();
  expect(outcome.kind).toBe("unknown");
  const asked = at.sites[0].sip.requests.filter(
    ({ request }) => request === "RequestAgentSetReady",
  );
  expect(asked).toHaveLength(1);
});

test("a listener that throws keeps nobody else from hearing", async () => {
  const { desk } = await connected();
  const thrown: unknown[] = [];
  const onUncaught = (error: unknown): void => void thrown.push(error);
  process.on("uncaughtException", onUncaught);
  try {
    const unsubscribe = desk.subscribe(() => {
      throw new Error("of the page");
    });
    const heard = vi.fn();
    desk.subscribe(heard);
    await vi.waitFor(() => expect(desk.snapshot().state).toBe("inService"));
    expect(heard).toHaveBeenCalled();
    unsubscribe();
    await vi.waitFor(() => expect(thrown).not.toEqual([]));
  } finally {
    process.off("uncaughtException", onUncaught);
  }
});
