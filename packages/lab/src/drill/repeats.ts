/**
 * Messages that a drill's phones send a second time after a fault: what met the pause, or the dead
 * node, and was said again by its sender (RFC 3261 timers A, E and G).
 */
export class Repeats {
  readonly #sent = new Set<string>();
  #isCounting = false;
  #count = 0;

  begin(): void {
    this.#sent.clear();
    this.#count = 0;
    this.#isCounting = true;
  }

  end(): number {
    this.#isCounting = false;
    return this.#count;
  }

  /** Everything that a phone sends. */
  readonly onTrace = (direction: "in" | "out", _address: unknown, text: string): void => {
    if (!this.#isCounting || direction !== "out") return;
    const first = text.slice(0, text.indexOf("\r\n"));
    const branch = /;branch=([^;\r\n]+)/.exec(text)?.[1] ?? "";
    const key = `${branch} ${first}`;
    if (this.#sent.has(key)) this.#count += 1;
    else this.#sent.add(key);
  };
}
