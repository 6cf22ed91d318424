/**
 * Where the server itself has sent requests lately: phones at their bindings, trunks at the places
 * that the name service gave, whoever a dialog's Contact named. From there may come requests within
 * a dialog; it is no leave to begin one.
 */
export interface ReachedPlaces {
  readonly note: (host: string, port: number, nowMs: number) => void;
  readonly has: (host: string, port: number, nowMs: number) => boolean;
  readonly size: () => number;
}

/** As long as a call may last without a word of ours: longer than a session timer. */
export const reachedMs = 7_200_000;
/** Noted anew no more often than this. */
const renewMs = 60_000;
const placesMax = 50_000;

export function createReachedPlaces(): ReachedPlaces {
  const places = new Map<string, number>();
  return {
    note(host, port, nowMs) {
      const place = `${host}:${port}`;
      const noted = places.get(place);
      if (noted !== undefined && nowMs - noted < renewMs) return;
      places.delete(place); // the newest is last
      if (places.size >= placesMax) forgetFirst(places);
      places.set(place, nowMs);
    },
    has(host, port, nowMs) {
      const noted = places.get(`${host}:${port}`);
      return noted !== undefined && nowMs - noted < reachedMs;
    },
    size: () => places.size,
  };
}

function forgetFirst(places: Map<string, number>): void {
  for (const place of places.keys()) {
    places.delete(place);
    return;
  }
}
