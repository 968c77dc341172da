// Tables of readings: the same numbers in every format, whole or not at all, and scored as they are.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { openParquet, readTable } from 'mien/files';
import { readPaired } from 'mien/judging';
import { ABAW1, ABAW3, type LabelSchema, TASKS, type Task } from 'mien/labels';
import {
  type FrameReading,
  openReadingTable,
  provenanceOf,
  READING_FORMATS,
  type ReadingTableOptions,
  readingColumns,
} from 'mien/reading';
import { describe, expect, it } from 'vitest';
import { folderWith, ROOT } from '../../../../../test/folders.js';
import { only } from '../../support/paired.js';
import { makeReadings } from '../../support/readings.js';

const FRAMES = makeReadings({ frames: 40, faces: 2, gaps: 0.3, without: [[5, 9]], ensemble: true });
const ALL: ReadingTableOptions = { schema: ABAW3, tasks: TASKS, landmarks: true, disagreement: true };

function write(file: string, frames: readonly FrameReading[], options: ReadingTableOptions): string {
  const table = openReadingTable(file, options);
  for (const frame of frames) table.write(frame);
  table.close();
  return file;
}

/** Cells as text, whatever the format. */
async function cellsIn(file: string): Promise<{ columns: readonly string[]; rows: string[][] }> {
  const table = await readTable(file);
  const rows: string[][] = [];
  for await (const batch of table) for (const { cells } of batch) rows.push(cells.map((cell) => cell ?? ''));
  return { columns: table.columns, rows };
}

describe('a table of readings', () => {
  it('has a row for each face, and one for a frame without', async () => {
    const { columns, rows } = await cellsIn(write(join(folderWith({}), 't.csv'), FRAMES, ALL));
    expect(columns).toEqual(readingColumns(ALL).map(({ name }) => name));
    const at = (name: string) => columns.indexOf(name);
    const expected = FRAMES.flatMap(({ frame, faces }) =>
      faces.length === 0 ? [[frame, 0, '']] : faces.map(({ face }) => [frame, faces.length, face]),
    );
    expect(rows.map((row) => [row[at('frame')], row[at('faces')], row[at('face')]])).toEqual(
      expected.map((row) => row.map(String)),
    );
    for (const row of rows)
      if (row[at('face')] === '')
        expect(row.slice(at('face'))).toEqual(Array(columns.length - at('face')).fill(''));
  });

  it('holds the same in CSV, JSON Lines and Parquet', async () => {
    const folder = folderWith({});
    const [csv, ...others] = await Promise.all(
      READING_FORMATS.map((format) => cellsIn(write(join(folder, `t.${format}`), FRAMES, ALL))),
    );
    expect(csv?.rows.length).toBeGreaterThan(40);
    for (const other of others) expect(other).toEqual(csv);
  });

  it('holds what was read, to six decimals, and pixels to two', async () => {
    const { columns, rows } = await cellsIn(write(join(folderWith({}), 't.parquet'), FRAMES, ALL));
    const cell = (row: string[] | undefined, name: string) => row?.[columns.indexOf(name)] ?? '';
    let i = 0;
    for (const { time = 0, faces } of FRAMES) {
      for (const { box, score, expression, actionUnits, valence, landmarks, disagreement } of faces) {
        const row = rows[i++];
        expect(Number(cell(row, 'time_s'))).toBeCloseTo(time, 6);
        expect(Number(cell(row, 'box_width_px'))).toBeCloseTo(box.width, 2);
        expect(Number(cell(row, 'face_score'))).toBeCloseTo(score, 6);
        expect(cell(row, 'expression')).toBe(expression?.label);
        const sum = ABAW3.expressions.reduce((s, name) => s + Number(cell(row, `${name}_probability`)), 0);
        expect(sum).toBeCloseTo(1, 5);
        const most = Math.max(...ABAW3.expressions.map((name) => Number(cell(row, `${name}_probability`))));
        expect(Number(cell(row, 'expression_probability'))).toBe(most);
        expect(Number(cell(row, 'AU12'))).toBe(actionUnits?.AU12?.present ? 1 : 0);
        expect(Number(cell(row, 'AU12_probability'))).toBeCloseTo(actionUnits?.AU12?.probability ?? 9, 6);
        expect(Number(cell(row, 'valence'))).toBeCloseTo(valence ?? 9, 6);
        expect(Number(cell(row, 'disagreement_expression'))).toBeCloseTo(disagreement?.EXPR ?? 9, 6);
        const points: number[] = JSON.parse(cell(row, 'landmarks_px'));
        points.forEach((value, k) => {
          expect(value).toBeCloseTo(landmarks[k] as number, 2);
        });
        expect(points).toHaveLength(landmarks.length);
      }
      if (faces.length === 0) i++;
    }
    expect(i).toBe(rows.length);
  });

  it.each<[LabelSchema, Task[], string[]]>([
    [ABAW1, ['VA'], ['valence', 'arousal']],
    [ABAW1, ['EXPR'], ['expression', 'expression_probability', 'neutral_probability']],
    [ABAW3, ['AU'], ['AU1', 'AU1_probability', 'AU2']],
  ])('has columns of what was read alone: %j %j', (schema, tasks, first) => {
    const names = readingColumns({ schema, tasks }).map(({ name }) => name);
    expect(names.slice(10, 10 + first.length)).toEqual(first);
    expect(new Set(names).size).toBe(names.length);
  });

  it('quotes what CSV needs quoted', () => {
    const source = 'a "b", c\nd.mp4';
    const file = write(join(folderWith({}), 't.csv'), makeReadings({ frames: 1, source }), {
      schema: ABAW3,
      tasks: ['VA'],
    });
    expect(parse(readFileSync(file), { columns: true })).toMatchObject([{ source, frame: '0' }]);
  });

  it('tells how it was made', async () => {
    const folder = folderWith({});
    const provenance = provenanceOf({
      command: 'mien predict v.mp4',
      schema: ABAW3,
      tasks: TASKS,
      models: [{ name: 'm', file: 'm.onnx', hash: 'abc' }],
      settings: { every: 2 },
    });
    for (const format of READING_FORMATS) write(join(folder, `t.${format}`), FRAMES, { ...ALL, provenance });
    const { keyValues } = await openParquet(join(folder, 't.parquet'));
    expect(JSON.parse(keyValues.get('mien.reading') ?? '')).toEqual(provenance);
    expect(Object.keys(JSON.parse(keyValues.get('mien.columns') ?? ''))).toContain('valence');
    for (const format of ['csv', 'jsonl'])
      expect(JSON.parse(readFileSync(join(folder, `t.${format}.json`), 'utf8'))).toEqual(provenance);
    expect(readdirSync(folder)).toHaveLength(5);
  });

  it('appears whole or not at all', () => {
    const folder = folderWith({});
    for (const format of READING_FORMATS) {
      const file = join(folder, `t.${format}`);
      const table = openReadingTable(file, ALL);
      for (const frame of FRAMES) table.write(frame);
      expect(existsSync(file)).toBe(false);
      table.abort();
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is made of a file that can be written, with an ending that says its format', () => {
    const folder = folderWith({ taken: '' });
    expect(() => openReadingTable(join(folder, 't.xlsx'), ALL)).toThrow(
      /t\.xlsx: found the ending \.xlsx; expected \.csv, \.parquet, \.jsonl/,
    );
    expect(() => openReadingTable(join(folder, 'taken/t.csv'), ALL)).toThrow(
      /a file where a folder should be/,
    );
  });

  it('writes rows while others are still to come', () => {
    const written: number[] = [];
    const folder = folderWith({});
    const table = openReadingTable(join(folder, 't.parquet'), { schema: ABAW3, tasks: TASKS });
    for (let round = 0; round < 600; round++) {
      for (const frame of FRAMES) table.write(frame);
      if (round % 200 === 199) {
        const [part] = readdirSync(folder);
        written.push(readFileSync(join(folder, part as string)).length);
      }
    }
    expect(written[0]).toBeGreaterThan(0);
    expect(written[1]).toBeGreaterThan(written[0] as number);
    table.abort();
  });
});

describe('docs/predict.md', () => {
  it('tells every column', () => {
    const text = readFileSync(join(ROOT, 'docs/predict.md'), 'utf8');
    const told = new Set(text.match(/`[a-zA-Z0-9_]+`/g)?.map((name) => name.slice(1, -1)));
    const schema: LabelSchema = { name: 's', actionUnits: ['AU1'], expressions: ['neutral'] };
    for (const { name } of readingColumns({ ...ALL, schema })) expect(told).toContain(name);
  });
});

describe('a table of readings, scored', () => {
  const ONE = makeReadings({ frames: 30, source: 'videos/clip.one.mp4' });

  /** Labels that agree with the readings, with `clip` and `frame`. */
  function labelsOf(frames: readonly FrameReading[]): string {
    const head = ['clip', 'frame', 'expression', 'valence', 'arousal', ...ABAW3.actionUnits].join();
    const lines = frames.map(({ frame, faces: [face] }) =>
      [
        'clip',
        frame,
        face?.expression?.label,
        face?.valence,
        face?.arousal,
        ...ABAW3.actionUnits.map((unit) => Number(face?.actionUnits?.[unit]?.present)),
      ].join(),
    );
    return [head, ...lines, ''].join('\n');
  }

  it.each(READING_FORMATS)('pairs with labels by video and frame: %s', async (format) => {
    const folder = folderWith({ 'labels.csv': labelsOf(ONE) });
    const file = write(join(folder, `t.${format}`), ONE, { ...ALL, disagreement: false });
    const { estimates, truth } = await readPaired([file], join(folder, 'labels.csv'), { schema: ABAW3 });
    const [estimate] = estimates;
    expect(truth.length).toBe(30);
    expect(estimate?.EXPR?.classes).toEqual(truth.expression);
    expect(estimate?.EXPR?.probabilities?.length).toBe(30 * 8);
    expect([...(estimate?.AU?.decisions ?? [])]).toEqual([...truth.actionUnits]);
    estimate?.VA?.values.forEach((value, i) => {
      expect(value).toBeCloseTo(truth.valenceArousal[i] as number, 5);
    });
  });

  it('pairs pictures by their paths', async () => {
    const pictures = ONE.slice(0, 3).map((frame, i) => ({
      ...frame,
      source: `v/0000${i + 1}.jpg`,
      frame: 0,
      time: undefined,
    }));
    const folder = folderWith({ 'labels.csv': labelsOf(ONE.slice(0, 3)).replaceAll(/^clip,(?=\d)/gm, 'v,') });
    const file = write(join(folder, 't.csv'), pictures, ALL);
    const { estimates, truth } = await readPaired([file], join(folder, 'labels.csv'), { schema: ABAW3 });
    expect(estimates[0]?.EXPR?.classes).toEqual(truth.expression);
  });

  it('needs pictures or videos alone, and one face a frame', async () => {
    const folder = folderWith({ 'labels.csv': labelsOf(ONE) });
    const score = (frames: readonly FrameReading[]) =>
      readPaired([write(join(folder, 't.csv'), frames, ALL)], join(folder, 'labels.csv'), { schema: ABAW3 });
    const picture = { ...(ONE[0] as FrameReading), time: undefined, source: 'p.jpg' };
    await expect(score([...ONE, picture])).rejects.toThrow(
      /t\.csv:32, column source: found a picture; expected a frame of a video, as in the rows before/,
    );
    await expect(score(makeReadings({ frames: 2, faces: 2, source: 'clip.mp4' }))).rejects.toThrow(
      /found frame 0 of clip for the second time/,
    );
  });

  it('leaves out frames without a face, which is an error where they are labelled', async () => {
    const gap = makeReadings({ frames: 30, source: 'clip.mp4', without: [[4, 6]] });
    const folder = folderWith({ 'labels.csv': labelsOf(ONE) });
    const file = write(join(folder, 't.csv'), gap, ALL);
    await expect(readPaired([file], join(folder, 'labels.csv'), { schema: ABAW3 })).rejects.toThrow(
      /no EXPR prediction for frame 4 of clip; 2 labelled frames are without/,
    );
    const seen = gap.filter(({ faces }) => faces.length > 0);
    writeFileSync(join(folder, 'labels.csv'), labelsOf(seen));
    const result = await readPaired([file], join(folder, 'labels.csv'), { schema: ABAW3 });
    expect(only(result).EXPR?.classes).toHaveLength(28);
  });
});
