// The models that ship, which lie in a package of their own: `@mien/models`.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { TASKS } from '../labels/index.js';

const SHIPPED_MODEL = z.strictObject({
  /** Such as `mien-s`. */
  name: z.string(),
  /** What it is, in a sentence. */
  summary: z.string(),
  /** Version of the package that it came with first. */
  version: z.string(),
  backbone: z.string(),
  /** Edge of the square input, pixels. */
  inputSize: z.number().int(),
  tasks: z.array(z.enum(TASKS)),
  /** Name of the label schema. */
  schema: z.string(),
  precision: z.string(),
  licence: z.string(),
  /** One model, or several that are an ensemble; names in the package's folder. */
  files: z.array(z.strictObject({ file: z.string(), bytes: z.number().int(), sha256: z.string() })).min(1),
});
export type ShippedModel = z.infer<typeof SHIPPED_MODEL>;

/** What `models.json` of the package holds. */
export const SHIPPED_LIST = z.strictObject({ models: z.array(SHIPPED_MODEL) });

const PREFIX = 'mien-';

/** Which one is taken where none is named: the best of those that ship. */
const BEST_FIRST = ['mien-m', 'mien-s'];

/** The package's list. @returns models, and the folder that holds their files */
function readList(): { models: ShippedModel[]; folder: string } {
  const file = createRequire(import.meta.url).resolve('@mien/models/models.json');
  return { ...SHIPPED_LIST.parse(JSON.parse(readFileSync(file, 'utf8'))), folder: dirname(file) };
}

/** The models that ship. */
export const shippedModels = (): ShippedModel[] => readList().models;

/** @param name such as `mien-s`, or `s` for short @returns the model's files, or undefined */
export function shippedFiles(name: string): string[] | undefined {
  const { models, folder } = readList();
  const found = models.find((one) => one.name === name || one.name === PREFIX + name);
  return found?.files.map(({ file }) => join(folder, file));
}

/** Name of the model that is taken where none is named. */
export function defaultModel(): string {
  const models = shippedModels();
  const name = BEST_FIRST.find((one) => models.some((model) => model.name === one)) ?? models[0]?.name;
  if (name === undefined) throw new Error('@mien/models holds no model');
  return name;
}
