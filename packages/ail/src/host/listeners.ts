/** Listeners by name. One that throws does not keep the others from hearing. */
export interface Listeners<Events> {
  readonly on: <Name extends keyof Events>(
    name: Name,
    listener: (event: Events[Name]) => void,
  ) => () => void;
  readonly emit: <Name extends keyof Events>(name: Name, event: Events[Name]) => void;
  readonly clear: () => void;
}

export function createListeners<Events>(): Listeners<Events> {
  const byName = new Map<keyof Events, Set<(event: never) => void>>();
  return {
    on: (name, listener) => {
      const set = byName.get(name) ?? new Set();
      byName.set(name, set);
      set.add(listener);
      return () => void set.delete(listener);
    },
    emit: (name, event) => {
      for (const listener of [...(byName.get(name) ?? [])]) {
        callListener(() => (listener as (heard: typeof event) => void)(event)); // kept by its name
      }
    },
    clear: () => byName.clear(),
  };
}

/** The exception is thrown where nobody of ours is on the stack, so that it is seen. */
export function callListener(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
