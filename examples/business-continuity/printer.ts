/** One line for each event: for people, or as JSON for programs. */
export type Printer = (kind: string, facts: Readonly<Record<string, unknown>>) => void;

export function createPrinter(isJson: boolean): Printer {
  return (kind, facts) => {
    const at = new Date().toISOString();
    if (isJson) console.log(JSON.stringify({ at, kind, ...facts }));
    else console.log(`${at} ${kind} ${describe(kind, facts)}`);
  };
}

function describe(kind: string, facts: Readonly<Record<string, unknown>>): string {
  if (kind !== "state") {
    return Object.entries(facts)
      .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
      .join(" ");
  }
  const place = (value: unknown): string => {
    const { state, site } = value as { state: string; site: string | null }; // a TimelineEntry's
    return site === null ? state : `${state} at ${site}`;
  };
  const { code } = facts["cause"] as { code: string }; // a TimelineEntry's
  return `${place(facts["from"])} -> ${place(facts["to"])} because of ${code}`;
}
