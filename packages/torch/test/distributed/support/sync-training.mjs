// Training with synchronised batch normalisation and a loss of the whole batch, against training in one process with the
// batches of all ranks as one. Any number of ranks.
import assert from 'node:assert/strict';
import { distributed, generator, liveTensors, manualSeed, nn, optim, randn, tidy } from '@mien/torch';

/** @import { Tensor } from '@mien/torch' */

const group = distributed.initProcessGroup({ timeoutMs: 20_000, verify: false });
const { rank, worldSize } = group;
const STEPS = 20;

/** @param {'float32' | 'float64'} dtype */
function makeNetwork(dtype) {
  manualSeed(11);
  // No bias before a normalisation: its gradient is rounding noise, which Adam would blow up to whole steps.
  const network = new nn.Sequential(
    new nn.Conv2d(3, 6, 3, { padding: 1, bias: false }),
    new nn.BatchNorm2d(6),
    new nn.ReLU(),
    new nn.AdaptiveAvgPool2d(2),
    new nn.Flatten(),
    new nn.Linear(24, 10, { bias: false }),
    new nn.BatchNorm1d(10, { momentum: null }),
    new nn.Linear(10, 2),
  );
  return network.to({ dtype });
}

/**
 * 1 − concordance correlation, the mean over columns: every sample's share depends on all others.
 * @param {Tensor} x [N, 2] @param {Tensor} y [N, 2]
 */
function concordanceLoss(x, y) {
  const [mx, my] = [x.mean([0]), y.mean([0])];
  const [dx, dy] = [x.sub(mx), y.sub(my)];
  const covariance = dx.mul(dy).mean([0]);
  const spread = dx
    .square()
    .mean([0])
    .add(dy.square().mean([0]))
    .add(mx.sub(my).square());
  return covariance.mul(2).div(spread).neg().add(1).mean();
}

/** @param {nn.Module} a @param {nn.Module} b */
function distance(a, b) {
  return tidy(() => {
    const theirs = b.stateDict();
    return Math.max(
      ...Array.from(a.stateDict(), ([key, x]) =>
        x
          .sub(/** @type {Tensor} */ (theirs.get(key)))
          .abs()
          .max()
          .item(),
      ),
    );
  });
}

/**
 * @param {'float32' | 'float64'} dtype @param {number} tolerance @param {readonly number[]} sizes of the ranks' batches
 * @param {boolean} broadcastBuffers
 */
function trainsAsOne(dtype, tolerance, sizes, broadcastBuffers) {
  const [model, single, untrained] = [makeNetwork(dtype), makeNetwork(dtype), makeNetwork(dtype)];
  const parallel = new distributed.DistributedDataParallel(model, { broadcastBuffers });
  assert.equal(nn.convertSyncBatchNorm(model), model);
  const optimizers = [parallel, single].map((module) => new optim.Adam(module.parameters(), { lr: 1e-2 }));
  const source = generator({ seed: 7 });
  const total = sizes.reduce((a, b) => a + b);
  const from = sizes.slice(0, rank).reduce((a, b) => a + b, 0);
  const mine = (/** @type {Tensor} */ whole) => whole.narrow(0, from, /** @type {number} */ (sizes[rank]));
  let live = 0;
  for (let step = 0; step < STEPS; step++) {
    tidy(() => {
      const images = randn([total, 3, 9, 9], { dtype, generator: source });
      const labels = randn([total, 2], { dtype, generator: source });
      parallel.zeroGrad();
      const predictions = distributed.allGatherWithGradient(parallel.forward(mine(images)));
      const loss = concordanceLoss(predictions, labels);
      loss.mul(worldSize).backward();
      parallel.reduceGradients();
      single.zeroGrad();
      const whole = concordanceLoss(single.forward(images), labels);
      whole.backward();
      assert.ok(Math.abs(loss.sub(whole).item()) < tolerance);
      for (const optimizer of optimizers) optimizer.step();
    });
    if (step === 1) live = liveTensors();
    if (step > 1) assert.equal(liveTensors(), live, 'memory is flat');
  }
  const apart = distance(model, single);
  const what = `${dtype}, batches ${sizes}`;
  assert.ok(apart < tolerance, `${what}: weights or statistics differ by ${apart} from those of one process`);
  assert.ok(distance(model, untrained) > 0.1, 'it has learned');
  const states = distributed.allGatherObject(
    tidy(() => Array.from(model.stateDict(), ([key, x]) => [key, x.toArray()])),
  );
  for (const state of states) assert.deepEqual(state, states[0], 'the same on all ranks to the last bit');
  for (const module of [parallel, single, untrained]) module.dispose();
}

const even = Array.from({ length: worldSize }, () => 4);
const uneven = even.map((_, r) => 3 + 4 * r);
const oneEmpty = even.map((size, r) => (r === 1 ? 0 : size));
trainsAsOne('float32', 1e-5, uneven, true);
trainsAsOne('float64', 1e-10, worldSize === 2 ? even : oneEmpty, false);
distributed.destroyProcessGroup();
