// Text files in the challenges' formats: one video with a line per frame, or all images of many videos in one file.

import { FIRST_LABEL_LINE, parseCropPath, readFrameLines } from '../../datasets/index.js';
import { DataError, readTextBlocks, show } from '../../files/index.js';
import { canonicalExpression, type LabelSchema, SCHEMAS, type Task } from '../../labels/index.js';
import { type CellPlace, type Kind, type Part, parseCells, storeValues } from './cells.js';
import type { FrameSetBuilder } from './frame-set.js';

const isBlank = (line: string): boolean => line.trim() === '';

function wrongWidth(place: CellPlace, line: string, cells: number, expected: string): DataError {
  const { file, row } = place;
  return new DataError(
    { file, row },
    { found: isBlank(line) ? 'an empty line' : `${cells} values, ${show(line)}`, expected },
  );
}

/** How many cells a line of one video may have. */
const widthsOf = (task: Task, kind: Kind, { actionUnits, expressions }: LabelSchema): number[] =>
  task === 'AU'
    ? [actionUnits.length]
    : task === 'VA'
      ? [2]
      : kind === 'labels'
        ? [1]
        : [1, expressions.length];

/**
 * Reads the file of one video: a header, then a line per frame.
 * @throws DataError naming the line
 */
export async function readVideoFile(
  builder: FrameSetBuilder,
  { file, task, clip, kind }: { file: string; task: Task; clip: string; kind: Kind },
): Promise<void> {
  const { schema } = builder;
  const lines = await readFrameLines(file, task, schema);
  const widths = widthsOf(task, kind, schema);
  const width = lines[0]?.split(',').length ?? 0;
  const part: Part = { task, at: 0, width };
  const number = builder.open(file);
  builder.addVideoFile({ task, clip, file, lines: lines.length });
  const place: CellPlace = { file, row: 0 };
  const parse = (line: string): number[] | undefined => {
    const cells = line.split(',');
    if (cells.length !== width || !widths.includes(width) || isBlank(line)) {
      const first = widths.includes(width) ? ', as in the first line' : '';
      throw wrongWidth(
        place,
        line,
        cells.length,
        `${widths.join(' or ')} (${task} of schema ${schema.name})${first}`,
      );
    }
    return parseCells(cells, part, kind, schema, place);
  };
  const seen = new Map<string, number[] | undefined>(); // many frames have the classes and units of others
  for (let frame = 0; frame < lines.length; frame++) {
    const line = lines[frame] as string;
    place.row = frame + FIRST_LABEL_LINE;
    let values = seen.get(line);
    if (values === undefined && !seen.has(line)) {
      values = parse(line);
      if (task !== 'VA') seen.set(line, values);
    }
    const row = builder.rowOf(clip, frame);
    if (values === undefined) continue;
    builder.claim(task, row, number, place.row);
    storeValues(builder, row, part, values);
  }
}

/** The first line of a text file, or undefined of an empty one. */
async function firstLine(file: string): Promise<string | undefined> {
  for await (const { text } of readTextBlocks(file)) return text.split('\n', 1)[0]?.trim();
  return undefined;
}

/** Whether a text file has a line per image, `VIDEO/00001.jpg,…`. */
export async function hasImages(file: string): Promise<boolean> {
  return /^image(_location)?\s*,/i.test((await firstLine(file)) ?? '');
}

interface Layout {
  parts: Part[];
  /** Cells of a line. */
  width: number;
}

function unknownHeader(file: string, names: readonly string[], schema: LabelSchema): DataError {
  const lower = names.map((name) => name.toUpperCase()).join();
  const classes = names.map(canonicalExpression).join();
  const fitting = [...SCHEMAS.values()].find(
    (one) =>
      one.name !== schema.name && (one.actionUnits.join() === lower || one.expressions.join() === classes),
  );
  return new DataError(
    { file, row: 1 },
    {
      found: `the columns ${show(names.join())}`,
      expected: `valence,arousal, expression, aus, or the names of the ${schema.actionUnits.length} action units or ${schema.expressions.length} expressions of schema ${schema.name}`,
      ...(fitting && { hint: `It suits --schema ${fitting.name}` }),
    },
  );
}

/** @param cells of the first line after the header: it may have a class where the header names all of them */
function layoutOf(file: string, header: string, cells: number, kind: Kind, schema: LabelSchema): Layout {
  const names = header.split(',').map((name) => name.trim());
  const { actionUnits, expressions } = schema;
  const parts: Part[] = [];
  let at = 1;
  const add = (task: Task, width: number) => {
    parts.push({ task, at, width });
    at += width;
  };
  for (let i = 1; i < names.length; ) {
    const rest = names.slice(i);
    const begins = (list: readonly string[], plain: (name: string) => string) =>
      list.length > 0 && rest.slice(0, list.length).map(plain).join() === list.join();
    if (begins(['valence', 'arousal'], (name) => name.toLowerCase())) {
      add('VA', 2);
      i += 2;
    } else if (rest[0]?.toLowerCase() === 'expression') {
      add('EXPR', 1);
      i++;
    } else if (rest[0]?.toLowerCase() === 'aus') {
      add('AU', actionUnits.length);
      i++;
    } else if (begins(actionUnits, (name) => name.toUpperCase())) {
      add('AU', actionUnits.length);
      i += actionUnits.length;
    } else if (begins(expressions, canonicalExpression)) {
      add('EXPR', kind === 'predictions' && cells > at + 1 ? expressions.length : 1);
      i += expressions.length;
    } else throw unknownHeader(file, names.slice(1), schema);
  }
  return { parts, width: at };
}

/**
 * Reads a file with a line per image. The images' paths tell video and frame.
 * @throws DataError naming the line
 */
export async function readImageFile(
  builder: FrameSetBuilder,
  { file, kind }: { file: string; kind: Kind },
): Promise<void> {
  const { schema } = builder;
  const number = builder.open(file);
  const place: CellPlace = { file, row: 0 };
  let header: string | undefined;
  let layout: Layout | undefined;
  let blank: CellPlace | undefined;
  for await (const { text, firstLine: first } of readTextBlocks(file)) {
    const lines = text.split('\n');
    if (text.endsWith('\n')) lines.pop();
    for (let i = 0; i < lines.length; i++) {
      const line = (lines[i] as string).trimEnd();
      place.row = first + i;
      if (header === undefined) {
        header = line;
        continue;
      }
      if (line === '') {
        blank ??= { file, row: place.row };
        continue; // of no matter at the end
      }
      const cells = line.split(',');
      layout ??= layoutOf(file, header, cells.length, kind, schema);
      if (blank !== undefined) throw wrongWidth(blank, '', 1, `${layout.width} values`);
      if (cells.length !== layout.width)
        throw wrongWidth(
          place,
          line,
          cells.length,
          `${layout.width}, as the header says (schema ${schema.name})`,
        );
      const { video, frame } = parseCropPath(cells[0] as string, place);
      const row = builder.rowOf(video, frame);
      for (const part of layout.parts) {
        const values = parseCells(cells, part, kind, schema, place);
        if (values === undefined) continue;
        builder.claim(part.task, row, number, place.row);
        storeValues(builder, row, part, values);
      }
    }
  }
  if (layout === undefined)
    throw new DataError({ file }, { found: 'no lines', expected: 'a header and a line per image' });
}
