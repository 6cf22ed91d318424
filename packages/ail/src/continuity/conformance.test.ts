import { expect, test } from "vitest";
import { runConformance } from "../testing/conformance/conformance-case.ts";
import { conformanceTable } from "../testing/conformance/conformance-table.ts";
import { ourMachine } from "../testing/conformance/our-machine.ts";

for (const each of conformanceTable) {
  test(each.name, () => {
    const [finding] = runConformance(ourMachine, [each]);
    if (finding === undefined) return;
    expect(finding.actual, `step ${finding.step}`).toEqual(finding.expected);
    expect.fail("the order of the effects differs"); // equal as lists, so this is not reached
  });
}

test("a finding names the case, the step and both lists", () => {
  const broken = { start: () => ({ take: () => ["nothing"] }) };
  const [first] = conformanceTable;
  const findings = runConformance(broken, conformanceTable.slice(0, 1));
  expect(findings[0]).toEqual({
    name: first?.name,
    step: 0,
    expected: first?.steps[0]?.expect,
    actual: ["nothing"],
  });
});
