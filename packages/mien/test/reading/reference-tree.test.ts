import { join } from 'node:path';
import { ABAW3 } from 'mien/labels';
import { openRunner } from 'mien/models/runners';
import { PAPER_THRESHOLDS, readReferenceTree } from 'mien/reading';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { writePictures } from '../support/pictures.js';
import { writeModel } from './models.js';

async function runnerOf(over: Parameters<typeof writeModel>[1]) {
  return openRunner(await writeModel(join(folderWith({}), 'm.safetensors'), over), { threads: 1 });
}

async function crops(count: number): Promise<string> {
  const folder = folderWith({ 'notes.txt': 'no crop' });
  await writePictures(folder, Array(count).fill('png'));
  return folder;
}

const clips = (length: number) => ({ sequence: { length, hidden: 6 } });
const lines = (text: string | undefined) => (text as string).split('\n').slice(1);

describe("the reference's tree of a folder of crops", () => {
  it('has files of each model and of the students together', async () => {
    const folder = await crops(5);
    const teacher = await runnerOf({ seed: 1 });
    const students = [await runnerOf({ seed: 2 }), await runnerOf({ seed: 3 })];
    const files = await readReferenceTree({ folder, teacher, students });
    expect(files.map((file) => `${file.folder}/${file.task}`)).toEqual(
      ['teacher', 'student_0', 'student_1', 'merged', 'merged_raw'].flatMap((name) =>
        ['AU', 'EXPR', 'VA'].map((task) => `${name}/${task}`),
      ),
    );
    const find = (name: string, task: string) =>
      files.find((file) => file.folder === name && file.task === task);
    for (const { text } of files) expect(lines(text)).toHaveLength(5);
    const [one, two] = [find('student_0', 'AU'), find('student_1', 'AU')];
    const together = find('merged', 'AU');
    together?.scores.forEach((p, i) => {
      expect(p).toBeCloseTo(((one?.scores[i] as number) + (two?.scores[i] as number)) / 2, 12);
    });
    expect(together?.thresholds).toEqual(PAPER_THRESHOLDS.cnn);
    expect(lines(together?.text).join()).toBe(
      Array.from(together?.scores ?? [], (p, i) =>
        p > (PAPER_THRESHOLDS.cnn[i % 8] as number) ? 1 : 0,
      ).join(),
    );
    expect(lines(one?.text).join()).toBe(Array.from(one?.scores ?? [], (p) => (p > 0.5 ? 1 : 0)).join());
    expect(lines(find('merged_raw', 'AU')?.text)[0]).toMatch(/^(0\.\d{4},){7}0\.\d{4}$/);
    expect(find('merged_raw', 'VA')?.text).toBe(find('merged', 'VA')?.text);
    for (const runner of [teacher, ...students]) await runner.close();
  });

  it('has the last frames alone of a clip between half a window and a window', async () => {
    const folder = await crops(5);
    const runner = await runnerOf(clips(8));
    const files = await readReferenceTree({ folder, students: [runner] });
    for (const { text } of files) expect(lines(text)).toHaveLength(3); // S − n = 8 − 5
    await runner.close();
  });

  it.each([
    [8, PAPER_THRESHOLDS[8]],
    [4, PAPER_THRESHOLDS[32]],
  ])('of windows of %i frames has their thresholds', async (length, thresholds) => {
    const runner = await runnerOf(clips(length));
    const files = await readReferenceTree({ folder: await crops(9), students: [runner] });
    expect(files.find((file) => file.folder === 'merged')?.thresholds).toEqual(thresholds);
    for (const { text } of files) expect(lines(text)).toHaveLength(9);
    await runner.close();
  });

  it('needs pictures, and models of its labels', async () => {
    const runner = await runnerOf({ schema: ABAW3 });
    await expect(readReferenceTree({ folder: await crops(1), students: [runner] })).rejects.toThrow(
      /found label schema abaw3; expected abaw1/,
    );
    await runner.close();
    const empty = folderWith({});
    await expect(readReferenceTree({ folder: empty, students: [] })).rejects.toThrow(/found no picture/);
  });
});
