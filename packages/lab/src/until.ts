/** Waits for a condition of the outside world by looking; rejects with what was waited for. */
const lookEveryMs = 20;

export async function until(isSo: () => boolean, withinMs: number, what: string): Promise<void> {
  const giveUpAt = performance.now() + withinMs;
  while (!isSo()) {
    if (performance.now() > giveUpAt) {
      throw new Error(`waited ${withinMs / 1_000} s in vain until ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}
