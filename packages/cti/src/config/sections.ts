import * as z from "zod/mini";
import { nameField, type Schema } from "../schema.ts";

/** Options of an object, by section and name: the Annex and the Options of a Genesys object. */
export interface Sections {
  readonly [section: string]: OptionSection;
}
export interface OptionSection {
  readonly [option: string]: string | number | boolean;
}

const optionSectionSchema: Schema<OptionSection> = z.record(
  nameField,
  z.union([z.string(), z.number(), z.boolean()]),
);

export const sectionsSchema: Schema<Sections> = z.record(nameField, optionSectionSchema);
