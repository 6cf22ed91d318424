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
  const reasons: string[] = [];
  const cell = (text: string): string => {
    if (text === "yes") return "yes";
    if (!reasons.includes(text)) reasons.push(text);
    return `– (${reasons.indexOf(text) + 1})`;
  };
  const rows = features.map((feature) => {
    const cells = columns.map(({ cells: own }) => cell(own.get(feature) ?? "not run"));
    return `| ${[feature, ...cells].join(" | ")} |`;
  });
  const names = columns.map(({ name }) => name);
  const table = [`| | ${names.join(" | ")} |`, `|---|${names.map(() => "---|").join("")}`, ...rows];
  const notes = reasons.map((reason, index) => `${index + 1}. ${reason}`);
  const scenarios = pairs.map(
    ({ name, feature, result }) => `| ${name} | ${feature} | ${result} |`,
  );
  const sections = [
    head,
    table.join("\n"),
    ...(notes.length > 0 ? [notes.join("\n")] : []),
    between,
    scenarioHead + scenarios.join("\n"),
  ];
  return `${sections.join("\n\n")}\n`;
}

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
