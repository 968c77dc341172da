// The first update of a training run against one that is computed here: gradients of the whole set in one batch, which do
// not depend on the order in which its pictures come.

import { cat, fromTypedArray, noGrad, type Tensor, tidy } from '@mien/torch';
import { readManifest, rowsOf, TRAINING } from 'mien/datasets';
import { TASKS, type Task } from 'mien/labels';
import { labelTensors, type TaskBatch, teacherObjective } from 'mien/learning/losses';
import { batchesOf, createLoader, IMAGENET_NORMALIZATION, labelGatherer, paperEdge } from 'mien/loading';
import { loadModel, type Network } from 'mien/models';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  changed,
  distance,
  drawnFaces,
  isStatistic,
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
/** As a share of the longest step of a weight. */
const ROUNDING = 1e-3;
let WHOLE: Settings;
let rowsPerTask = 0;
let runs = 0;

beforeAll(async () => {
  await saveStart(faces.at('start.safetensors'));
  const { faces: table } = await readManifest(faces.at('demo/expr.parquet'));
  rowsPerTask = rowsOf(table, 'EXPR', TRAINING).length;
  WHOLE = changed(PLAIN, {
    data: { demo: faces.at('demo') },
    model: { pretrained: faces.at('start.safetensors') },
    batch: { perTask: rowsPerTask, epoch: 1 },
    optimizer: { lr: LR },
  });
}, PATIENCE.timeout);

/** All training pictures of a task, with their labels. */
async function wholeSet(task: Task): Promise<{ task: Task; images: Tensor; labels: TaskBatch['labels'] }> {
  const manifest = await readManifest(faces.at('demo', `${task.toLowerCase()}.parquet`));
  const rows = rowsOf(manifest.faces, task, TRAINING);
  const { inputSize: size } = PLAIN.model;
  const loader = createLoader({
    manifest,
    order: batchesOf(rows, rows.length),
    transform: { kind: 'evaluation', size, edge: paperEdge(size), normalization: IMAGENET_NORMALIZATION },
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
    [...network.stateDict()].map(([key, value]) => [
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
    weights: await weightsOf(`${folder}/cnn/teacher/last.safetensors`),
    steps: stepsOf(events),
  };
}

const isWeight = (key: string) => !isStatistic(key);

describe('the first update', () => {
  it.each<[string, Settings]>([
    ['with a forward pass for each task', { batch: { forward: 'per-task' } }],
    ['with a joint forward pass', { batch: { forward: 'joint' } }],
    [
      'with weights of outputs, classes and units',
      {
        loss: {
          weights: { EXPR: 2, AU: 0.5, valence: 3, arousal: 0 },
          classWeights: [1, 2, 3, 4, 5, 6, 7],
          unitWeights: [9, 1, 1, 5, 1, 1, 1, 3],
        },
      },
    ],
    ['with a clipped gradient', { optimizer: { clipNorm: 0.5 } }],
  ])('%s is the one of gradient descent', PATIENCE, async (_, settings) => {
    const [hand, run] = [await byHand(settings), await byTraining(settings)];
    const start = await weightsOf(faces.at('start.safetensors'));
    const moved = distance(start, run.weights, isWeight).difference;
    expect(moved).toBeGreaterThan(1e-4);
    // Rounding alone: the pictures came in another order.
    console.log(distance(hand.weights, run.weights), distance(hand.weights, run.weights, isWeight), moved);expect(distance(hand.weights, run.weights).difference).toBeLessThan(ROUNDING * moved);
    expect(run.steps[0]?.loss).toBeCloseTo(hand.loss, 4);
    expect(run.steps[0]?.parts.EXPR).toBeCloseTo(hand.parts as number, 4);
    if ('optimizer' in settings) expect(run.steps[0]?.gradientNorm).toBeCloseTo(hand.norm, 2);
  });
});
