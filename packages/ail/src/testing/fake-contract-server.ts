import type { ContractServer } from "./contract-server.ts";
import { answeringNumber, startFakeDeployment, type FakeSite } from "./fake-deployment.ts";

/**
 * The fakes of this package as a server of the desktop contract, with timers of tenths of seconds.
 */
export async function startFakeContractServer(): Promise<ContractServer> {
  const deployment = await startFakeDeployment({
    application: {
      "site-timeout": 1,
      "site-sip-register-timeout": 1,
      "connect-timeout": 2,
      "addp-timeout": 2,
    },
  });
  const { local, userName, password, dn, stop } = deployment;
  const at = (site: 1 | 2): FakeSite => deployment.sites[site - 1] as FakeSite; // there are two
  const connIDOf = (site: 1 | 2): string => at(site).sip.callsOn(dn)[0]?.connID ?? "";
  return {
    local,
    userName,
    password,
    dn,
    stop,
    abilities: {
      ring: async (site, userData) => void at(site).sip.ring(dn, "0700", userData),
      answeringNumber,
      hangUp: async (site) => at(site).sip.farEnd(connIDOf(site), "release"),
      setPhone: async (site, isRegistered) => at(site).sip.setPhone(dn, isRegistered),
      dropConnections: async (site) => at(site).sipServed.dropConnections(),
      killSip: (site) => at(site).sipServed.kill(),
      startSip: async (site) => {
        at(site).sip.restart();
        await at(site).sipServed.revive();
      },
      killConfig: (site) => at(site).configServed.kill(),
      startConfig: (site) => at(site).configServed.revive(),
      shutDownGracefully: async (site) => at(site).sip.shutDownGracefully(),
      forceLogout: async (site) => at(site).sip.logOut(dn, "end-of-shift"),
    },
  };
}
