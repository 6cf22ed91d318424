import { unreachable } from "@tandem/kernel";
import type { NodeNotice, Versions } from "@tandem/replica";

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
      return alarm(
        `the nodes differ at index ${notice.index}\
${notice.where === undefined ? "" : ` in ${notice.where}`}: the standby is built anew`,
      );
    case "handoverFailed":
      return alarm(`the switchover was given up: ${notice.why}`);
    case "otherVersion":
      return told(
        notice.canTakeOver
          ? `the other node is of version ${nameOf(notice.versions)}: a planned switchover upgrades to it`
          : `the other node is of version ${nameOf(notice.versions)}, which cannot read this state`,
      );
    case "upgraded":
      return told(
        `this node serves the state of an older version, epoch ${notice.epoch}; that may have the \
site back for ${notice.trialMs / 1_000} s`,
      );
    case "trialPassed":
      return told(`this version has passed its trial, epoch ${notice.epoch}`);
    case "givenBack":
      return alarm(
        `the new version died within its trial, epoch ${notice.epoch}: this node goes on with what \
it had, and what came after input ${notice.lostAfterIndex} is lost`,
      );
    default:
      return unreachable(notice);
  }
}

function nameOf({ machine, runtime, schema }: Versions): string {
  return `${machine} (state ${schema}, Node ${runtime})`;
}

function told(text: string): { readonly isAlarm: boolean; readonly text: string } {
  return { isAlarm: false, text };
}

function alarm(text: string): { readonly isAlarm: boolean; readonly text: string } {
  return { isAlarm: true, text };
}
