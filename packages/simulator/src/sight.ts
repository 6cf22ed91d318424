import type { Site, SiteWorld } from "./site.ts";
import { after, fail } from "./world.ts";

/**
 * H11 from outside: a site behind whose address nobody serves is seen so by its peer, which is
 * what sends callers and agents elsewhere.
 */
const lookEveryMs = 1_000;
/** Longer than the peers' checks may take: 3 s of silence, after the last answer under way. */
const looksMax = 8;

/** With a phone whose BYE is repeated for 32 s, and may be lost once or twice. */
const silentLooksMax = 20;

export function watchSight(setting: SiteWorld): void {
  const { world, network, sites } = setting;
  const unseen = new Map<Site, number>();
  const unserved = new Map<Site, number>();
  const look = (): void => {
    after(world, lookEveryMs, look);
    for (const site of sites) {
      const silent = site.holder === null ? (unserved.get(site) ?? 0) + 1 : 0;
      unserved.set(site, silent);
      if (silent > silentLooksMax) setting.onTrouble();
      const peer = sites.find((each) => each !== site);
      const isWatched = peer?.holder?.isPaused === false && !network.isTrunkCut;
      const looks = site.holder === null && isWatched ? (unseen.get(site) ?? 0) + 1 : 0;
      unseen.set(site, looks);
      if (looks > looksMax && peer?.replica?.state.peer.isAlive === true) {
        fail(world, `${peer.name} takes ${site.name} for alive, where nobody serves`);
      }
    }
  };
  after(world, lookEveryMs, look);
}
