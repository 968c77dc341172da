// The first update of a training run against one that is computed here: gradients of the whole set in one batch, which do
// not depend on the order in which its pictures come.

import { cat, fromTypedArray, noGrad, type Tensor, tidy } from '@mien/torch';
import { readManifest, rowsOf, TRAINING } from 'mien/datasets';
import { TASKS, type Task } from 'mien/labels';
import { labelTensors, type TaskBatch, teacherObjective } from 'mien/learning/losses';
import { batchesOf, createLoader, IMAGENET_NORMALIZATION, labelGatherer } from 'mien/loading';
import { loadModel, type Network } from 'mien/models';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  changed,
  drawn,
  drawnFaces,
  gap,
  isWeight,
  only,
  PATIENCE,
  PLAIN,
  recipe,
  type Settings,
  saveStart,
  stepsOf,
  trained,
  type Weights,
  weightsOf,
} from './support.js';

const faces = drawnFaces();
const LR = 0.02;
/**
 * As a share of the step's length. The pictures come in another order, and where rounding turns a unit that was just off into
 * one that is just on, a gradient differs in its second digit.
 */
const ROUNDING = 0.03;
let WHOLE: Settings;
let rowsPerTask = 0;
let runs = 0;
let start: Weights;

beforeAll(async () => {
  start = only(await weightsOf(await saveStart(faces.at('start.safetensors'))), isWeight);
  const { faces: table } = await readManifest(drawn(faces).EXPR);
  rowsPerTask = rowsOf(table, 'EXPR', TRAINING).length;
  WHOLE = changed(PLAIN, {
    data: drawn(faces),
    model: { pretrained: faces.at('start.safetensors') },
    batch: { perTask: rowsPerTask, epoch: 1 },
    optimizer: { lr: LR },
  });
}, PATIENCE.timeout);

/** All training pictures of a task, with their labels. */
async function wholeSet(task: Task): Promise<{ task: Task; images: Tensor; labels: TaskBatch['labels'] }> {
  const manifest = await readManifest(drawn(faces)[task]);
  const rows = rowsOf(manifest.faces, task, TRAINING);
  const { inputSize: size } = PLAIN.model;
  const loader = createLoader({
    manifest,
    order: batchesOf(rows, rows.length),
    transform: {
      kind: 'evaluation',
      size,
      edge: Math.trunc(1.1 * size),
      normalization: IMAGENET_NORMALIZATION,
    },
    threads: 1,
  });
  for await (const batch of loader)
    return {
      task,
      images: fromTypedArray(Float32Array.from(batch.images), [batch.length, 3, size, size]),
      labels: labelTensors(labelGatherer(manifest.faces)(rows), {
        tasks: TASKS,
        votes: false,
        device: 'cpu',
      }),
    };
  throw new Error('no batch');
}

/** Logits of each set, from a forward pass of its own or from one for all. */
function logitsOf(network: Network, images: readonly Tensor[], joint: boolean): TaskBatch['logits'][] {
  if (!joint) return images.map((one) => network.forward(one).logits);
  const together = Object.entries(network.forward(cat([...images])).logits);
  return images.map((_, i) =>
    Object.fromEntries(together.map(([task, all]) => [task, all.narrow(0, i * rowsPerTask, rowsPerTask)])),
  );
}

/** Plain gradient descent by hand. @returns the weights after it, the loss and the gradient's norm */
async function byHand(settings: Settings) {
  const { loss, batch, optimizer } = recipe(changed(WHOLE, settings)).phases[0] as never as {
    loss: Parameters<typeof teacherObjective>[1];
    batch: { forward: string };
    optimizer: { clipNorm: number | null };
  };
  const sets = await Promise.all(TASKS.map(wholeSet));
  const { network } = await loadModel(faces.at('start.safetensors'));
  network.train();
  const logits = logitsOf(
    network,
    sets.map(({ images }) => images),
    batch.forward === 'joint',
  );
  const { total, parts } = teacherObjective(
    sets.map(({ task, labels }, i) => ({ task, labels, logits: logits[i] as TaskBatch['logits'] })),
    loss,
  );
  total.backward();
  const squares = network.parameters().map(({ grad }) => grad?.double().square().sum().item() ?? 0);
  const norm = Math.sqrt(squares.reduce((sum, one) => sum + one, 0));
  const scale = optimizer.clipNorm === null ? 1 : Math.min(1, optimizer.clipNorm / norm);
  noGrad(() =>
    tidy(() => {
      for (const parameter of network.parameters())
        if (parameter.grad) parameter.sub_(parameter.grad.mul(LR * scale));
    }),
  );
  const weights: Weights = new Map(
    network
      .namedParameters()
      .map(([key, value]) => [
        key,
        Float64Array.from(value.toTypedArray() as ArrayLike<number | bigint>, Number),
      ]),
  );
  network.dispose();
  return { weights, norm, loss: total.item(), parts: parts.EXPR?.item() };
}

/** The same by a training run. */
async function byTraining(settings: Settings) {
  const folder = faces.at(`run-${++runs}`);
  const events = await trained(folder, changed(WHOLE, settings));
  return {
    weights: only(await weightsOf(`${folder}/cnn/teacher/last.safetensors`), isWeight),
    steps: stepsOf(events),
  };
}

describe('the first update', () => {
  it.each<[string, Settings]>([
    [
      'with a forward pass for each task, and weights of outputs, classes and units',
      {
        batch: { forward: 'per-task' },
        loss: {
          weights: { EXPR: 2, AU: 0.5, valence: 3, arousal: 0 },
          classWeights: [1, 2, 3, 4, 5, 6, 7],
          unitWeights: [9, 1, 1, 5, 1, 1, 1, 3],
        },
      },
    ],
    [
      'with a joint forward pass, and a clipped gradient',
      { batch: { forward: 'joint' }, optimizer: { clipNorm: 0.5 } },
    ],
  ])('%s is the one of gradient descent', PATIENCE, async (_, settings) => {
    const [hand, run] = [await byHand(settings), await byTraining(settings)];
    const moved = gap(start, run.weights);
    expect(moved).toBeGreaterThan(1e-3);
    expect(gap(hand.weights, run.weights)).toBeLessThan(ROUNDING * moved);
    expect(run.steps[0]?.loss).toBeCloseTo(hand.loss, 4);
    expect(run.steps[0]?.parts.EXPR).toBeCloseTo(hand.parts as number, 4);
    if ('optimizer' in settings) expect(run.steps[0]?.gradientNorm).toBeCloseTo(hand.norm, 2);
  });

  it('is that of the mean gradient when two steps are put together', PATIENCE, async () => {
    // The same pictures twice, in another order: the mean of both gradients is the one gradient.
    const [hand, run] = [await byHand({}), await byTraining({ batch: { epoch: 2, accumulate: 2 } })];
    expect(run.steps).toHaveLength(1);
    expect(gap(hand.weights, run.weights)).toBeLessThan(ROUNDING * gap(start, run.weights));
  });

  it('has a gradient of every step that is put together', PATIENCE, async () => {
    // Steps so short that the second gradient is taken where the first was: their sum is twice the mean.
    const perTask = Math.floor(rowsPerTask / 2);
    const lr = LR / 5000;
    const together = await byTraining({ batch: { perTask, epoch: 2, accumulate: 2 } });
    const apart = await byTraining({ batch: { perTask, epoch: 2 }, optimizer: { lr } });
    const scaled: Weights = new Map(
      [...apart.weights].map(([key, values]) => {
        const from = start.get(key) as Float64Array;
        return [
          key,
          values.map((value, i) => (from[i] as number) + ((value - (from[i] as number)) * LR) / lr / 2),
        ];
      }),
    );
    expect(gap(scaled, together.weights)).toBeLessThan(0.1 * gap(start, together.weights));
  });
});
