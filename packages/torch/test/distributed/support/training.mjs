// Data-parallel training against training in one process with the whole batch. Two ranks.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  distributed,
  generator,
  liveTensors,
  manualSeed,
  nn,
  optim,
  randint,
  randn,
  tidy,
} from '@mien/torch';

/** @import { Tensor } from '@mien/torch' */

const group = distributed.initProcessGroup({ timeoutMs: 20_000 });
const { rank } = group;
const BATCH = 8;
const STEPS = 6;

/** @param {boolean} normalised */
function makeNetwork(normalised) {
  return new nn.Sequential(
    new nn.Conv2d(3, 6, 3, { padding: 1 }),
    normalised ? new nn.BatchNorm2d(6) : new nn.Identity(),
    new nn.ReLU(),
    new nn.AdaptiveAvgPool2d(2),
    new nn.Flatten(),
    new nn.Linear(24, 5),
  );
}

/** The same sequence of batches on every rank, of which each takes its half. */
function batches() {
  const source = generator({ seed: 7 });
  return {
    /** @param {number} [from] @param {number} [count] */
    next(from = 0, count = 2 * BATCH) {
      const images = randn([2 * BATCH, 3, 8, 8], { generator: source });
      const labels = randint(0, 5, [2 * BATCH], { generator: source });
      return { images: images.narrow(0, from, count), labels: labels.narrow(0, from, count) };
    },
  };
}

/** @param {nn.Module} module */
function digest(module) {
  const hash = createHash('sha256');
  tidy(() => {
    for (const tensor of module.stateDict().values())
      hash.update(new Uint8Array(tensor.toTypedArray().buffer));
  });
  return hash.digest('hex');
}

/** @param {nn.Module} a @param {nn.Module} b */
function distance(a, b) {
  return tidy(() => {
    const theirs = b.parameters();
    return Math.max(
      ...a.parameters().map((p, i) =>
        p
          .sub(/** @type {Tensor} */ (theirs[i]))
          .abs()
          .max()
          .item(),
      ),
    );
  });
}

const sgd = (/** @type {nn.Module} */ module) =>
  new optim.SGD(module.parameters(), { lr: 0.1, momentum: 0.9 });

function trainsAsOne() {
  manualSeed(rank + 1); // different weights, until the wrapper makes them rank 0's
  const model = makeNetwork(false);
  if (rank === 1) assert.notEqual(distributed.allGatherObject(digest(model))[0], digest(model));
  else distributed.allGatherObject(digest(model));
  // Buckets of a few hundred numbers, so that there are several.
  const parallel = new distributed.DistributedDataParallel(model, { bucketCapMb: 0.0005 });
  const single = makeNetwork(false);
  single.loadStateDict(model.stateDict());
  assert.equal(distance(model, single), 0);

  const optimizers = { parallel: sgd(parallel), single: sgd(single) };
  const [mine, whole] = [batches(), batches()];
  let live = 0;
  for (let step = 0; step < STEPS; step++) {
    tidy(() => {
      const { images, labels } = mine.next(rank * BATCH, BATCH);
      parallel.zeroGrad();
      nn.functional.crossEntropy(parallel.forward(images), labels).backward();
      parallel.reduceGradients();
      optimizers.parallel.step();

      const all = whole.next();
      single.zeroGrad();
      nn.functional.crossEntropy(single.forward(all.images), all.labels).backward();
      optimizers.single.step();
    });
    if (step === 1) live = liveTensors();
    if (step > 1) assert.equal(liveTensors(), live, 'memory is flat');
  }
  const apart = distance(model, single);
  assert.ok(apart < 1e-5, `weights differ by ${apart} from those of one process`);
  assert.ok(apart < distance(model, makeNetwork(false)) / 1000);
  const digests = distributed.allGatherObject(digest(model));
  assert.equal(digests[0], digests[1], 'the ranks have the same weights to the last bit');
  parallel.dispose();
  single.dispose();
  return digests[0];
}

function accumulates() {
  manualSeed(3);
  const [model, single] = [makeNetwork(false), makeNetwork(false)];
  const parallel = new distributed.DistributedDataParallel(model);
  single.loadStateDict(model.stateDict());
  const source = batches();
  tidy(() => {
    // Each rank's half of two batches, in two steps of which only the second exchanges.
    const [first, second] = [source.next(), source.next()];
    const half = (/** @type {Tensor} */ t) => t.narrow(0, rank * BATCH, BATCH);
    const loss = (/** @type {{ images: Tensor, labels: Tensor }} */ { images, labels }) =>
      nn.functional.crossEntropy(parallel.forward(half(images)), half(labels)).div(2);
    parallel.noSync(() => {
      loss(first).backward();
      parallel.reduceGradients();
    });
    const grads = distributed.allGather(/** @type {Tensor} */ (model.parameters()[0]?.grad));
    assert.notDeepEqual(grads[0]?.toArray(), grads[1]?.toArray(), 'noSync leaves the gradients apart');
    loss(second).backward();
    parallel.reduceGradients();

    const big = [first, second].map(({ images, labels }) =>
      nn.functional.crossEntropy(single.forward(images), labels),
    );
    for (const part of big) part.div(2).backward();
    single.parameters().forEach((parameter, i) => {
      const difference = /** @type {Tensor} */ (parameter.grad).sub(
        /** @type {Tensor} */ (model.parameters()[i]?.grad),
      );
      assert.ok(difference.abs().max().item() < 1e-6);
    });
  });
  parallel.noSync(() =>
    assert.throws(
      () =>
        parallel.noSync(() => {
          throw new Error('inner');
        }),
      /inner/,
    ),
  );
}

/** Parts that only some ranks use, and one that none does. */
class Branches extends nn.Module {
  mine = new nn.ModuleList([new nn.Linear(2, 2), new nn.Linear(2, 2), new nn.Linear(2, 2)]);
  /** @override @param {Tensor} x @param {number} which */
  forward(x, which) {
    return [...this.mine][which]?.forward(x);
  }
}

function unusedParametersCountAsZero() {
  const model = new Branches();
  const parallel = new distributed.DistributedDataParallel(model);
  tidy(() => {
    const input = randn([4, 2], { generator: generator({ seed: 1 }) });
    parallel.forward(input, rank)?.sum().backward();
    parallel.reduceGradients();
    const [first, second, third] = [...model.mine];
    const bias = [first, second].map((layer) => layer?.bias?.grad?.toArray());
    assert.deepEqual(
      bias,
      [
        [2, 2],
        [2, 2],
      ],
      'half of the gradient of the one rank that has it',
    );
    assert.equal(third?.weight.grad, null, 'what no rank used stays without');
    first?.freeze();
    parallel.zeroGrad();
    parallel.forward(input, 1)?.sum().backward();
    parallel.reduceGradients();
    assert.deepEqual([first?.weight.grad, second?.bias?.grad?.toArray()], [null, [4, 4]], 'frozen later');
  });
}

function buffersFollowRankZero() {
  manualSeed(5);
  const model = makeNetwork(true);
  const parallel = new distributed.DistributedDataParallel(model);
  const optimizer = sgd(parallel);
  const source = batches();
  for (let step = 0; step < 3; step++) {
    tidy(() => {
      const { images, labels } = source.next(rank * BATCH, BATCH);
      parallel.zeroGrad();
      // Two passes before the backward pass: the second broadcast must not disturb what the first one saved.
      const losses = [parallel.forward(images), parallel.forward(images)].map((y) =>
        nn.functional.crossEntropy(y, labels),
      );
      for (const loss of losses) loss.backward();
      parallel.reduceGradients();
      optimizer.step();
    });
  }
  const statistics = () => tidy(() => model.buffers().map((buffer) => buffer.toArray()));
  const apart = distributed.allGatherObject(statistics());
  assert.notDeepEqual(apart[0], apart[1], 'each rank normalised its own last batch');
  tidy(() => parallel.eval().forward(randn([2, 3, 8, 8])));
  assert.deepEqual(statistics(), apart[rank], 'evaluation exchanges nothing');
  tidy(() => parallel.train().forward(source.next(0, 2).images.zero_()));
  const together = distributed.allGatherObject(statistics());
  assert.deepEqual(together[0], together[1]);
}

function halfPrecisionAndLayouts() {
  manualSeed(6);
  const model = new nn.Sequential(new nn.Conv2d(4, 4, 3), new nn.Flatten(), new nn.Linear(4, 2));
  model.to({ memoryFormat: 'channels_last' });
  model.to({ dtype: 'bfloat16' });
  const parallel = new distributed.DistributedDataParallel(model);
  tidy(() => {
    const input = randn([2, 4, 3, 3], { generator: generator({ seed: rank }) }).to('bfloat16');
    parallel.forward(input).sum().backward();
    const before = model.parameters().map((p) => distributed.allGather(/** @type {Tensor} */ (p.grad)));
    parallel.reduceGradients();
    model.parameters().forEach((p, i) => {
      const [a, b] = /** @type {Tensor[]} */ (before[i]);
      const mean = a
        ?.float()
        .add(/** @type {Tensor} */ (b).float())
        .div(2)
        .to('bfloat16');
      assert.deepEqual(p.grad?.toArray(), mean?.toArray());
    });
  });
}

function mismatchingModels() {
  const sizes = rank === 0 ? 5 : 4;
  const shape = () =>
    new distributed.DistributedDataParallel(new nn.Sequential(new nn.Linear(2, 3), new nn.Linear(3, sizes)));
  assert.throws(shape, (error) => {
    assert.ok(distributed.isReplicaMismatchError(error));
    assert.equal(error.rank, 1);
    assert.match(
      error.message,
      /rank 1 .*it has parameter '1\.weight' of float32\[4, 3\] where rank 0 has .*float32\[5, 3\]/,
    );
    return true;
  });
  const more = rank === 0 ? [new nn.Linear(2, 2)] : [new nn.Linear(2, 2), new nn.BatchNorm1d(2)];
  assert.throws(
    () => new distributed.DistributedDataParallel(new nn.Sequential(...more)),
    /it has parameter '1\.weight' of float32\[2\] where rank 0 has nothing more/,
  );
  const frozen = new nn.Linear(2, 2);
  if (rank === 1) frozen.freeze();
  assert.throws(() => new distributed.DistributedDataParallel(frozen), /without gradient where/);
  distributed.barrier(); // the group is still good
}

const weights = trainsAsOne();
assert.equal(trainsAsOne(), weights, 'a second run gives the same weights');
accumulates();
unusedParametersCountAsZero();
buffersFollowRankZero();
halfPrecisionAndLayouts();
mismatchingModels();
distributed.destroyProcessGroup();
