import { describe, expect, test } from "vitest";
import { chapters } from "./scenarios.ts";
import { field, play, type Play } from "./stage.ts";

/**
 * H4: the scenarios of the golden tables, with a node that dies after each of their frames, with
 * the effects of its last frames or without them. Each DN sees the same events in the same order.
 */
function seen({ rows }: Play): Record<string, string[]> {
  const byDn: Record<string, string[]> = {};
  for (const { event } of rows) {
    if (event === null) continue;
    const list = (byDn[field(event, "thisDN")] ??= []);
    list.push(`${event.event} ${field(event, "callState")} ${field(event, "otherDN")}`);
  }
  return byDn;
}

for (const { title: chapter, scenarios } of chapters) {
  describe(`H4 ${chapter}`, () => {
    const courses = scenarios.flatMap(({ title, run }) =>
      (["UDP", "TCP"] as const).map((transport) => [title, transport, run] as const),
    );
    test.each(courses)("%s, over %s", (_, transport, run) => {
      const whole = play(run, null, transport);
      const expected = JSON.stringify(seen(whole));
      const faults: unknown[] = [];
      for (const frame of whole.frames) {
        for (const lost of [0, 1, 3]) {
          try {
            const again = seen(play(run, { frame, lost }, transport));
            if (JSON.stringify(again) !== expected) faults.push({ frame, lost, again });
          } catch (error) {
            faults.push({ frame, lost, error: String(error) });
          }
        }
      }
      expect(faults).toEqual([]);
    });
  });
}
