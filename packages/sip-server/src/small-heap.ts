import { setFlagsFromString } from "node:v8";

/**
 * A process that is killed holds its sockets until the system has taken back its memory, 0.35 to
 * 0.5 ms a MB, and nobody answers meanwhile. So a node of a pair keeps the young generation of its
 * heap as small as it is after the start (decision 24): 50 MB less, for 10 % more CPU under load.
 */
export function keepHeapSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}
