// Synchronised batch normalisation against its formula, and against BatchNorm on one process with the whole batch. Two
// ranks.
import assert from 'node:assert/strict';
import {
  autocast,
  cat,
  distributed,
  generator,
  grad,
  isTorchError,
  nn,
  noGrad,
  ones,
  randn,
  tidy,
  zeros,
} from '@mien/torch';

/** @import { Tensor } from '@mien/torch' */

const group = distributed.initProcessGroup({ timeoutMs: 20_000 });
const { rank, worldSize } = group;
const C = 3;

/** The same on every rank. @param {number[]} shape @param {number} seed */
const normal = (shape, seed) => randn(shape, { dtype: 'float64', generator: generator({ seed }) });

/** @param {Tensor} a @param {Tensor} b @param {number} tolerance @param {string} what */
function close(a, b, tolerance, what) {
  assert.deepEqual(a.shape, b.shape, what);
  const apart = a.numel() === 0 ? 0 : a.double().sub(b.double()).abs().max().item();
  assert.ok(apart <= tolerance, `${what}: ${apart} apart`);
}

/** Parts of the ranks, rank 0's twice as large. @param {number[]} rest @param {number} seed */
function parts(rest, seed) {
  return Array.from({ length: worldSize }, (_, r) => normal([r === 0 ? 4 : 2, C, ...rest], seed + r));
}

/** What every rank's `tensor` is in sum. @param {Tensor | null | undefined} tensor */
const summed = (tensor) => group.allReduce(/** @type {Tensor} */ (tensor).clone());

/** y and gradients by elementary operators. @param {Tensor} x @param {Tensor | null} weight @param {Tensor | null} bias */
function formula(x, weight, bias) {
  const dims = x.shape.map((_, i) => i).filter((i) => i !== 1);
  const column = (/** @type {Tensor} */ t) => t.view([C, ...dims.slice(1).map(() => 1)]);
  const centred = x.sub(x.mean(dims, true));
  const y = centred.div(centred.square().mean(dims, true).add(1e-5).sqrt());
  return weight === null || bias === null ? y : y.mul(column(weight)).add(column(bias));
}

/** @param {number[]} rest inner sizes @param {boolean} affine @param {'contiguous' | 'channels_last'} memoryFormat */
function followsFormula(rest, affine, memoryFormat) {
  tidy(() => {
    const what = `[B, C, ${rest}], affine ${affine}, ${memoryFormat}`;
    const layer = new nn.SyncBatchNorm(C, { affine, dtype: 'float64' });
    if (affine) noGrad(() => layer.weight?.copy_(normal([C], 1)) && layer.bias?.copy_(normal([C], 2)));
    const inputs = parts(rest, 3).map((x) => x.mul(2).add(5));
    const gradients = parts(rest, 20);
    const mine = /** @type {Tensor} */ (inputs[rank]).detach().to({ memoryFormat }).requiresGrad_();
    const whole = cat(inputs).requiresGrad_();
    const leaves = [layer.weight, layer.bias].map((p) => p?.detach().clone().requiresGrad_());
    const [weight = null, bias = null] = leaves;

    const y = layer.forward(mine);
    assert.deepEqual(y.strides, mine.strides, 'the layout stays');
    y.backward(gradients[rank]);
    const expected = formula(whole, weight, bias);
    expected.backward(cat(gradients));

    const from = rank === 0 ? 0 : 4 + 2 * (rank - 1);
    const own = (/** @type {Tensor | null} */ t) =>
      /** @type {Tensor} */ (t).narrow(0, from, /** @type {number} */ (mine.shape[0]));
    close(y, own(expected), 1e-12, `y of ${what}`);
    close(/** @type {Tensor} */ (mine.grad), own(whole.grad), 1e-12, `∂x of ${what}`);
    if (affine) {
      close(summed(layer.weight?.grad), /** @type {Tensor} */ (weight?.grad), 1e-11, `∂weight of ${what}`);
      close(summed(layer.bias?.grad), /** @type {Tensor} */ (bias?.grad), 1e-11, `∂bias of ${what}`);
    }
  });
}

/** ∂x against differences of the loss of all ranks when one value on one rank moves. */
function followsDifferences() {
  tidy(() => {
    const layer = new nn.SyncBatchNorm(C, { dtype: 'float64' });
    const x = /** @type {Tensor} */ (parts([2], 3)[rank]).requiresGrad_();
    const weights = /** @type {Tensor} */ (parts([2], 20)[rank]);
    const loss = () => layer.forward(x).mul(weights).sin().sum();
    loss().backward();
    const h = 1e-5;
    for (let r = 0; r < worldSize; r++) {
      const moved = (/** @type {number} */ step) =>
        noGrad(() => {
          if (rank === r) x.view([-1]).narrow(0, 1, 1).add_(step);
          return summed(loss()).item();
        });
      const slope = (moved(h) - moved(-2 * h)) / (2 * h);
      moved(h);
      const dx = x.grad?.view([-1]).select(0, 1).item() ?? 0;
      if (rank === r) assert.ok(Math.abs(slope - dx) < 1e-8);
    }
  });
}

/** Half precision as BatchNorm has it on the whole batch: statistics in float32, output and gradient as the input. */
function halfPrecision() {
  tidy(() => {
    const [layer, single] = [new nn.SyncBatchNorm(C), new nn.BatchNorm2d(C)];
    const inputs = parts([4, 4], 3).map((x) =>
      x.add(3).to({ dtype: 'float32', memoryFormat: 'channels_last' }),
    );
    const gradients = parts([4, 4], 20).map((x) =>
      x.to({ dtype: 'bfloat16', memoryFormat: 'channels_last' }),
    );
    const leaf = (/** @type {Tensor} */ x) => x.to('bfloat16').requiresGrad_();
    const mine = leaf(/** @type {Tensor} */ (inputs[rank]));
    const whole = leaf(cat(inputs));
    const [y, expected] = autocast(() => [layer.forward(mine), single.forward(whole)]);
    assert.equal(y?.dtype, 'bfloat16');
    assert.deepEqual(y?.strides, mine.strides);
    y?.backward(gradients[rank]);
    expected?.backward(cat(gradients).to({ memoryFormat: 'channels_last' }));
    const from = rank === 0 ? 0 : 4;
    const own = (/** @type {Tensor} */ t) => t.narrow(0, from, /** @type {number} */ (mine.shape[0]));
    close(/** @type {Tensor} */ (y), own(/** @type {Tensor} */ (expected)), 1 / 64, 'y in bfloat16');
    close(
      /** @type {Tensor} */ (mine.grad),
      own(/** @type {Tensor} */ (whole.grad)),
      1 / 32,
      '∂x in bfloat16',
    );
    assert.equal(layer.weight?.grad?.dtype, 'float32');
    close(summed(layer.weight?.grad), /** @type {Tensor} */ (single.weight?.grad), 1e-2, '∂weight');
    for (const key of /** @type {const} */ (['runningMean', 'runningVar'])) {
      const [a, b] = [layer[key], single[key]];
      assert.equal(a?.dtype, 'float32');
      close(/** @type {Tensor} */ (a), /** @type {Tensor} */ (b), 1e-6, key);
    }
    const allHalf = new nn.SyncBatchNorm(C).to({ dtype: 'bfloat16' });
    allHalf.forward(mine).sum().backward();
    assert.equal(allHalf.weight?.grad?.dtype, 'bfloat16');
  });
}

function runningStatistics() {
  tidy(() => {
    for (const options of [{}, { momentum: null }, { momentum: 0.3 }, { trackRunningStats: false }]) {
      const layer = new nn.SyncBatchNorm(C, { dtype: 'float64', ...options });
      const single = new nn.BatchNorm1d(C, { dtype: 'float64', ...options });
      for (let seed = 0; seed < 60; seed += 20) {
        const inputs = parts([], seed);
        noGrad(() => layer.forward(/** @type {Tensor} */ (inputs[rank])));
        single.forward(cat(inputs));
      }
      const theirs = single.stateDict();
      assert.deepEqual([...layer.stateDict().keys()], [...theirs.keys()]);
      for (const [key, x] of layer.stateDict()) close(x, /** @type {Tensor} */ (theirs.get(key)), 1e-14, key);
    }
  });
}

/** Only rank 0 runs it: it would wait in vain if anything were exchanged. */
function stillModulesExchangeNothing() {
  if (rank === 0) {
    tidy(() => {
      const network = new nn.Sequential(new nn.BatchNorm2d(C), new nn.BatchNorm2d(C, { affine: false }));
      const x = normal([2, C, 4, 4], 1).float();
      const y = network.eval().forward(x).toArray();
      nn.convertSyncBatchNorm(network);
      assert.deepEqual(network.forward(x).toArray(), y, 'in evaluation mode');
      network.freeze().train();
      assert.deepEqual(network.forward(x).toArray(), y, 'frozen');
      const untracked = { dtype: /** @type {const} */ ('float32'), trackRunningStats: false };
      const own = new nn.BatchNorm2d(C, untracked).eval().forward(x);
      assert.deepEqual(new nn.SyncBatchNorm(C, untracked).eval().forward(x).toArray(), own.toArray());
    });
  }
  group.barrier();
}

/** A layer whose input needs no gradient has nothing to exchange on the way back. */
function firstLayer() {
  tidy(() => {
    const layer = new nn.SyncBatchNorm(C, { dtype: 'float64' });
    const y = layer.forward(/** @type {Tensor} */ (parts([2, 2], 3)[rank]));
    if (rank === 0) y.square().sum().backward();
    group.barrier();
    assert.equal(layer.weight?.grad === null, rank !== 0);
  });
}

function gathers() {
  tidy(() => {
    const mine = normal([rank + 1, 2], rank).requiresGrad_();
    const all = distributed.allGatherWithGradient(mine, group);
    assert.deepEqual(all.toArray(), cat([normal([1, 2], 0), normal([2, 2], 1)]).toArray());
    all.square().sum().backward();
    assert.deepEqual(mine.grad?.toArray(), mine.mul(2).toArray(), 'the gradient of the own rows');
    const some = distributed.allGatherWithGradient(rank === 0 ? zeros([0, 2]) : ones([3, 2]));
    assert.deepEqual(some.toArray(), ones([3, 2]).toArray());
    assert.equal(distributed.allGatherWithGradient(ones([1], { dtype: 'int64' })).dtype, 'int64');
    assert.throws(() => distributed.allGatherWithGradient(ones([])), /without dimensions/);

    // The example of the documentation: predictions w·x, loss (Σ w·x)², mean over two ranks, times two.
    const w = ones([1]).mul(0.5).requiresGrad_();
    const x = rank === 0 ? 1 : 3;
    distributed.allGatherWithGradient(w.mul(x)).sum().square().mul(worldSize).backward();
    assert.equal(group.allReduce(/** @type {Tensor} */ (w.grad), { op: 'avg' }).item(), 32 * 0.5);
  });
}

function errors() {
  const layer = new nn.SyncBatchNorm(C);
  tidy(() => {
    assert.throws(() => layer.forward(zeros([2, 4])), {
      name: 'RangeError',
      message: 'SyncBatchNorm: expected [B, C] or [B, C, L] or [B, C, H, W] with 3 channels, found [2, 4]',
    });
    // One value on rank 0, none on the others: all are told.
    assert.throws(() => layer.forward(zeros([rank === 0 ? 1 : 0, C])), {
      name: 'RangeError',
      message: /one value per channel has no variance; .* all ranks together, found 1$/,
    });
    const y = layer.forward(ones([1, C]).mul(rank).requiresGrad_());
    assert.throws(
      () => grad([y.square().sum()], [/** @type {Tensor} */ (layer.weight)], { createGraph: true }),
      (error) => isTorchError(error) && /SyncBatchNorm has no second derivatives/.test(error.message),
    );
  });
  group.barrier(); // the group is still good
  tidy(() => {
    const other = new nn.SyncBatchNorm(rank + 1);
    assert.throws(
      () => other.forward(ones([2, rank + 1])),
      (error) => {
        assert.ok(distributed.isCollectiveError(error));
        assert.match(
          error.message,
          /rank 0: SyncBatchNorm over 1 channels of float32; rank 1: SyncBatchNorm over 2 channels of float32/,
        );
        return true;
      },
    );
  });
}

for (const affine of [true, false]) {
  followsFormula([], affine, 'contiguous');
  followsFormula([5], affine, 'contiguous');
  followsFormula([3, 4], affine, 'contiguous');
  followsFormula([3, 4], affine, 'channels_last');
}
followsDifferences();
halfPrecision();
runningStatistics();
stillModulesExchangeNothing();
firstLayer();
gathers();
errors();
distributed.destroyProcessGroup();
