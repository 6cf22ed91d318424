/**
 * A machine's state on its way to another node (`SPEC.md` H5): table by table in slices, while the
 * machine goes on; rows touched meanwhile are sent again, and only the small rest is taken in one
 * turn. Texts, so that they can be shipped, kept and read by another version.
 */
export interface SnapshotPort<State> {
  /** Begins to watch the state's tables. */
  readonly open: (state: State) => Snapshot;
  readonly assemble: () => Assembly<State>;
  /** H9: a look at all of it, while the machine goes on. */
  readonly walk: (state: State) => StateWalk;
}

/**
 * A state row by row, as digests. Two nodes that look at the same places of their histories see the
 * same, as long as their states are the same.
 */
export interface StateWalk {
  /** Of the next rows, a few milliseconds of work; null at the end. */
  readonly next: () => WalkPiece | null;
}

export interface WalkPiece {
  readonly digest: string;
  /** The table, and the first row. */
  readonly where: string;
}

export interface Snapshot {
  /** The next slice, at most a few milliseconds of work; null when only a small rest is left. */
  readonly next: () => string | null;
  /** The rest, as of now, in one turn. The watching ends. */
  readonly finish: () => string;
  /** The watching ends; nobody wants the state any more. */
  readonly abandon: () => void;
}

export interface Assembly<State> {
  /** False when the text is none of a snapshot. */
  readonly add: (slice: string) => boolean;
  /** The whole state, or null when something is missing or cannot be read. */
  readonly finish: (rest: string) => State | null;
}
