// The training behind `mien start`, in a worker thread: reads valence off a drawn mouth.
import { parentPort, workerData } from 'node:worker_threads';
import { aten, fromTypedArray, inferenceMode, manualSeed, nn, optim, type Tensor, tidy } from '@mien/torch';
import { drawMouths, MOUTH_SIZE } from './mouths.js';

/** What the worker is asked to do. */
export interface MouthJob {
  epochs: number;
  seed: number;
}

/** What it reports after each epoch. */
export interface MouthProgress {
  epoch: number;
  /** Mean squared error on the training drawings. */
  loss: number;
  /** Mean absolute error of valence on drawings that were not trained on. */
  error: number;
  /** Concordance correlation with the truth on the same drawings. */
  ccc: number;
  imagesPerSecond: number;
}

const TRAIN_COUNT = 2048;
const TEST_COUNT = 512;
const BATCH = 64;

function buildNetwork(): nn.Sequential {
  return new nn.Sequential(
    new nn.Conv2d(1, 16, 5, { stride: 2, padding: 2 }),
    new nn.BatchNorm2d(16),
    new nn.ReLU(),
    new nn.Conv2d(16, 32, 3, { stride: 2, padding: 1 }),
    new nn.BatchNorm2d(32),
    new nn.ReLU(),
    new nn.Flatten(),
    new nn.Linear(32 * (MOUTH_SIZE / 4) ** 2, 1),
    new nn.Tanh(),
  );
}

function load(count: number, seed: number): { images: Tensor; valence: Tensor } {
  const { images, valence } = drawMouths(count, seed);
  return {
    images: fromTypedArray(images, [count, 1, MOUTH_SIZE, MOUTH_SIZE]),
    valence: fromTypedArray(valence, [count, 1]),
  };
}

/** Lin's concordance correlation: 2·cov / (var x + var y + (mean x − mean y)²), with population moments. */
function concordance(x: Tensor, y: Tensor): number {
  const [dx, dy] = [x.sub(x.mean()), y.sub(y.mean())];
  const spread = dx.square().mean().add(dy.square().mean());
  const shift = x.mean().sub(y.mean()).square();
  return dx.mul(dy).mean().mul(2).div(spread.add(shift)).item();
}

/** Trains and calls `report` after each epoch. */
export function trainMouths({ epochs, seed }: MouthJob, report: (progress: MouthProgress) => void): void {
  manualSeed(seed);
  const train = load(TRAIN_COUNT, seed);
  const test = load(TEST_COUNT, seed + 1);
  const network = buildNetwork();
  const optimiser = new optim.Adam(network.parameters(), { lr: 2e-3 });
  const schedule = new optim.CosineLr(optimiser, { totalSteps: epochs * (TRAIN_COUNT / BATCH) });

  for (let epoch = 1; epoch <= epochs; epoch++) {
    const start = performance.now();
    let total = 0;
    network.train();
    const order = tidy(() => aten.randperm(TRAIN_COUNT).toTypedArray() as BigInt64Array);
    for (let at = 0; at < TRAIN_COUNT; at += BATCH) {
      total += tidy(() => {
        const picked = fromTypedArray(order.slice(at, at + BATCH));
        optimiser.zeroGrad();
        const output = network.forward(train.images.indexSelect(0, picked));
        const loss = aten.mseLoss(output, train.valence.indexSelect(0, picked));
        loss.backward();
        optimiser.step();
        schedule.step();
        return loss.item() * picked.numel();
      });
    }
    const seconds = (performance.now() - start) / 1000;
    network.eval();
    const scores = tidy(() =>
      inferenceMode(() => {
        const output = network.forward(test.images);
        return {
          error: output.sub(test.valence).abs().mean().item(),
          ccc: concordance(output, test.valence),
        };
      }),
    );
    report({ epoch, loss: total / TRAIN_COUNT, ...scores, imagesPerSecond: TRAIN_COUNT / seconds });
  }
}

if (parentPort !== null) trainMouths(workerData as MouthJob, (progress) => parentPort?.postMessage(progress));
