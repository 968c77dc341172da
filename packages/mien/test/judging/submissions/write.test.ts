// Submissions to every edition: the exact bytes, and back again.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { walkFiles } from 'mien/files';
import {
  checkSubmission,
  type Estimates,
  readPaired,
  SUBMISSION_EDITIONS,
  type SubmissionEditionName,
  writeSubmission,
} from 'mien/judging';
import { ABAW1, ABAW3 } from 'mien/labels';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../../test/folders.js';
import { GOLDEN } from '../../support/golden.js';
import { estimatesOf, testManifest } from '../../support/submissions.js';

const EDITIONS = Object.keys(SUBMISSION_EDITIONS) as SubmissionEditionName[];

/** All files of a folder: path → content. */
async function contents(folder: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const path of walkFiles(folder)) files[path] = readFileSync(join(folder, path), 'utf8');
  return files;
}

const VA = Float32Array.of(0.03125, -0.5, -0.00001, 1, 0.25, -1);
const EIGHT = { actionUnits: Uint8Array.from('100000010000000011111111', Number) };
const TWELVE = { actionUnits: Uint8Array.from('100000000001000000000000111111111111', Number) };

/** Two frames of video v and one of w, after a row that is no test. */
const VIDEOS = { v: 2, w: 1 };
const ROWS = [1, 2, 3];

const tiny = (schema = ABAW3): Estimates => ({
  name: 'model',
  schema,
  length: 3,
  VA: { values: VA },
  EXPR: { classes: Int32Array.of(0, 6, 3) },
  AU: { decisions: (schema === ABAW1 ? EIGHT : TWELVE).actionUnits },
});

/** Writes and reads again. */
async function written(
  edition: SubmissionEditionName,
  estimates: Estimates,
  lists?: Record<string, string[]>,
) {
  const out = join(folderWith({}), 'out');
  const manifest = testManifest(VIDEOS, estimates.schema, lists);
  const files = await writeSubmission(out, edition, { estimates, manifest, rows: ROWS });
  return { out, files, manifest, contents: await contents(out) };
}

describe('the files of an edition, byte for byte', () => {
  it('fg2020: a file per task and video, without a last line end', async () => {
    const { contents, files } = await written('fg2020', tiny(ABAW1));
    expect(contents).toEqual({
      'AU_Set/v.txt': 'AU1,AU2,AU4,AU6,AU12,AU15,AU20,AU25\n1,0,0,0,0,0,0,1\n0,0,0,0,0,0,0,0',
      'AU_Set/w.txt': 'AU1,AU2,AU4,AU6,AU12,AU15,AU20,AU25\n1,1,1,1,1,1,1,1',
      'EXPR_Set/v.txt': 'Neutral,Anger,Disgust,Fear,Happiness,Sadness,Surprise\n0\n6',
      'EXPR_Set/w.txt': 'Neutral,Anger,Disgust,Fear,Happiness,Sadness,Surprise\n3',
      'VA_Set/v.txt': 'valence,arousal\n0.0312,-0.5000\n-0.0000,1.0000',
      'VA_Set/w.txt': 'valence,arousal\n0.2500,-1.0000',
    });
    expect(files[0]).toEqual({ path: 'EXPR_Set/v.txt', tasks: ['EXPR'], lines: 2 });
  });

  it('abaw3: a file per task and video', async () => {
    const { contents } = await written('abaw3', tiny());
    expect(contents).toEqual({
      'AU/v.txt':
        'AU1,AU2,AU4,AU6,AU7,AU10,AU12,AU15,AU23,AU24,AU25,AU26\n1,0,0,0,0,0,0,0,0,0,0,1\n0,0,0,0,0,0,0,0,0,0,0,0\n',
      'AU/w.txt': 'AU1,AU2,AU4,AU6,AU7,AU10,AU12,AU15,AU23,AU24,AU25,AU26\n1,1,1,1,1,1,1,1,1,1,1,1\n',
      'EXPR/v.txt': 'Neutral,Anger,Disgust,Fear,Happiness,Sadness,Surprise,Other\n0\n6\n',
      'EXPR/w.txt': 'Neutral,Anger,Disgust,Fear,Happiness,Sadness,Surprise,Other\n3\n',
      'VA/v.txt': 'valence,arousal\n0.0312,-0.5000\n-0.0000,1.0000\n',
      'VA/w.txt': 'valence,arousal\n0.2500,-1.0000\n',
    });
  });

  it('abaw5: a file per task with a line per image', async () => {
    const { contents } = await written('abaw5', tiny());
    expect(contents).toEqual({
      'AU/predictions.txt':
        'image_location,AU1,AU2,AU4,AU6,AU7,AU10,AU12,AU15,AU23,AU24,AU25,AU26\n' +
        'v/00001.jpg,1,0,0,0,0,0,0,0,0,0,0,1\nv/00002.jpg,0,0,0,0,0,0,0,0,0,0,0,0\nw/00001.jpg,1,1,1,1,1,1,1,1,1,1,1,1\n',
      'EXPR/predictions.txt':
        'image_location,Neutral,Anger,Disgust,Fear,Happiness,Sadness,Surprise,Other\nv/00001.jpg,0\nv/00002.jpg,6\nw/00001.jpg,3\n',
      'VA/predictions.txt':
        'image_location,valence,arousal\nv/00001.jpg,0.0312,-0.5000\nv/00002.jpg,-0.0000,1.0000\nw/00001.jpg,0.2500,-1.0000\n',
    });
  });

  it('mtl: one file with a line per image', async () => {
    const { contents } = await written('mtl', tiny());
    expect(contents).toEqual({
      'MTL_predictions.txt':
        'image,valence,arousal,expression,aus\n' +
        'v/00001.jpg,0.0312,-0.5000,0,1,0,0,0,0,0,0,0,0,0,0,1\n' +
        'v/00002.jpg,-0.0000,1.0000,6,0,0,0,0,0,0,0,0,0,0,0,0\n' +
        'w/00001.jpg,0.2500,-1.0000,3,1,1,1,1,1,1,1,1,1,1,1,1\n',
    });
  });

  it('lists tell which videos of which task, in which order', async () => {
    const { contents } = await written('abaw5', tiny(), { VA: ['w', 'v'], AU: ['w'] });
    expect(Object.keys(contents).sort()).toEqual(['AU/predictions.txt', 'VA/predictions.txt']);
    expect(contents['VA/predictions.txt']?.match(/^.\/\d+/gm)).toEqual(['w/00001', 'v/00001', 'v/00002']);
    expect(contents['AU/predictions.txt']?.split('\n')).toHaveLength(3);
  });

  it('a task that the model lacks is left out, where the edition takes tasks apart', async () => {
    const { EXPR, AU, ...estimates } = tiny();
    expect(Object.keys((await written('abaw3', estimates)).contents)).toEqual(['VA/v.txt', 'VA/w.txt']);
    await expect(written('mtl', estimates)).rejects.toThrow(
      'model: found no EXPR; expected EXPR, as mtl has it',
    );
  });
});

describe("the reference's own results", () => {
  interface Golden {
    file: string;
    tool: string;
    task: 'AU' | 'EXPR' | 'VA';
    dtype: string;
    frames_ids: number[];
    predictions: number[] | number[][];
  }
  const golden = (
    JSON.parse(readFileSync(join(GOLDEN, 'datasets/expected/text/index.json'), 'utf8')) as Golden[]
  ).filter(
    ({ tool, frames_ids, dtype }) => tool === 'test_cnn' && frames_ids.length > 0 && dtype !== 'float32',
  );

  it.each(golden)('$file', async ({ file, task, frames_ids, predictions }) => {
    const n = frames_ids.length;
    const flat = predictions.flat();
    const estimates: Estimates = {
      name: 'model',
      schema: ABAW1,
      length: n,
      ...(task === 'AU' && { AU: { decisions: Uint8Array.from(flat) } }),
      ...(task === 'EXPR' && { EXPR: { classes: Int32Array.from(flat) } }),
      ...(task === 'VA' && { VA: { values: Float32Array.from(flat) } }),
    };
    const out = join(folderWith({}), 'out');
    const rows = Array.from({ length: n }, (_, i) => i + 1);
    await writeSubmission(out, 'fg2020', { estimates, manifest: testManifest({ v: n }, ABAW1), rows });
    expect(readFileSync(join(out, `${task}_Set/v.txt`), 'utf8')).toBe(
      readFileSync(join(GOLDEN, 'datasets/expected', file), 'utf8'),
    );
  });

  it('are there', () => expect(golden.length).toBeGreaterThanOrEqual(4));
});

describe('round trip', () => {
  it.each(EDITIONS)('%s: written, checked, read again and scored against itself', async (edition) => {
    const { schema } = SUBMISSION_EDITIONS[edition];
    const manifest = testManifest({ v: 7, w_left: 5, x: 1 }, schema);
    const estimates = estimatesOf(14, schema);
    const out = join(folderWith({}), 'out');
    await writeSubmission(out, edition, { estimates, manifest });
    expect((await checkSubmission(out, edition, manifest)).problems).toEqual([]);
    const { path } = SUBMISSION_EDITIONS[edition];
    const file = edition === 'mtl' ? join(out, path('VA', '')) : out;
    const { truth, estimates: found } = await readPaired([file], file, { schema });
    expect(truth.length).toBe(13);
    const [one] = found as [Required<Estimates>];
    expect(one.EXPR.classes).toEqual(truth.expression);
    expect(one.AU.decisions.join()).toBe(truth.actionUnits.join());
    expect(one.VA.values).toEqual(truth.valenceArousal);
    expect(one.EXPR.classes.join()).toBe(estimates.EXPR.classes.slice(1).join());
    one.VA.values.forEach((value, i) => {
      expect(Math.abs(value - (estimates.VA.values[i + 2] as number))).toBeLessThanOrEqual(0.000051);
    });
  });
});

describe('nothing is written', () => {
  const write = async (
    edition: SubmissionEditionName,
    estimates: Estimates,
    manifest = testManifest(VIDEOS, ABAW3),
    rows: number[] = ROWS,
  ) => {
    const root = folderWith({});
    const out = join(root, 'out');
    await expect(writeSubmission(out, edition, { estimates, manifest, rows })).rejects.toThrow();
    expect(readdirSync(root)).toEqual([]);
    return writeSubmission(out, edition, { estimates, manifest, rows }).catch(
      (error: Error) => error.message,
    );
  };

  it('for estimates of another schema', async () => {
    expect(await write('fg2020', tiny(ABAW3))).toMatch(
      /^model: found EXPR of schema abaw3 \(neutral,.*\); expected that of schema abaw1, as fg2020 has it/,
    );
  });

  it('where a frame was not estimated', async () => {
    expect(await write('abaw5', { ...tiny(), length: 2 }, undefined, [1, 2])).toBe(
      'test.parquet:4: found no estimate for w/00001.jpg; expected one for every frame of a test video',
    );
  });

  it('where a value is no number', async () => {
    const values = Float32Array.of(0, 0, 0, 0, 0, Number.NaN);
    expect(await write('abaw3', { ...tiny(), VA: { values } })).toMatch(/NaN/);
  });

  it('for a manifest without test videos, without a frame, with a frame twice, without a listed video', async () => {
    const none = testManifest({}, ABAW3);
    expect(await write('abaw3', tiny(), none)).toMatch(/^test\.parquet: found no row of the split test/);
    const gap = testManifest({ v: 1 }, ABAW3);
    gap.faces.push({ dataset: 'd', image: 'v/3.jpg', split: 'test', clip: 'v', frame: 2 });
    expect(await write('abaw3', tiny(), gap)).toMatch(
      /^test\.parquet:3: found frame 2 of v; expected frame 1: a line for every frame is wanted/,
    );
    const twice = testManifest({ v: 1 }, ABAW3);
    twice.faces.push({ dataset: 'd', image: 'v/1.jpg', split: 'test', clip: 'v', frame: 0 });
    expect(await write('mtl', tiny(), twice)).toMatch(
      /^test\.parquet:3: found frame 0 of v for the second time; expected one face per frame; the first is row 2/,
    );
    const lost = testManifest({ v: 1 }, ABAW3, { VA: ['v', 'lost'] });
    expect(await write('abaw3', tiny(), lost)).toMatch(
      /^test\.parquet: found no frames of test video lost; expected some: VA\.txt lists it/,
    );
  });

  it('into a folder that holds something', async () => {
    const root = folderWith({});
    mkdirSync(join(root, 'out'));
    writeFileSync(join(root, 'out/mine.txt'), '');
    const source = { estimates: tiny(), manifest: testManifest(VIDEOS, ABAW3), rows: ROWS };
    await expect(writeSubmission(join(root, 'out'), 'abaw3', source)).rejects.toThrow(
      /out: found a folder that is not empty; expected a new folder/,
    );
    expect(existsSync(join(root, 'out/mine.txt'))).toBe(true);
  });
});
