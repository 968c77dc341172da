// Imported checkpoints on real faces: what the reference's inference script wrote for them.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromTypedArray, inferenceMode, type Tensor, tidy } from '@mien/torch';
import { decodeRgb } from 'mien/images';
import { createTransform, paperWindows, TRANSFORM } from 'mien/loading';
import { type LoadedModel, openModel } from 'mien/models';
import { Random } from 'mien/random';
import { describe, expect, it } from 'vitest';
import { SHARED } from '../support/golden.js';
import { goldenCheckpoints } from './networks.js';

const SIZE = 112;
const INFERENCE = `${SHARED}/golden/inference`;

/** Numbers of a text file, a row per frame. */
function table(folder: string, task: string): number[][] {
  const [, ...lines] = readFileSync(join(INFERENCE, folder, `${task}.txt`), 'utf8').split('\n');
  return lines.map((line) => line.split(',').map(Number));
}

/** All faces as the network wants them, [27, 3, 112, 112]. */
async function faces(normalization: LoadedModel['info']['input']['normalization']): Promise<Tensor> {
  const names = readdirSync(join(INFERENCE, 'faces')).sort();
  const transform = createTransform(TRANSFORM.parse({ kind: 'evaluation', size: SIZE, normalization }));
  const pixels = new Float32Array(names.length * 3 * SIZE * SIZE);
  for (const [i, name] of names.entries())
    transform(await decodeRgb(join(INFERENCE, 'faces', name)), Random.keyed(0), pixels, i * 3 * SIZE * SIZE);
  return fromTypedArray(pixels, [names.length, 3, SIZE, SIZE]);
}

type Rows = Record<'EXPR' | 'AU' | 'VA', number[][]>;

/** Logits of each frame: of clips in windows as the reference cuts them, a frame's first window counting. */
function logitsOf({ network, info }: LoadedModel, images: Tensor): Rows {
  const rows: Rows = { EXPR: [], AU: [], VA: [] };
  const run = (batch: Tensor, frames: readonly number[]) =>
    tidy(() =>
      inferenceMode(() => {
        const { logits } = network.forward(batch);
        for (const [task, tensor] of Object.entries(logits) as [keyof Rows, Tensor][]) {
          const values = tensor.flatten(0, -2).toArray() as number[][];
          frames.forEach((frame, i) => {
            rows[task][frame] ??= values[i] as number[];
          });
        }
      }),
    );
  const n = images.size(0);
  const { sequence } = info.network;
  const windows = sequence && paperWindows(n, sequence.length, 'inference');
  for (const window of windows ?? [])
    run(images.indexSelect(0, fromTypedArray(BigInt64Array.from(window, BigInt))).unsqueeze(0), window);
  if (windows === undefined)
    for (let at = 0; at < n; at += 9)
      run(
        images.narrow(0, at, 9),
        [...Array(9).keys()].map((i) => at + i),
      );
  return rows;
}

const argmax = (values: readonly number[]): number => values.indexOf(Math.max(...values));
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Expectation over 20 points from −1 to 1. */
function expectation(logits: readonly number[]): number {
  const top = Math.max(...logits);
  const weights = logits.map((x) => Math.exp(x - top));
  const sum = weights.reduce((a, b) => a + b);
  return weights.reduce((mean, weight, i) => mean + (weight / sum) * (-1 + (2 * i) / 19), 0);
}

/** How near a probability may be to its threshold for the decision to be open. */
const UNDECIDED = 1e-4;
/** Of numbers with four decimals. */
const TOLERANCE = 2e-4;

describe.skipIf(!SHARED)('golden inference (skipped where it does not stand beside the checkout)', () => {
  const checkpoint = goldenCheckpoints();

  it.each([
    { folder: 'expected_cnn/teacher', file: 'cnn_net_epoch_teacher_id_resnet50.pth' },
    { folder: 'expected_cnn/student_0', file: 'cnn_net_epoch_student_0_id_resnet50.pth' },
    { folder: 'expected_cnn/student_1', file: 'cnn_net_epoch_student_1_id_resnet50.pth' },
    { folder: 'expected_cnn_rnn_seq8/teacher', file: 'cnn_rnn_seq8_net_epoch_teacher_id_resnet50_GRU.pth' },
    {
      folder: 'expected_cnn_rnn_seq8/student_0',
      file: 'cnn_rnn_seq8_net_epoch_student_0_id_resnet50_GRU.pth',
    },
  ])('$folder', async ({ folder, file }) => {
    const model = await openModel(checkpoint(file), { length: 8 });
    const images = await faces(model.info.input.normalization);
    const rows = logitsOf(model, images);
    expect(rows.EXPR).toHaveLength(27);
    expect(rows.EXPR.map((row) => [argmax(row)])).toEqual(table(folder, 'EXPR'));
    table(folder, 'AU').forEach((decisions, i) => {
      const probabilities = (rows.AU[i] as number[]).map(sigmoid);
      const decided = decisions.filter((_, k) => Math.abs((probabilities[k] as number) - 0.5) > UNDECIDED);
      const ours = probabilities.filter((p) => Math.abs(p - 0.5) > UNDECIDED).map((p) => (p > 0.5 ? 1 : 0));
      expect(ours).toEqual(decided);
    });
    const differences = table(folder, 'VA').flatMap(([valence = 0, arousal = 0], i) => {
      const logits = rows.VA[i] as number[];
      return [expectation(logits.slice(0, 20)) - valence, expectation(logits.slice(20)) - arousal];
    });
    expect(differences).toHaveLength(54);
    expect(Math.max(...differences.map(Math.abs))).toBeLessThan(TOLERANCE);
    images.dispose();
    model.network.dispose();
  });
});
