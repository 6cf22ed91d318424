import { unreachable } from "@tandem/kernel";
import type { NodeNotice } from "@tandem/replica";

/** What happened to the pair, as a sentence for the log; an alarm where somebody should look. */
export function noticeText(notice: NodeNotice): {
  readonly isAlarm: boolean;
  readonly text: string;
} {
  switch (notice.kind) {
    case "role":
      return told(`this node is ${notice.role} now, epoch ${notice.epoch}`);
    case "takenOver":
      return told(`this node serves the site from now on, epoch ${notice.epoch}`);
    case "coldStart":
      return alarm(
        notice.hadMachine
          ? `cold start, epoch ${notice.epoch}: the machine that this node still held goes on`
          : `cold start with an empty machine, epoch ${notice.epoch}: calls and logins are lost`,
      );
    case "standbyLost":
      return alarm(`the standby is gone, this node serves alone, epoch ${notice.epoch}`);
    case "standbyJoined":
      return told(`the standby holds everything, epoch ${notice.epoch}`);
    case "doorsLeft":
      return alarm(
        notice.why === "no-lease"
          ? "this node is alone and has lost its lease: it answers nobody until it may serve again"
          : "nothing could be released for two seconds: this node answers nobody",
      );
    case "differs":
      return alarm(`the nodes differ at index ${notice.index}: the standby is built anew`);
    case "handoverFailed":
      return alarm(`the switchover was given up: ${notice.why}`);
    default:
      return unreachable(notice);
  }
}

function told(text: string): { readonly isAlarm: boolean; readonly text: string } {
  return { isAlarm: false, text };
}

function alarm(text: string): { readonly isAlarm: boolean; readonly text: string } {
  return { isAlarm: true, text };
}
