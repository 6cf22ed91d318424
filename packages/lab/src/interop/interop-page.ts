/** `docs/interop.md`: written by a run of the phone matrix, compared by every later one. */
export interface MatrixColumn {
  readonly name: string;
  /** Feature → `yes`, `–` with a reason, or what went wrong. */
  readonly cells: ReadonlyMap<string, string>;
}

export interface PairRow {
  readonly name: string;
  readonly feature: string;
  readonly result: string;
}

export function interopPage(
  features: readonly string[],
  columns: readonly MatrixColumn[],
  pairs: readonly PairRow[],
): string {
  const scenarios = pairs.map(
    ({ name, feature, result }) => `| ${name} | ${feature} | ${result} |`,
  );
  const sections = [
    head,
    ...tableWithNotes(features, columns),
    between,
    scenarioHead + scenarios.join("\n"),
  ];
  return `${sections.join("\n\n")}\n`;
}

/** The second table, which a test of its own writes behind the first one's. */
export function takeoverSection(rows: readonly string[], columns: readonly MatrixColumn[]): string {
  return `${[takeoverHead, ...tableWithNotes(rows, columns), takeoverNotes].join("\n\n")}\n`;
}

export interface PageParts {
  readonly matrix: string;
  readonly takeover: string;
}

export function splitPage(text: string): PageParts {
  const at = text.indexOf(takeoverTitle);
  if (at < 0) return { matrix: text, takeover: "" };
  return { matrix: text.slice(0, at).trimEnd().concat("\n"), takeover: text.slice(at) };
}

export function joinPage({ matrix, takeover }: PageParts): string {
  return takeover === "" ? matrix : `${matrix}\n${takeover}`;
}

/** Cells that need more than two words point to a note below. */
function tableWithNotes(
  rows: readonly string[],
  columns: readonly MatrixColumn[],
): readonly string[] {
  const reasons: string[] = [];
  const cell = (text: string): string => {
    if (/^(?:yes|within \d+ s)$/.test(text)) return text;
    if (!reasons.includes(text)) reasons.push(text);
    return `– (${reasons.indexOf(text) + 1})`;
  };
  const lines = rows.map((row) => {
    const cells = columns.map(({ cells: own }) => cell(own.get(row) ?? "not run"));
    return `| ${[row, ...cells].join(" | ")} |`;
  });
  const names = columns.map(({ name }) => name);
  const table = [
    `| | ${names.join(" | ")} |`,
    `|---|${names.map(() => "---|").join("")}`,
    ...lines,
  ];
  const notes = reasons.map((reason, index) => `${index + 1}. ${reason}`);
  return notes.length > 0 ? [table.join("\n"), notes.join("\n")] : [table.join("\n")];
}

const takeoverTitle = "## Through the death of the primary";

const takeoverHead = `${takeoverTitle}

The same phones at a pair whose primary is killed (\`kill -9\`) in three moments, each a death for
all of them at once. *Talking*: hold and resume at the phone, then the other side's BYE. *Ringing*:
whoever sits there picks up whenever it rings. *Placing*: it has heard the ringing, and the other
side picks up right after the death. The desktop sees one call with one ConnID, each event once.`;

const takeoverNotes = `- baresip does not notice that its connection was closed.
  It opens another one when it has something to say, and its next registration comes in time,
  because one over a connection is granted for \`flow-expires\` (30 s) only. Until then nobody
  reaches it over the old one: a call that it was placing, and that is answered, has sound when it
  has registered.
- Linphone runs with \`refresher_retry_after=1000\` (milliseconds). Its preset of 60 s is longer
  than its registration is good for, and its DN would go out of service in between.
- JsSIP destroys its transactions when its connection breaks. What it was placing it gives up. What
  rang would ring on, and nobody could answer it: a page drops it on \`disconnected\`, as the one
  of this test does, and it rings again in the same call. Its partner is a browser at the other
  site.`;

const head = `# Phones

Phones and scenarios that nobody here wrote, against a running server on loopback. This page is
written by the test that runs them and compared by every run; do not edit it.

    npm run test:long                              runs the matrix and compares it with this page
    TANDEM_INTEROP_WRITE=1 (in the environment)    writes this page

*Inbound* and *outbound* count packets of sound at both ends. Transfers are asked for by a desktop
(T-Library); *REFER* is sent by the phone. The parties of a browser's calls are browsers, those of
the others are baresip: media passes between the phones, not through the server.`;

const between = `## SIPp scenarios

Pairs of scenario files of other projects, unmodified: the caller is a trunk, the called one a
registered DN.`;

const scenarioHead = `| pair | about | result |
|---|---|---|
`;
