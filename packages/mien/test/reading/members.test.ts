import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ABAW3 } from 'mien/labels';
import { formatRecipe, resolveRecipe } from 'mien/learning';
import { findMembers, openMembers } from 'mien/reading';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { exported, writeMember, writeModel } from './models.js';

/** A run with two phases; its second student of the second phase is not finished. */
async function run(): Promise<string> {
  const folder = join(folderWith({}), 'mine');
  mkdirSync(folder);
  const recipe = resolveRecipe(
    { preset: 'mien', students: { count: 2 }, next: { model: { sequence: { length: 4 } } } },
    'test',
  );
  writeFileSync(join(folder, 'recipe.yaml'), formatRecipe(recipe));
  for (const member of ['cnn/teacher', 'cnn/student_0', 'cnn/student_1']) await writeMember(folder, member);
  for (const member of ['cnn-rnn/teacher', 'cnn-rnn/student_0']) await writeMember(folder, member);
  await writeMember(folder, 'cnn-rnn/student_1', { done: false });
  return folder;
}

describe('models that are named', () => {
  it('as a run are the finished students of its last phase', async () => {
    const folder = await run();
    expect(await findMembers([folder])).toEqual([
      { name: 'student_0', file: join(folder, 'cnn-rnn/student_0/best.safetensors'), joins: true },
    ]);
  });

  it('as a run with a phase and its teacher have the teacher beside, which joins no ensemble', async () => {
    const members = await findMembers([await run()], { phase: 'cnn', teacher: true });
    expect(members.map(({ name, joins }) => [name, joins])).toEqual([
      ['teacher', false],
      ['student_0', true],
      ['student_1', true],
    ]);
  });

  it('as files and members of runs are themselves, a teacher too', async () => {
    const folder = await run();
    const file = await writeModel(join(folderWith({}), 'some.safetensors'));
    const members = await findMembers([file, join(folder, 'cnn/teacher')]);
    expect(members.map(({ name, joins }) => [name, joins])).toEqual([
      ['some', true],
      ['teacher', true],
    ]);
  });

  it('alike are told apart by their folders', async () => {
    const folder = await run();
    const given = ['cnn/student_0', 'cnn-rnn/student_0'].map((member) => join(folder, member));
    expect((await findMembers(given)).map(({ name }) => name)).toEqual([
      'cnn/student_0',
      'cnn-rnn/student_0',
    ]);
    await expect(findMembers([folder, given[1] as string])).rejects.toThrow(/the same model twice/);
  });

  it('wrongly are refused, with what would be right', async () => {
    const folder = await run();
    const empty = join(folderWith({}), 'empty');
    mkdirSync(empty);
    writeFileSync(join(empty, 'recipe.yaml'), formatRecipe(resolveRecipe({ preset: 'mien' }, 'test')));
    await expect(findMembers([join(folder, 'nothing')])).rejects.toThrow(
      /no such file; expected a model's file/,
    );
    await expect(findMembers([join(folder, 'cnn')])).rejects.toThrow(
      /expected a model's file, a run's folder/,
    );
    await expect(findMembers([empty])).rejects.toThrow(/no finished member.*mien train --resume/);
    await expect(findMembers([folder], { phase: 'late' })).rejects.toThrow(
      /of phase late; expected one of cnn/,
    );
  });

  it('are opened together when they speak of the same', async () => {
    const folder = folderWith({});
    const file = await writeModel(join(folder, 'one.safetensors'));
    const onnx = await exported(await writeModel(join(folder, 'two.safetensors'), { seed: 2 }));
    const { runners, members, close } = await openMembers([file, onnx], { threads: 1 });
    expect(runners.map(({ name }) => name)).toEqual(members.map(({ name }) => name));
    await close();
    const other = await writeModel(join(folder, 'other.safetensors'), { schema: ABAW3 });
    await expect(openMembers([file, other])).rejects.toThrow(
      /other\.safetensors: found labels .*other.*; expected labels .*surprise.* as .*one\.safetensors has/,
    );
    const single = await writeModel(join(folder, 'single.safetensors'), { tasks: ['AU'] });
    await expect(openMembers([file, single])).rejects.toThrow(/found tasks AU; expected tasks EXPR, AU, VA/);
  });
});
