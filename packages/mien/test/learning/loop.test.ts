// What happens over the steps and epochs of a member: learning rates, averaged weights, early stopping.

import { readManifest } from 'mien/datasets';
import { readMetrics } from 'mien/learning';
import { beforeAll, describe, expect, it } from 'vitest';
import { manifestOf } from '../support/manifests.js';
import {
  changed,
  drawn,
  drawnFaces,
  gap,
  messagesOf,
  PATIENCE,
  type Settings,
  saveStart,
  stepsOf,
  trained,
  type Weights,
  weightsOf,
} from './support.js';

const faces = drawnFaces();
let start: Weights;

beforeAll(async () => {
  start = await weightsOf(await saveStart(faces.at('start.safetensors'), { tasks: ['EXPR'] }));
}, PATIENCE.timeout);

const settings = (over: Settings) =>
  changed(
    {
      data: { EXPR: drawn(faces).EXPR },
      model: { pretrained: faces.at('start.safetensors') },
      batch: { perTask: 2 },
    },
    over,
  );

describe('the learning rate of each step', () => {
  const LR = 0.01;
  const EPOCHS = 4;
  const STEPS = 5;
  const TOTAL = EPOCHS * STEPS;

  it.each<[string, Settings, (step: number) => number]>([
    [
      'cosine: rises for a share of all steps, then falls as half a wave',
      { kind: 'cosine', warmUp: 0.2, final: 0.1 },
      (step) => {
        const rising = 4;
        if (step < rising) return (LR * (step + 1)) / (rising + 1);
        const wave = (1 + Math.cos((Math.PI * (step - rising)) / (TOTAL - rising))) / 2;
        return 0.1 * LR + 0.9 * LR * wave;
      },
    ],
    [
      'constant: rises, then stays',
      { kind: 'constant', warmUp: 0.1 },
      (step) => LR * Math.min(1, (step + 1) / 3),
    ],
    [
      'step: falls by a factor every few epochs',
      { kind: 'step', everyEpochs: 2, gamma: 0.25 },
      (step) => (step < 2 * STEPS ? LR : LR / 4),
    ],
  ])('%s', PATIENCE, async (name, schedule, expected) => {
    const run = faces.at(name.slice(0, 4));
    const steps = { batch: { epoch: STEPS }, teacher: { epochs: EPOCHS } };
    await trained(run, settings({ ...steps, optimizer: { lr: LR }, schedule }));
    const logged = await readMetrics(`${run}/cnn/teacher/metrics.jsonl`);
    expect(logged.steps.map(({ step }) => step)).toEqual(Array.from({ length: TOTAL }, (_, i) => i + 1));
    for (const { step, epoch, lr } of logged.steps) {
      expect(lr).toBeCloseTo(expected(step - 1), 12);
      expect(epoch).toBe(Math.ceil(step / STEPS));
    }
  });
});

describe('averaged weights', () => {
  const two = { batch: { epoch: 2 } };
  const afterOf = async (name: string, over: Settings) => {
    await trained(faces.at(name), settings(over));
    return {
      best: await weightsOf(faces.at(name, 'cnn/teacher/best.safetensors')),
      last: await weightsOf(faces.at(name, 'cnn/teacher/last.safetensors')),
    };
  };

  it('are what is kept: after two steps the average that their formula gives', PATIENCE, async () => {
    const { last: one } = await afterOf('one-step', { batch: { epoch: 1 } });
    const { last: both } = await afterOf('two-steps', two);
    const { best, last } = await afterOf('averaged', { ...two, weightAverage: { decay: 0.15 } });
    // The n-th update keeps min(decay, (1 + n) / (10 + n)) of the average, n from 0.
    const [first, second] = [1 / 10, 0.15];
    const expected: Weights = new Map(
      [...start].map(([key, values]) => {
        const [ones, twos] = [one.get(key), both.get(key)] as [Float64Array, Float64Array];
        if (key.endsWith('num_batches_tracked')) return [key, twos];
        return [
          key,
          values.map((value, i) => {
            const average = first * value + (1 - first) * (ones[i] as number);
            return second * average + (1 - second) * (twos[i] as number);
          }),
        ];
      }),
    );
    expect(gap(one, both)).toBeGreaterThan(1e-3);
    expect(gap(last, expected)).toBeLessThan(1e-4 * gap(one, both));
    expect(gap(best, last)).toBe(0);
  });
});

it('patience: ends after so many epochs without a better score, and keeps the best', PATIENCE, async () => {
  // The one face that is scored has no concordance, whatever is read off it: no epoch is better than the first.
  const { faces: table } = await readManifest(drawn(faces).VA);
  const all = [...table.rows()];
  const rows = [
    ...all.filter(({ split }) => split === 'train'),
    ...all.filter(({ split }) => split === 'validation').slice(0, 1),
  ];
  const roots = { 'mien-demo': faces.at('demo') };
  const run = faces.at('patience');
  const events = await trained(run, {
    data: { VA: manifestOf(faces.folder, 'one.parquet', rows, { roots }) },
    batch: { perTask: 2, epoch: 1 },
    teacher: { epochs: 9 },
    patience: 2,
  });
  const { epochs } = await readMetrics(`${run}/cnn/teacher/metrics.jsonl`);
  expect(epochs.map(({ best }) => best)).toEqual([true, false, false]);
  expect(stepsOf(events)).toHaveLength(3);
  expect(messagesOf(events)).toContain('cnn/teacher: no better score for 2 epochs; it ends after 3');
});

it(
  'each task can have its own number of pictures, and a number alone is every task’s',
  PATIENCE,
  async () => {
    const data = { EXPR: drawn(faces).EXPR, VA: drawn(faces).VA };
    const after = async (name: string, perTask: unknown) => {
      await trained(
        faces.at(name),
        changed(settings({ data, model: { pretrained: null } }), { batch: { perTask, epoch: 1 } }),
      );
      return weightsOf(faces.at(name, 'cnn/teacher/last.safetensors'));
    };
    const threes = await after('threes', 3);
    expect(gap(await after('three-each', { EXPR: 3, VA: 3 }), threes)).toBe(0);
    expect(gap(await after('three-and-two', { EXPR: 3, VA: 2 }), threes)).toBeGreaterThan(0);
  },
);
