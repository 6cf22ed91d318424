import type { PersonObject, PlaceObject, Sections } from "@tandem/cti";
import type { Desktop } from "../desktop/desktop.ts";
import type { DesktopSnapshot } from "../desktop/snapshot.ts";
import { createDn, type Dn } from "./dn.ts";
import {
  serviceTypes,
  type ServiceListener,
  type ServiceState,
  type ServiceStatus,
  type ServiceType,
} from "./service-status.ts";

/**
 * The AIL's factory: services, Places, Persons. It outlives a DR switchover: unlike in the seed's
 * sample nothing has to be killed and made anew, and listeners go on hearing, of the new site.
 */
export interface AilFactory {
  readonly addServiceListener: (type: ServiceType, listener: ServiceListener) => void;
  readonly removeServiceListener: (type: ServiceType, listener: ServiceListener) => void;
  /** By type. */
  readonly getServices: () => ReadonlyMap<ServiceType, ServiceStatus>;
  readonly getPlace: (name: string) => Place | null;
  readonly getPerson: (userName: string) => Person | null;
  /** The store below: commands, snapshot, timeline. */
  readonly desktop: Desktop;
}

export interface Place {
  readonly name: string;
  readonly getDns: () => readonly Dn[];
}

export interface Person {
  readonly name: string;
  readonly getAnnex: () => Sections;
}

export interface OwnedFactory {
  readonly factory: AilFactory;
  /** All listeners are gone after it. */
  readonly end: () => void;
}

export function createAilFactory(desktop: Desktop): OwnedFactory {
  const listeners = new Map<ServiceType, Set<ServiceListener>>();
  const dns = new Map<string, Dn>();
  const ended: (() => void)[] = [];
  let known = servicesOf(desktop.snapshot());
  ended.push(
    desktop.subscribe(() => {
      const now = servicesOf(desktop.snapshot());
      const before = known;
      known = now;
      for (const [type, { name, status }] of now) {
        if (before.get(type)?.status === status) continue;
        for (const listener of [...(listeners.get(type) ?? [])]) {
          listener.serviceStatusChanged(type, name, status);
        }
      }
    }),
  );
  const dnOf = (number: string): Dn => {
    const dn = dns.get(number) ?? createDn(number, desktop, ended);
    dns.set(number, dn);
    return dn;
  };
  const placeOf = ({ name, dns: numbers }: PlaceObject): Place => ({
    name,
    getDns: () => numbers.map(dnOf),
  });
  const personOf = ({ userName, annex }: PersonObject): Person => ({
    name: userName,
    getAnnex: () => annex ?? {},
  });
  const factory: AilFactory = {
    addServiceListener: (type, listener) => {
      const set = listeners.get(type) ?? new Set();
      listeners.set(type, set.add(listener));
    },
    removeServiceListener: (type, listener) => void listeners.get(type)?.delete(listener),
    getServices: () => servicesOf(desktop.snapshot()),
    getPlace: (name) => {
      const place = desktop.objects()?.places.find((each) => each.name === name);
      return place === undefined ? null : placeOf(place);
    },
    getPerson: (userName) => {
      const person = desktop.objects()?.person;
      return person?.userName === userName ? personOf(person) : null;
    },
    desktop,
  };
  return {
    factory,
    end: () => {
      for (const end of ended) end();
      listeners.clear();
    },
  };
}

function servicesOf(snapshot: DesktopSnapshot): ReadonlyMap<ServiceType, ServiceStatus> {
  const { telephony, configuration, statistics } = snapshot.services;
  const site = snapshot.site ?? "-";
  const statuses = {
    TELEPHONY: telephony.status,
    CONFIG: configuration.status,
    STAT: statistics.status,
  } as const;
  return new Map(
    serviceTypes.map((type) => {
      const status = statuses[type];
      const state: ServiceState = status === "notConfigured" ? "NOT_CONFIGURED" : status;
      return [type, { type, name: `${type.toLowerCase()} at ${site}`, status: state }];
    }),
  );
}
