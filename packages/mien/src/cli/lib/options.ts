// Options that several commands share, and the checks of their values. A wrong value is wrong usage: exit code 2.

import { readFileSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import { ALIGNMENTS, type CropRecipe } from '../../faces/index.js';
import {
  type LabelSchema,
  LabelSchemaError,
  parseLabelSchema,
  SCHEMAS,
  TASKS,
  type Task,
} from '../../labels/index.js';
import type { Smoothing } from '../../models/index.js';

/** @returns a parser of integers from `min` to `max` */
export const integer =
  (min: number, max = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const value = Number(text);
    const range = max === Number.MAX_SAFE_INTEGER ? `≥ ${min}` : `from ${min} to ${max}`;
    if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value) || value < min || value > max)
      throw new InvalidArgumentError(`expected an integer ${range}`);
    return value;
  };

/** @returns a parser of numbers from `min` to `max` */
export const number =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= min && value <= max))
      throw new InvalidArgumentError(`expected a number from ${min} to ${max}`);
    return value;
  };

/** `i/n`, part i (from 0) of n, of work that several processes share. */
export interface Shard {
  index: number;
  count: number;
}

export function shard(text: string): Shard {
  const [, index, count] = text.match(/^(\d+)\/(\d+)$/)?.map(Number) ?? [];
  if (index === undefined || count === undefined || count < 1 || index >= count)
    throw new InvalidArgumentError('expected i/n with 0 ≤ i < n, such as 0/4');
  return { index, count };
}

/** Seconds, `12.5`, or hours, minutes and seconds, `1:02:03.5` or `2:03`. */
export function seconds(text: string): number {
  const [, hours = '0', minutes = '0', rest] =
    text.match(/^(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d*)?|\.\d+)$/) ?? [];
  if (
    rest === undefined ||
    (text.includes(':') && (Number(rest) >= 60 || (text.split(':').length > 2 && Number(minutes) >= 60)))
  )
    throw new InvalidArgumentError('expected seconds, such as 12.5, or h:mm:ss, such as 1:02:03.5');
  return 3600 * Number(hours) + 60 * Number(minutes) + Number(rest);
}

/** `stored`, `none`, or a kind and an odd number of frames, such as `median:5`. */
export function smoothing(text: string): 'stored' | 'none' | Smoothing {
  if (text === 'stored' || text === 'none') return text;
  const [, kind, frames] = text.match(/^(box|exponential|median):(\d{1,6})$/) ?? [];
  if (kind === undefined || Number(frames) % 2 === 0)
    throw new InvalidArgumentError(
      'expected stored, none, or median:N, box:N or exponential:N with an odd number N of frames',
    );
  return { kind: kind as Smoothing['kind'], frames: Number(frames) };
}

/** A schema's name, or a JSON file that holds one. */
export function labelSchema(text: string): LabelSchema {
  const known = SCHEMAS.get(text);
  if (known !== undefined) return known;
  const expected = `expected ${[...SCHEMAS.keys()].join(', ')}, or a JSON file with "name", "actionUnits", "expressions"`;
  if (!text.endsWith('.json')) throw new InvalidArgumentError(expected);
  try {
    return parseLabelSchema(JSON.parse(readFileSync(text, 'utf8')));
  } catch (error) {
    const why =
      error instanceof LabelSchemaError ? `the label schema ${error.message}` : (error as Error).message;
    throw new InvalidArgumentError(`${why}; ${expected}`);
  }
}

/** @returns a parser that collects pairs given several times. @param form such as `NAME=FOLDER`, for the message */
export const pairs =
  (form: string) =>
  (text: string, before: Record<string, string> = {}): Record<string, string> => {
    const [, key, value] = text.match(/^([^=]+)=(.+)$/s) ?? [];
    if (key === undefined || value === undefined) throw new InvalidArgumentError(`expected ${form}`);
    return { ...before, [key]: value };
  };

/** Collects `NAME=FOLDER` given several times. */
export const roots = pairs('NAME=FOLDER');

/** Collects values given several times. */
export const collect = (text: string, before: readonly string[] = []): string[] => [...before, text];

/** Tasks separated by commas, such as `AU,VA`. */
export function tasks(text: string): Task[] {
  const names = text.split(',').map((name) => name.trim().toUpperCase());
  const known = names.filter((name): name is Task => TASKS.includes(name as Task));
  if (known.length < names.length || new Set(known).size < known.length)
    throw new InvalidArgumentError(`expected some of ${TASKS.join(',')}`);
  return known;
}

/** `ALIGN[:MARGIN]`: how a model wants its faces cut out. */
export function crop(text: string): Omit<CropRecipe, 'size'> {
  const [name, margin = '0', ...rest] = text.split(':');
  const align = ALIGNMENTS.find((one) => one === name);
  if (align === undefined || rest.length > 0)
    throw new InvalidArgumentError(
      `expected ALIGN or ALIGN:MARGIN, ALIGN being one of ${ALIGNMENTS.join(', ')}`,
    );
  return { align, margin: number(-0.5, 4)(margin) };
}
