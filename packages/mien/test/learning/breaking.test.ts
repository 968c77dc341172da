// Training that cannot go on: a disk that is full, numbers that are none. What the command says, and what is left.

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { formatRecipe } from 'mien/learning';
import { beforeAll, expect, it } from 'vitest';
import {
  changed,
  digest,
  drawnFaces,
  mienTrain,
  PATIENCE,
  recipe,
  type Settings,
  trained,
} from './support.js';

const faces = drawnFaces();

/** Paths start from the folder, where the command is run. */
const SETTINGS = {
  data: { EXPR: 'demo/expr.parquet' },
  optimizer: { kind: 'adam', lr: 1e-3 },
  batch: { epoch: 4 },
  teacher: { epochs: 8 },
} satisfies Settings;
const TEACHER = 'cnn/teacher';
const CHECKPOINT = `${TEACHER}/checkpoint.safetensors`;

beforeAll(async () => {
  writeFileSync(faces.at('r.yaml'), formatRecipe(recipe(SETTINGS)));
  await trained(faces.at('unbroken'), { ...SETTINGS, data: { EXPR: faces.at('demo/expr.parquet') } });
}, 2 * PATIENCE.timeout);

/** Runs the command to its end. */
async function run(args: readonly string[]) {
  const { said, ended } = mienTrain(faces.folder, args);
  return { code: await ended, ...said };
}

const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0;

it.runIf(hasPrlimit)('a full disk: names file and checkpoint, and the run can go on', PATIENCE, async () => {
  const { child, said, ended, says } = mienTrain(faces.folder, ['r.yaml', '--out', 'full']);
  await says(/^ *2\/8 .*\n/m); // the first epoch's checkpoint is there
  // From here on no file can be written beyond this size.
  spawnSync('prlimit', ['--pid', String(child.pid), '--fsize=1000000']);
  expect(await ended).toBe(1);
  expect(said.stderr).toMatch(
    new RegExp(
      `^mien: .*full/${TEACHER}/\\w+\\.safetensors.*cannot be written.*; the last good checkpoint is full/${CHECKPOINT}$`,
      'm',
    ),
  );
  cpSync(faces.at('full'), faces.at('infinite'), { recursive: true });
  expect((await run(['--resume', 'full'])).code).toBe(0);
  const best = `${TEACHER}/best.safetensors`;
  expect(digest(faces.at('full', best))).toBe(digest(faces.at('unbroken', best)));
});

it.runIf(hasPrlimit)('a loss that is no number: names the last good checkpoint', PATIENCE, async () => {
  const file = faces.at('infinite/recipe.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('    EXPR: 1\n', '    EXPR: 1e300\n'));
  const { code, stderr } = await run(['--resume', 'infinite']);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    new RegExp(
      `^mien: cnn/teacher: the loss is Infinity in epoch \\d, step \\d, .*lower optimizer\\.lr.*; the last good checkpoint is infinite/${CHECKPOINT}$`,
      'm',
    ),
  );
});

it('a network that reads no numbers: stops before it is saved', PATIENCE, async () => {
  const wild = { optimizer: { kind: 'sgd', lr: 1000 }, batch: { epoch: 2 } };
  writeFileSync(faces.at('wild.yaml'), formatRecipe(recipe(changed(SETTINGS, wild))));
  const { code, stderr } = await run(['wild.yaml', '--out', 'wild']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^mien: cnn\/teacher: .* (NaN|Infinity) .*lower optimizer\.lr/m);
  expect(existsSync(faces.at('wild', CHECKPOINT))).toBe(false);
});
