// A run that is killed at any moment and goes on ends with the same weights, bit for bit, as one that was not.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeDemo } from 'mien/datasets/demo';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ROOT } from '../../../../test/folders.js';

const MAIN = join(ROOT, 'packages/mien/dist/cli/main.js');

/** Everything that draws random numbers or keeps state is on. */
const RECIPE = `
seed: 5
data: { demo: demo, demoScale: small }
model: { inputSize: 32, hidden: 16, dropout: 0.3 }
input: { mixup: 0.4 }
batch: { perTask: 4, epoch: longest, accumulate: 2 }
loss: { learnedWeights: true }
weightAverage: { decay: 0.9 }
teacher: { epochs: 3 }
students: { count: 1, epochs: 2 }
checkpointMinutes: 0.002
threads: 1
next:
  model: { sequence: { length: 4, hidden: 8, frozen: false } }
  batch: { perTask: 2, epoch: 8 }
  input: { mixup: 0 }
  teacher: { epochs: 2 }
  students: { epochs: 1 }
`;
const MODELS = ['cnn/teacher', 'cnn/student_0', 'cnn-rnn/teacher', 'cnn-rnn/student_0'].flatMap((member) => [
  `${member}/best.safetensors`,
  `${member}/last.safetensors`,
]);

let folder = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mien-resume-'));
  await writeDemo(join(folder, 'demo'), { seed: 1, size: 48, scale: 'small' });
  writeFileSync(join(folder, 'recipe.yaml'), RECIPE);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** @param killAfterMs SIGKILL so long after the start @returns exit code; null: it was killed */
async function train(args: readonly string[], killAfterMs?: number): Promise<number | null> {
  const child = spawn(process.execPath, [MAIN, 'train', ...args], { cwd: folder, stdio: 'ignore' });
  const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearTimeout(timer);
  return code;
}

const digest = (file: string) =>
  createHash('sha256')
    .update(readFileSync(join(folder, file)))
    .digest('hex');

const metrics = (run: string, member: string) =>
  readFileSync(join(folder, run, member, 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { imagesPerSecond: _, waiting: __, seconds: ___, parts: ____, ...rest } = JSON.parse(line);
      return rest;
    });

it('ends with the weights of an unbroken run after three kills', { timeout: 240_000 }, async () => {
  expect(await train(['recipe.yaml', '--out', 'unbroken'])).toBe(0);

  let kills = 0;
  let code = await train(['recipe.yaml', '--out', 'broken'], 4000);
  while (code === null) {
    kills++;
    const again = existsSync(join(folder, 'broken/recipe.yaml'))
      ? ['--resume', 'broken']
      : ['recipe.yaml', '--out', 'broken'];
    code = await train(again, kills < 3 ? 2500 + 1700 * kills : undefined);
  }

  expect(code).toBe(0);
  expect(kills).toBe(3);
  for (const model of MODELS) expect(digest(`broken/${model}`), model).toBe(digest(`unbroken/${model}`));
  for (const member of ['cnn/teacher', 'cnn-rnn/student_0'])
    expect(metrics('broken', member)).toEqual(metrics('unbroken', member));
});
