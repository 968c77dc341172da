// Several processes that train one network: as good as one process, and as hard to kill.

import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { formatRecipe, readMetrics } from 'mien/learning';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  digest,
  drawn,
  drawnFaces,
  gap,
  greatest,
  mienTrain,
  PATIENCE,
  recipe,
  type Settings,
  saveStart,
  trained,
  type Weights,
  weightsOf,
} from './support.js';

const faces = drawnFaces();
const LAST = 'cnn/teacher/last.safetensors';
const EPOCHS = 4;
const STEPS = 5;

/** Twenty steps, nothing drawn for a picture: what one process does can be told from two. */
const settings = (): Settings => ({
  data: drawn(faces),
  model: { pretrained: faces.at('start.safetensors') },
  batch: { perTask: 6, epoch: STEPS },
  // So short that rounding does not grow: after longer steps one process too ends elsewhere when it adds in another order.
  optimizer: { lr: 2e-4, clipNorm: 5 },
  loss: { learnedWeights: true, labels: 'all' },
  teacher: { epochs: EPOCHS },
});

let start: Weights;

beforeAll(async () => {
  start = await weightsOf(await saveStart(faces.at('start.safetensors')));
  writeFileSync(faces.at('pair.yaml'), formatRecipe(recipe(settings())));
}, PATIENCE.timeout);

/** A port that nobody uses now. */
const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

describe('two processes', () => {
  it('end where one does with the same global batch, up to 1e-4 after 20 steps', PATIENCE, async () => {
    await trained(faces.at('alone'), settings());
    const { said, ended } = mienTrain(faces.folder, ['pair.yaml', '--out', 'pair', '--nproc', '2']);
    expect(await ended, said.stderr).toBe(0);
    expect(said.stdout).toContain('run pair; look at it with: mien report pair');
    const [alone, pair] = [await weightsOf(faces.at('alone', LAST)), await weightsOf(faces.at('pair', LAST))];
    expect(greatest(alone, pair)).toBeLessThan(1e-4);
    expect(gap(alone, pair)).toBeLessThan(0.02 * gap(start, alone)); // nor is that because little moved
    const [one] = (await readMetrics(faces.at('alone/cnn/teacher/metrics.jsonl'))).steps;
    const [two] = (await readMetrics(faces.at('pair/cnn/teacher/metrics.jsonl'))).steps;
    expect(two?.loss).toBeCloseTo(one?.loss as number, 3);
    expect(two?.gradientNorm).toBeCloseTo(one?.gradientNorm as number, 1); // of learned weights too
  });

  it('as torchrun starts them, and killed, end as if they had not been', PATIENCE, async () => {
    const port = String(await freePort());
    const pair = ['0', '1'].map((rank) =>
      mienTrain(faces.folder, ['pair.yaml', '--out', 'killed'], {
        env: {
          RANK: rank,
          LOCAL_RANK: rank,
          WORLD_SIZE: '2',
          LOCAL_WORLD_SIZE: '2',
          MASTER_ADDR: '127.0.0.1',
          MASTER_PORT: port,
        },
      }),
    );
    await pair[0]?.says(/^ *2\/4 .*\n/m); // the checkpoint after the first epoch is there
    for (const { child } of pair) child.kill('SIGKILL');
    expect(await Promise.all(pair.map(({ ended }) => ended))).toEqual(['SIGKILL', 'SIGKILL']);
    expect(existsSync(faces.at('killed', LAST))).toBe(false);

    const { said, ended } = mienTrain(faces.folder, ['--resume', 'killed', '--nproc', '2']);
    expect(await ended, said.stderr).toBe(0);
    expect(digest(faces.at('killed', LAST))).toBe(digest(faces.at('pair', LAST)));
  });

  it('end when one of them cannot train', PATIENCE, async () => {
    const wrong = ['pair.yaml', '--out', 'wrong', '--nproc', '2', '--set', 'data.EXPR=none.parquet'];
    const { said, ended } = mienTrain(faces.folder, wrong);
    expect(await ended).toBe(1);
    expect(said.stderr).toContain('none.parquet: found no such file');
  });
});
