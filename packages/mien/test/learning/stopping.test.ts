// Training that is stopped: what the command says, and that the run goes on afterwards, where nothing else has changed.

import { cpSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { formatRecipe } from 'mien/learning';
import { beforeAll, describe, expect, it } from 'vitest';
import { digest, drawnFaces, mienTrain, PATIENCE, recipe, type Settings, trained } from './support.js';

const faces = drawnFaces();

/** Paths start from the folder, where the command is run. */
const LONG = {
  data: { EXPR: 'demo/expr.parquet' },
  model: { dropout: 0.2 },
  input: { transform: 'augmented' },
  batch: { epoch: 4 },
  optimizer: { kind: 'adam', lr: 1e-3 },
  weightAverage: { decay: 0.9 },
  teacher: { epochs: 8 },
} satisfies Settings;
const TEACHER = 'cnn/teacher';
const CHECKPOINT = `${TEACHER}/checkpoint.safetensors`;
/** The first epoch's row of scores. */
const FIRST_EPOCH = /^ *1\/\d+ .*\n/m;

beforeAll(async () => {
  writeFileSync(faces.at('long.yaml'), formatRecipe(recipe(LONG)));
  const absolute = { ...LONG, data: { EXPR: faces.at('demo/expr.parquet') } };
  await trained(faces.at('unbroken'), absolute);
}, 2 * PATIENCE.timeout);

/** Runs the command to its end. */
async function run(args: readonly string[]) {
  const { said, ended } = mienTrain(faces.folder, args);
  const code = await ended;
  return { code, ...said };
}

/** A copy of the stopped run under a name. */
function copyOfStopped(name: string): string {
  cpSync(faces.at('stopped'), faces.at(name), { recursive: true });
  return name;
}

describe('Ctrl-C', () => {
  it('saves, says how to go on, and ends well', PATIENCE, async () => {
    const { child, said, ended, says } = mienTrain(faces.folder, ['long.yaml', '--out', 'broken']);
    await says(FIRST_EPOCH);
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(said.stderr).toContain('saving; once more to stop at once\n');
    expect(said.stderr).toContain(`saved broken/${CHECKPOINT}\n`);
    expect(said.stdout).toContain('stopped; go on with: mien train --resume broken\n');
    cpSync(faces.at('broken'), faces.at('stopped'), { recursive: true });
  });

  it('leaves a run that ends as if it had not been stopped', PATIENCE, async () => {
    const { code, stdout } = await run(['--resume', 'broken']);
    expect(code).toBe(0);
    expect(stdout).toContain('run broken; look at it with: mien report broken\n');
    for (const file of ['best.safetensors', 'last.safetensors'])
      expect(digest(faces.at('broken', TEACHER, file)), file).toBe(
        digest(faces.at('unbroken', TEACHER, file)),
      );
  });
});

describe('--resume', () => {
  it('refuses other data', PATIENCE, async () => {
    const name = copyOfStopped('other-data');
    const file = faces.at(name, 'recipe.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('demo/expr.parquet', 'demo/full.parquet'));
    const { code, stderr } = await run(['--resume', name]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      new RegExp(
        `^mien: ${name}/${CHECKPOINT}: found the saved place belongs to another plan: .*other data`,
        'm',
      ),
    );
  });

  it('names a checkpoint that is damaged', PATIENCE, async () => {
    const name = copyOfStopped('damaged');
    truncateSync(faces.at(name, CHECKPOINT), 100_000);
    const { code, stderr } = await run(['--resume', name]);
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^mien: .*${name}/${CHECKPOINT}`, 'm'));
  });

  it('is for runs alone', PATIENCE, async () => {
    expect(await run(['--resume', 'demo'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("mien: demo: found no recipe.yaml in it; expected a run's folder"),
    });
    expect(await run(['long.yaml', '--out', 'demo'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('mien: demo: found a folder that is not empty; '),
    });
  });
});
