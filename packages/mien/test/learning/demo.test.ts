// The newcomer's first training run, on fewer drawn faces: the recipe that ships, by the command line.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readMetrics } from 'mien/learning/logs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../../../test/folders.js';

const MAIN = join(ROOT, 'packages/mien/dist/cli/main.js');
/** Less of everything, so that it takes seconds. */
const LESS = [
  'data.demoScale=small',
  'model.inputSize=32',
  'batch.epoch=12',
  'batch.perTask=8',
  'teacher.epochs=5',
  'students.epochs=2',
  'optimizer.lr=2e-3',
  'threads=1',
  'next.batch.epoch=3',
  'next.batch.perTask=1',
  'next.teacher.epochs=2',
  'next.students.epochs=1',
];
const MEMBERS = ['teacher', 'student_0', 'student_1'];

let folder = '';
const mien = (...args: string[]) =>
  spawnSync(process.execPath, [MAIN, ...args], { cwd: folder, encoding: 'utf8' });

let training: ReturnType<typeof mien>;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mien-demo-run-'));
  const set = LESS.flatMap((one) => ['--set', one]);
  training = mien('train', join(ROOT, 'recipes/demo.yaml'), ...set);
}, 240_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('mien train recipes/demo.yaml, made small', () => {
  it('draws its data, trains pictures and then clips, and prints a table of each', () => {
    expect(training.status, training.stderr).toBe(0);
    for (const phase of ['cnn', 'cnn-rnn'])
      expect(training.stdout).toMatch(
        new RegExp(`^${phase} +EXPR F1.*\\nteacher .*\\nstudent_0 .*\\nstudent_1 .*\\nensemble `, 'm'),
      );
  });

  it.each(['cnn', 'cnn-rnn'].flatMap((phase) => MEMBERS.map((member) => [phase, member])))(
    'leaves the networks, logs and plots of %s/%s',
    (phase, member) => {
      const files = [
        'best.safetensors',
        'last.safetensors',
        'done.json',
        'metrics.jsonl',
        'losses.png',
        'scores.png',
      ];
      for (const file of files)
        expect(existsSync(join(folder, 'runs/demo', phase as string, member as string, file)), file).toBe(
          true,
        );
    },
  );

  it('learns: the loss of each task falls', async () => {
    const { steps } = await readMetrics(join(folder, 'runs/demo/cnn/teacher/metrics.jsonl'));
    const mean = (part: 'EXPR' | 'AU' | 'valence' | 'arousal', from: number) =>
      steps
        .slice(from)
        .slice(0, 12)
        .reduce((sum, { parts }) => sum + (parts[part] as number), 0) / 12;
    expect(steps).toHaveLength(60);
    for (const part of ['EXPR', 'AU', 'valence', 'arousal'] as const)
      expect(mean(part, 48), part).toBeLessThan(0.9 * mean(part, 0));
  });

  it('is reported on one page', () => {
    expect(mien('report', 'runs/demo')).toMatchObject({ status: 0, stdout: 'wrote runs/demo/report.html\n' });
    const page = readFileSync(join(folder, 'runs/demo/report.html'), 'utf8');
    expect(page).toContain('This run is finished.');
    expect(page).toContain('cnn-rnn/student_1');
  });
});
