import { expect, test } from "vitest";
import * as z from "zod/mini";
import { schemaFor } from "./schema.ts";

interface Point {
  readonly x: number;
  readonly label?: string;
}

test("a schema that differs from its type, either way, does not compile", () => {
  const label = z.exactOptional(z.string());
  const good = schemaFor<Point>()(z.object({ x: z.number(), label }));
  // @ts-expect-error the schema lacks a field of the type
  schemaFor<Point>()(z.object({ x: z.number() }));
  // @ts-expect-error the schema has a field that the type lacks
  schemaFor<Point>()(z.object({ x: z.number(), label, y: z.number() }));
  // @ts-expect-error a field of another type
  schemaFor<Point>()(z.object({ x: z.string(), label }));
  // @ts-expect-error required there, optional here
  schemaFor<Point>()(z.object({ x: z.exactOptional(z.number()), label }));
  // @ts-expect-error `undefined` is no value of an optional field (exactOptionalPropertyTypes)
  schemaFor<Point>()(z.object({ x: z.number(), label: z.optional(z.string()) }));
  expect(good.safeParse({ x: 1 })).toEqual({ success: true, data: { x: 1 } });
});
