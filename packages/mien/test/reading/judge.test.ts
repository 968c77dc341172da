import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FaceTable, writeManifest } from 'mien/datasets';
import { decide, evaluate } from 'mien/judging';
import { ABAW1 } from 'mien/labels';
import { formatRecipe, resolveRecipe } from 'mien/learning';
import { ensembleTuningOf, readModelInfo, storeTuning, tuningOf, withTuning } from 'mien/models';
import { type JudgeOptions, judgeModels, type LabelledOptions, readLabelled, tuneModels } from 'mien/reading';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { writePictures } from '../support/pictures.js';
import { writeMember, writeModel } from './models.js';

/** Labelled pictures of four clips: 16 for validation with all labels, 4 for training. @returns the manifest's file */
async function labelled(folder: string): Promise<string> {
  const names = await writePictures(folder, Array(20).fill('png'));
  const faces = new FaceTable(ABAW1);
  names.forEach((image, i) => {
    faces.push({
      dataset: 'set',
      image,
      split: i < 16 ? 'validation' : 'train',
      clip: `clip ${i % 4}`,
      frame: i >> 2,
      expression: ABAW1.expressions[i % 7],
      actionUnits: ABAW1.actionUnits.map((_, k) => ((i + k) % 3 === 0 ? 1 : 0)),
      valence: Math.sin(i),
      arousal: Math.cos(i),
    });
  });
  const file = join(folder, 'faces.parquet');
  writeManifest(file, { faces, roots: new Map([['set', folder]]), history: [] });
  return file;
}

async function place() {
  const folder = folderWith({});
  const data = [await labelled(folder)];
  const models = [
    await writeModel(join(folder, 'one.safetensors'), { seed: 1 }),
    await writeModel(join(folder, 'two.safetensors'), { seed: 2 }),
  ];
  const options: LabelledOptions & { draws: number } = { models, data, threads: 1, draws: 0 };
  return { folder, models, options };
}

describe('judging models', () => {
  it('scores each and all together, on the rows of the split', async () => {
    const { options } = await place();
    const { evaluation, rows, members, truth, imageOf } = await judgeModels(options);
    expect([...rows]).toEqual(Array.from({ length: 16 }, (_, row) => row));
    expect(imageOf(3)).toMatch(/3\.png$/);
    expect(evaluation.members.map(({ name }) => name)).toEqual(['one', 'two', 'ensemble']);
    const outputs = members.map(({ output }) => output);
    const estimates = [decide([outputs[0] as never]), decide([outputs[1] as never]), decide(outputs)];
    const expected = evaluate(estimates, truth, { bootstrap: false });
    evaluation.members.forEach((member, i) => {
      expect(member.EXPR?.f1).toEqual(expected.members[i]?.EXPR?.f1);
      expect(member.AU?.f1).toEqual(expected.members[i]?.AU?.f1);
      expect(member.VA?.ccc).toEqual(expected.members[i]?.VA?.ccc);
    });
    expect(evaluation.members[2]?.riskCoverage?.EXPR?.risk).toBe('error rate');
    expect(evaluation.members[0]?.riskCoverage).toBeUndefined();
    expect(evaluation.comparisons.map(({ first, second }) => [first, second])).toEqual([
      ['ensemble', 'one'],
      ['ensemble', 'two'],
    ]);
  });

  it('takes the thresholds that a model has, none, or those of a rule with cross-fitted figures beside', async () => {
    const { models, options } = await place();
    const thresholds = Object.fromEntries(ABAW1.actionUnits.map((unit) => [unit, 0.999]));
    await storeTuning(models[0] as string, (info) => withTuning(info, { thresholds }));
    const one = { ...options, models: models.slice(0, 1) };
    const recalls = async (more: Partial<JudgeOptions>) => {
      const [member] = (await judgeModels({ ...one, ...more })).evaluation.members;
      return member?.AU?.units.map(({ recall, threshold }) => [recall, threshold]);
    };
    expect(await recalls({})).toEqual(Array(8).fill([0, 0.999]));
    const fixed = await recalls({ thresholds: 'fixed' });
    expect(fixed?.every(([, threshold]) => threshold === 0.5)).toBe(true);
    const { evaluation } = await judgeModels({ ...one, thresholds: 'max-f1' });
    const units = evaluation.members[0]?.AU;
    expect(units?.f1CrossFitted?.value).toBeLessThanOrEqual(units?.f1.value as number);
    expect(units?.units.every(({ threshold }) => threshold !== undefined && threshold < 0.999)).toBe(true);
  });

  it('keeps a teacher out of the ensemble', async () => {
    const { folder, options } = await place();
    const run = join(folder, 'run');
    for (const [seed, member] of ['teacher', 'student_0', 'student_1'].entries())
      await writeMember(run, `cnn/${member}`, { seed });
    const recipe = resolveRecipe({ preset: 'mien', students: { count: 2 } }, 'test');
    writeFileSync(join(run, 'recipe.yaml'), formatRecipe(recipe));
    const students = await judgeModels({ ...options, models: [run] });
    const all = await judgeModels({ ...options, models: [run], teacher: true });
    const names = ({ evaluation }: typeof all) => evaluation.members.map(({ name }) => name);
    expect(names(students)).toEqual(['student_0', 'student_1', 'ensemble']);
    expect(names(all)).toEqual(['teacher', 'student_0', 'student_1', 'ensemble']);
    expect(all.evaluation.members[3]?.mean).toEqual(students.evaluation.members[2]?.mean);
  });

  it('of faces without such labels is an error', async () => {
    const { options } = await place();
    await expect(readLabelled({ ...options, split: 'test' })).rejects.toThrow(
      /found no face of split test with labels of EXPR, AU, VA/,
    );
  });
});

describe('tuning models', () => {
  it('stores in each its own, and what holds for them together', async () => {
    const { models, options } = await place();
    const { tuned, stored } = await tuneModels(options);
    expect(tuned.map(({ name }) => name)).toEqual(['one', 'two', 'ensemble']);
    expect(stored).toEqual(models);
    const { members } = await readLabelled(options);
    for (const [i, { info }] of members.entries()) {
      expect(tuningOf(info)).toEqual(tuned[i]?.result.tuning);
      const hashes = members.map(({ hash }) => hash);
      expect(ensembleTuningOf([info], hashes)).toEqual(tuned[2]?.result.tuning);
    }
    const { evaluation } = await judgeModels(options);
    evaluation.members.forEach((member, i) => {
      expect(member.AU?.f1.value).toBeCloseTo(tuned[i]?.result.fitted.AU?.f1 as number, 12);
    });
  });

  it('stores nothing on a dry run, nor in a file that has no room', async () => {
    const { folder, models, options } = await place();
    await tuneModels({ ...options, dryRun: true });
    expect(tuningOf(await readModelInfo(models[0] as string))).toEqual({});
    writeFileSync(join(folder, 'a.pth'), '');
    const asked = tuneModels({
      ...options,
      models: [...models, join(folder, 'a.pth')],
      data: ['none.parquet'],
    });
    await expect(asked).rejects.toThrow(/a\.pth: found a checkpoint, which has no room/);
  });
});
