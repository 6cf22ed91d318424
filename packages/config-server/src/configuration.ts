/**
 * The configuration objects of a deployment, in memory: read by type and key, compared with what
 * they were, and shown to each role without what it may not see.
 */
import {
  type ConfigObject,
  type ConfigObjectType,
  type ObjectChange,
  type ObjectFilter,
  type TandemObjects,
  type TokenRole,
  configObjectTypes,
  objectKeyOf,
} from "@tandem/cti";

export interface Configuration {
  readonly byType: ReadonlyMap<ConfigObjectType, ReadonlyMap<string, ConfigObject>>;
}

export interface Change {
  readonly change: ObjectChange;
  readonly type: ConfigObjectType;
  /** As it is now; of a deleted one, as it was. */
  readonly object: ConfigObject;
}

/** Objects by type, each type in the order of its keys. */
export function configurationOf(
  objects: readonly { readonly type: ConfigObjectType; readonly object: ConfigObject }[],
): Configuration {
  const byType = new Map<ConfigObjectType, Map<string, ConfigObject>>();
  for (const type of configObjectTypes) {
    const keyed = objects
      .filter((each) => each.type === type)
      .map(({ object }) => [objectKeyOf(type, object as never), object] as const) // of this type
      .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    byType.set(type, new Map(keyed));
  }
  return { byType };
}

export function findObject<Type extends ConfigObjectType>(
  configuration: Configuration,
  type: Type,
  key: string,
): TandemObjects[Type] | undefined {
  const object = configuration.byType.get(type)?.get(key);
  return object as TandemObjects[Type] | undefined; // filed under its own type
}

export function listObjects<Type extends ConfigObjectType>(
  configuration: Configuration,
  type: Type,
): readonly TandemObjects[Type][] {
  const objects = [...(configuration.byType.get(type)?.values() ?? [])];
  return objects as TandemObjects[Type][]; // filed under their own type
}

/** Whether the object has all of these fields with these values. */
export function passesFilter(object: ConfigObject, filter: ObjectFilter | undefined): boolean {
  const fields = object as unknown as Readonly<Record<string, unknown>>; // read only
  return Object.entries(filter ?? {}).every(([name, value]) => fields[name] === value);
}

/** What a role may see: hashes and HA1 are for servers. */
export function shownTo(role: TokenRole, object: ConfigObject): ConfigObject {
  if (role === "server") return object;
  const shown: Record<string, unknown> = { ...object };
  for (const field of ["passwordHash", "secretHash", "ha1"]) delete shown[field];
  return shown as unknown as ConfigObject; // without optional fields only
}

/** What changed, deletions first, then in the order of types and keys. */
export function changesBetween(before: Configuration, after: Configuration): readonly Change[] {
  const deleted: Change[] = [];
  const changed: Change[] = [];
  for (const type of configObjectTypes) {
    const was = before.byType.get(type) ?? new Map<string, ConfigObject>();
    const is = after.byType.get(type) ?? new Map<string, ConfigObject>();
    for (const [key, object] of was) {
      if (!is.has(key)) deleted.push({ change: "deleted", type, object });
    }
    for (const [key, object] of is) {
      const old = was.get(key);
      if (old === undefined) changed.push({ change: "created", type, object });
      else if (JSON.stringify(old) !== JSON.stringify(object)) {
        changed.push({ change: "updated", type, object });
      }
    }
  }
  return [...deleted, ...changed];
}
