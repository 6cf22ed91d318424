/** DNs of the benches: 10001, 10002, … */
export function benchDns(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => String(10_001 + index));
}
