/**
 * A flat copy of a text. A slice of a message keeps the whole message in memory; what a state keeps
 * goes through here first. (Joining makes a new string, slicing it makes the engine write it out.)
 */
export function ownText(text: string): string {
  return ` ${text}`.slice(1);
}
