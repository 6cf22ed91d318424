import * as z from "zod/mini";
import {
  nameLengthMax,
  referenceIDMax,
  userDataBytesMax,
  userDataPairsMax,
  utf8Length,
} from "./limits.ts";

/**
 * What every schema is made with. A message's type is written out, because it is what people read
 * and what declarations are made from; its schema stands below it, and `schemaFor` compares both
 * ways: a field in one and not in the other, or of another type, does not compile.
 */
export type Schema<T> = z.ZodMiniType<T>;

/** A list of pairs: user data, reasons or extensions of the T-Library. */
export interface UserData {
  readonly [key: string]: string | number | boolean;
}

type Same<A, B> = [A, B, keyof A, keyof B] extends [B, A, keyof B, keyof A] ? true : false;

/** Names the type a schema is for. The argument is `never` where the two differ. */
export type SchemaMaker<T> = <S extends z.ZodMiniType>(
  schema: Same<z.output<S>, T> extends true ? S : never,
) => Schema<T>;

export function schemaFor<T>(): SchemaMaker<T> {
  return (schema) => schema as unknown as Schema<T>; // Same proved that S outputs T
}

/**
 * A DN, an agent's code, a place, a user: 1 to 128 characters, none of them a control character.
 */
export const nameField: Schema<string> = z
  .string()
  .check(z.minLength(1), z.maxLength(nameLengthMax), z.regex(/^\P{Cc}*$/u));

export const referenceIDField: Schema<number> = z.int().check(z.gte(1), z.lte(referenceIDMax));

/** 16 hexadecimal digits. */
export const connIDField: Schema<string> = z.string().check(z.regex(/^[0-9a-f]{16}$/));

/** 32 hexadecimal digits. */
export const callUUIDField: Schema<string> = z.string().check(z.regex(/^[0-9a-f]{32}$/));

/** Epoch milliseconds. */
export const timeField: Schema<number> = z.int().check(z.gte(0));

/** A whole number that is not negative: a sequence, an epoch, a duration. */
export const countField: Schema<number> = z.int().check(z.gte(0));

/** Text that people read, and other text without a form. */
export const textField: Schema<string> = z.string().check(z.maxLength(4_096));

export const userDataField: Schema<UserData> = z
  .record(
    z.string().check(z.minLength(1), z.maxLength(nameLengthMax)),
    z.union([z.string(), z.number(), z.boolean()]),
  )
  .check(
    z.refine((pairs) => Object.keys(pairs).length <= userDataPairsMax, {
      params: { limit: `at most ${userDataPairsMax} pairs` },
    }),
    z.refine((pairs) => utf8Length(JSON.stringify(pairs)) <= userDataBytesMax, {
      params: { limit: `at most ${userDataBytesMax} bytes` },
    }),
  );

/** A list of at most `itemsMax` items. */
export function listOf<T>(item: Schema<T>, itemsMax: number): Schema<readonly T[]> {
  return z.array(item).check(z.maxLength(itemsMax));
}
