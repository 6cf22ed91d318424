/** What a suite's `tcp` field wants of a message whose bytes come over a stream. */
import { createStream, pushStream } from "@tandem/sip";

export interface StreamExpectation {
  /** `wait-then-close` or `close-connection`. */
  readonly action?: string;
  /** So many messages in these bytes. */
  readonly messages?: number;
}

export function faultOfStream(
  expected: StreamExpectation | undefined,
  text: string,
): string | null {
  if (expected === undefined) return null;
  const { messages, failure } = pushStream(createStream(), text);
  if (expected.messages !== undefined && messages.length !== expected.messages) {
    return `over a stream: ${messages.length} messages, expected ${expected.messages}`;
  }
  const wants = expected.action;
  if (wants === "close-connection" && failure === undefined) return "over a stream: it goes on";
  const isWaiting = messages.length === 0 && failure === undefined;
  return wants === "wait-then-close" && !isWaiting ? "over a stream: it does not wait" : null;
}
