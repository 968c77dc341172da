// The labels of one video: a header, then a line per frame. Sentinels (-1, for valence and arousal -5) become "missing"
// here and nowhere else.

import { DataError, parseNumber, readTextLines, show } from '../../files/index.js';
import { canonicalExpression, type LabelSchema, SCHEMAS, type Task } from '../../labels/index.js';
import type { FaceRow, Occurrence } from '../face-row.js';

/** What one line says of a frame. */
export interface FrameLabel {
  readonly labels: Pick<FaceRow, 'expression' | 'valence' | 'arousal' | 'actionUnits'>;
  /** Some of what the line should say is missing. */
  readonly partial: boolean;
}

export interface VideoLabels {
  readonly file: string;
  /** Element i belongs to frame i; undefined where nothing is known of it. */
  readonly frames: readonly (FrameLabel | undefined)[];
}

type Place = { file: string; row: number };

export const NO_LABEL = -1;
export const NO_AFFECT = -5;

/** Line k of the file holds frame k − 2: lines count from 1, and the first is the header. */
export const FIRST_LABEL_LINE = 2;

export function parseOccurrence(text: string, place: Place & { column?: string }): Occurrence {
  const value = parseNumber(text, place, { min: NO_LABEL, max: 1, integer: true });
  return value === NO_LABEL ? undefined : (value as 0 | 1);
}

export function parseExpression(
  text: string,
  place: Place & { column?: string },
  { expressions }: LabelSchema,
): string | undefined {
  return expressions[parseNumber(text, place, { min: NO_LABEL, max: expressions.length - 1, integer: true })];
}

/** Valence or arousal. */
export function parseAffect(text: string, place: Place & { column?: string }): number | undefined {
  if (Number(text) === NO_AFFECT) return undefined;
  return parseNumber(text, place, { min: -1, max: 1 });
}

function parseActionUnits(cells: readonly string[], place: Place, schema: LabelSchema) {
  const actionUnits = cells.map((cell, k) =>
    parseOccurrence(cell, { ...place, column: schema.actionUnits[k] as string }),
  );
  const known = actionUnits.filter((unit) => unit !== undefined).length;
  return known === 0 ? undefined : { labels: { actionUnits }, partial: known < actionUnits.length };
}

function parseValenceArousal(cells: readonly string[], place: Place): FrameLabel | undefined {
  const valence = parseAffect(cells[0] ?? '', { ...place, column: 'valence' });
  const arousal = parseAffect(cells[1] ?? '', { ...place, column: 'arousal' });
  if (valence === undefined && arousal === undefined) return undefined;
  return { labels: { valence, arousal }, partial: valence === undefined || arousal === undefined };
}

function parseExpressionLine(cells: readonly string[], place: Place, schema: LabelSchema) {
  const expression = parseExpression(cells[0] ?? '', place, schema);
  return expression === undefined ? undefined : { labels: { expression }, partial: false };
}

const LINES: Readonly<
  Record<
    Task,
    {
      values(schema: LabelSchema): number;
      parse(cells: readonly string[], place: Place, schema: LabelSchema): FrameLabel | undefined;
    }
  >
> = {
  AU: { values: ({ actionUnits }) => actionUnits.length, parse: parseActionUnits },
  EXPR: { values: () => 1, parse: parseExpressionLine },
  VA: { values: () => 2, parse: parseValenceArousal },
};

const capitalised = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

/** The first line of a video's file: `AU1,AU2,…`, `Neutral,Anger,…`, `valence,arousal`. */
export function labelHeader(task: Task, { actionUnits, expressions }: LabelSchema): string {
  if (task === 'VA') return 'valence,arousal';
  return (task === 'AU' ? actionUnits : expressions.map(capitalised)).join();
}

const NUMBERS_ONLY = /^[\s,]*[+-]?\d[\d.,eE+\s-]*$/;

/** The header's names, where they are names of AUs or expressions; other headers are passed over. */
function labelNames(header: string, task: Task): string[] | undefined {
  const cells = header.split(',').map((cell) => cell.trim());
  if (task === 'AU' && cells.every((cell) => /^AU\d+$/i.test(cell)))
    return cells.map((cell) => cell.toUpperCase());
  if (task === 'EXPR' && cells.length > 1) return cells.map(canonicalExpression);
  return undefined;
}

function checkHeader(file: string, header: string, task: Task, schema: LabelSchema): void {
  if (NUMBERS_ONLY.test(header) || header.trim() === '')
    throw new DataError(
      { file, row: 1 },
      {
        found: header.trim() === '' ? 'an empty line' : `the numbers ${show(header)}`,
        expected: 'a header: every file begins with one, and labels would shift without it',
      },
    );
  const names = labelNames(header, task);
  const list = (one: LabelSchema): readonly string[] => (task === 'AU' ? one.actionUnits : one.expressions);
  if (names === undefined || names.join() === list(schema).join()) return;
  const fitting = [...SCHEMAS.values()].find((one) => names.join() === list(one).join());
  if (task === 'EXPR' && fitting === undefined) return; // free words: nothing to compare with
  throw new DataError(
    { file, row: 1 },
    {
      found: `a header of ${names.length} names, ${show(header)}`,
      expected: `the ${list(schema).length} of schema ${schema.name}, ${list(schema).join()}`,
      ...(fitting === undefined ? {} : { hint: `It suits --schema ${fitting.name}` }),
    },
  );
}

/**
 * Reads a file of one video: labels, or predictions in the same form.
 * @returns the lines after the header, one per frame; blank ones at the end are left out
 * @throws DataError when the file is no text, is empty, or has no header or that of another schema
 */
export async function readFrameLines(
  file: string,
  task: Task,
  schema: LabelSchema,
): Promise<readonly string[]> {
  const { lines } = await readTextLines(file);
  let end = lines.length;
  while (end > 0 && lines[end - 1]?.trim() === '') end--; // blank lines at the end shift nothing
  if (end === 0)
    throw new DataError({ file }, { found: 'an empty file', expected: 'a header and a line per frame' });
  checkHeader(file, lines[0] ?? '', task, schema);
  return lines.slice(1, end);
}

/**
 * Reads the labels of one video.
 * @throws DataError naming the line when the file is no text, empty, has no header, or a line is malformed: labels after
 * it could belong to other frames
 */
export async function readVideoLabels(file: string, task: Task, schema: LabelSchema): Promise<VideoLabels> {
  const { values, parse } = LINES[task];
  const width = values(schema);
  const seen = new Map<string, FrameLabel | undefined>(); // most frames of a video have the labels of their neighbours
  const frames = (await readFrameLines(file, task, schema)).map((line, frame) => {
    let label = seen.get(line);
    if (label === undefined && !seen.has(line)) {
      const place = { file, row: frame + FIRST_LABEL_LINE };
      const cells = line.split(',');
      if (cells.length !== width || line.trim() === '')
        throw new DataError(place, {
          found: line.trim() === '' ? 'an empty line' : `${cells.length} values, ${show(line)}`,
          expected: `${width === 1 ? '1 value' : `${width} values`} (${task} of schema ${schema.name})`,
        });
      label = parse(cells, place, schema);
      seen.set(line, label);
    }
    return label;
  });
  return { file, frames };
}
