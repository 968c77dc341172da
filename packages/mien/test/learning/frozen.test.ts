// A network for clips on a frozen network for pictures: what is frozen does not move by a bit.

import { beforeAll, describe, expect, it } from 'vitest';
import {
  changed,
  drawn,
  drawnFaces,
  gap,
  isWeight,
  only,
  PATIENCE,
  type Settings,
  saveStart,
  trained,
  type Weights,
  weightsOf,
} from './support.js';

const faces = drawnFaces('all');
let pictures: Weights;

beforeAll(async () => {
  pictures = await weightsOf(await saveStart(faces.at('pictures.safetensors')));
}, PATIENCE.timeout);

const clips = (over: Settings = {}) =>
  changed(
    {
      data: drawn(faces, 'clips-'),
      model: {
        dropout: 0.5,
        sequence: { length: 4, hidden: 8, frozen: true, from: faces.at('pictures.safetensors') },
      },
      batch: { perTask: 2, epoch: 3 },
      weightAverage: { decay: 0.9 },
    },
    over,
  );

/** The part of a network for clips that reads pictures, with the keys of one for pictures; and the rest. */
async function partsOf(file: string): Promise<{ frozen: Weights; grus: Weights }> {
  const all = await weightsOf(file);
  const [frozen, grus]: [Weights, Weights] = [new Map(), new Map()];
  for (const [key, values] of all)
    if (key.startsWith('backbone.')) frozen.set(key.slice('backbone.'.length), values);
    else grus.set(key, values);
  return { frozen, grus };
}

describe('frozen: true', () => {
  it(
    'moves neither weights nor statistics of teacher and student, and trains the GRUs',
    PATIENCE,
    async () => {
      const run = faces.at('frozen');
      await trained(run, clips({ students: { count: 1, epochs: 1 } }));
      const [teacher, student] = [
        await partsOf(`${run}/cnn-rnn/teacher/last.safetensors`),
        await partsOf(`${run}/cnn-rnn/student_0/last.safetensors`),
      ];
      for (const { frozen } of [teacher, student]) expect(gap(frozen, pictures)).toBe(0);
      expect(gap(teacher.grus, student.grus)).toBeGreaterThan(0);
    },
  );

  it('quirks.frozenMoves: statistics move, weights do not', PATIENCE, async () => {
    const run = faces.at('moves');
    await trained(run, clips({ quirks: { frozenMoves: true }, weightAverage: null }));
    const { frozen } = await partsOf(`${run}/cnn-rnn/teacher/last.safetensors`);
    expect(gap(only(frozen, isWeight), only(pictures, isWeight))).toBe(0);
    const statistics = (key: string) => !isWeight(key);
    expect(gap(only(frozen, statistics), only(pictures, statistics))).toBeGreaterThan(0.01);
  });

  it('needs a network to start from', PATIENCE, async () => {
    const alone = clips({ model: { sequence: { from: null } } });
    await expect(trained(faces.at('alone'), alone)).rejects.toThrow(
      /model\.sequence\.from: found nothing; expected the network for pictures .*--set model\.sequence\.from=/,
    );
  });
});

it('frozen: false trains the whole network', PATIENCE, async () => {
  const run = faces.at('thawed');
  await trained(run, clips({ model: { sequence: { frozen: false } } }));
  const { frozen } = await partsOf(`${run}/cnn-rnn/teacher/last.safetensors`);
  expect(gap(only(frozen, isWeight), only(pictures, isWeight))).toBeGreaterThan(0);
});
