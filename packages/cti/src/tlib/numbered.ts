/**
 * What every published event carries: its place in the machine's history. `serverStartTime` and
 * `eventSequenceNumber` together name an event for ever (domain.md §6.2); a client resumes by them.
 */
export interface Numbered {
  /** Epoch milliseconds. */
  readonly time: number;
  readonly serverStartTime: number;
  readonly eventSequenceNumber: number;
  /** In the asking session only: the request that this event answers. */
  readonly referenceID?: number;
}
