import { afterEach, expect, test, vi } from "vitest";
import { startFakeDeployment, type FakeDeployment } from "../testing/fake-deployment.ts";
import { AilLoader } from "./ail-loader.ts";

/** The AIL's names over the store: what the seed's sample asks of them. */
let deployment: FakeDeployment | undefined;
let loader: AilLoader | undefined;

afterEach(async () => {
  loader?.killFactory();
  await deployment?.stop();
});

async function start(password?: string): Promise<{ at: FakeDeployment; ail: AilLoader }> {
  const at = await startFakeDeployment({ application: { "site-timeout": 1 } });
  const { local, userName } = at;
  const ail = new AilLoader({ local, userName, password: password ?? at.password });
  deployment = at;
  loader = ail;
  return { at, ail };
}

test("factory, services, person, place and DN; listeners go on hearing at the other site", async () => {
  const { at, ail } = await start();
  const factory = await ail.getAilFactory();
  if (factory === null) throw ail.getInitException() ?? new Error("no factory");
  expect(await ail.getAilFactory()).toBe(factory);
  expect(factory.getPerson("agent-1001")?.getAnnex()["agent-desktop"]?.["site-1"]).toBe(
    "desktop-1",
  );
  expect(factory.getPerson("somebody")).toBeNull();
  expect(factory.getPlace("nowhere")).toBeNull();
  const [dn] = factory.getPlace("place-1001")?.getDns() ?? [];
  const statuses: string[] = [];
  dn?.addDnListener({
    handleDnEvent: ({ status, extensions }) =>
      statuses.push(`${status} ${String(extensions?.["ReasonCode"] ?? "")}`.trim()),
  });
  const telephony = vi.fn();
  factory.addServiceListener("TELEPHONY", { serviceStatusChanged: telephony });
  await vi.waitFor(() => expect(factory.desktop.snapshot().state).toBe("inService"));
  expect(factory.getServices().get("STAT")?.status).toBe("NOT_CONFIGURED");
  await factory.desktop.commands.setReady();
  expect(dn?.getStatus()).toBe("READY");
  at.sites[0].sip.shutDownGracefully();
  await vi.waitFor(() => expect(factory.desktop.snapshot().site).toBe("site-2"));
  await vi.waitFor(() => expect(dn?.getStatus()).toBe("READY"));
  expect(statuses).toContain("LOGGED_OUT graceful_shutdown_logout");
  expect(telephony.mock.calls.map(([, , status]) => status)).toEqual(["ON", "OFF", "ON"]);
});

test("refused credentials give null and say why", async () => {
  const { ail } = await start("wrong");
  expect(await ail.getAilFactory()).toBeNull();
  expect(ail.getInitException()?.message).toContain("wrong-credentials");
});

test("after killFactory no listener is called, and the loader can be started again", async () => {
  const { at, ail } = await start();
  const factory = await ail.getAilFactory();
  const heard = vi.fn();
  factory?.addServiceListener("TELEPHONY", { serviceStatusChanged: heard });
  ail.killFactory();
  await vi.waitFor(() => expect(at.sites[0].sipServed.connectionCount()).toBe(0));
  expect(heard).not.toHaveBeenCalled();
  const again = await ail.getAilFactory();
  expect(again).not.toBe(factory);
  await vi.waitFor(() => expect(again?.desktop.snapshot().state).toBe("inService"));
});
