/** Percentiles by nearest rank, over what a drill's rounds measured. Pure. */
export interface Spread {
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

/**
 * Nearest rank: the smallest value that at least `percent` of all values do not exceed; 0 of none.
 */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  return sorted[rank - 1] ?? 0;
}

/** Rounded to `digits` after the point. */
export function spreadOf(values: readonly number[], digits: number): Spread {
  const round = (value: number): number => Number(value.toFixed(digits));
  return {
    p50: round(percentile(values, 50)),
    p95: round(percentile(values, 95)),
    max: round(percentile(values, 100)),
  };
}
