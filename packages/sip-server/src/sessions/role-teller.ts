/**
 * When clients are told that their node has another role. All of them come at once when they hear
 * of a new primary, so phones have the first word: what they have said while the doors were opened
 * is read before. Every other change is told as it happens.
 */
export interface RoleTeller {
  /** The doors are being opened; clients hear of it a moment after they stand. */
  readonly opening: (opened: Promise<void>) => void;
  readonly changed: () => void;
  /** The node serves no more: nobody waits for its doors. */
  readonly giveUp: () => void;
}

export const phonesFirstMs = 20;
/** Clients do not wait longer for doors that do not open. */
export const doorsPatienceMs = 1_000;

export function createRoleTeller(tellAll: () => void): RoleTeller {
  let awaited: Promise<void> | null = null;
  return {
    opening(opened) {
      awaited = opened;
      const stands = (): void => {
        if (awaited !== opened) return; // told before, or the node serves no more
        awaited = null;
        tellAll();
      };
      opened.then(() => setTimeout(stands, phonesFirstMs)).catch(stands);
      setTimeout(stands, doorsPatienceMs).unref();
    },
    changed() {
      if (awaited === null) tellAll();
    },
    giveUp() {
      awaited = null;
    },
  };
}
