// Every collective against its formula, on as many ranks as were started.
import assert from 'node:assert/strict';
import {
  distributed,
  fromTypedArray,
  inferenceMode,
  liveTensors,
  noGrad,
  ones,
  tensor,
  tidy,
  zeros,
} from '@mien/torch';

/** @import { DType } from '@mien/torch' */

const group = distributed.initProcessGroup({ timeoutMs: 20_000 });
const { rank, worldSize: n } = group;
assert.equal(distributed.getRank(), rank);
assert.equal(distributed.getWorldSize(), n);
const ranks = Array.from({ length: n }, (_, r) => r);
/** @param {(rank: number) => number} term */
const sum = (term) => ranks.reduce((total, r) => total + term(r), 0);

tidy(() => {
  // all-reduce: every dtype, every operation
  const dtypes = /** @type {DType[]} */ ([
    'float32',
    'float64',
    'float16',
    'bfloat16',
    'int64',
    'int32',
    'int16',
    'uint8',
  ]);
  for (const dtype of dtypes) {
    const mine = () => tensor([rank + 1, 2, 3 * (rank + 1)], { dtype });
    /** @param {distributed.ReduceOp} op */
    const reduced = (op) => {
      const x = mine();
      assert.equal(distributed.allReduce(x, { op }), x, 'the tensor itself is returned');
      return Array.from(x.toTypedArray(), Number);
    };
    const factorial = ranks.reduce((product, r) => product * (r + 1), 1);
    assert.deepEqual(reduced('sum'), [sum((r) => r + 1), 2 * n, sum((r) => 3 * (r + 1))], dtype);
    assert.deepEqual(reduced('min'), [1, 2, 3], dtype);
    assert.deepEqual(reduced('max'), [n, 2, 3 * n], dtype);
    assert.deepEqual(reduced('product'), [factorial, 2 ** n, 3 ** n * factorial], dtype);
    if (dtype.includes('float')) assert.deepEqual(reduced('avg'), [(n + 1) / 2, 2, (3 * (n + 1)) / 2], dtype);
    else assert.throws(() => reduced('avg'), /avg needs a floating-point tensor/);
  }
  const flag = tensor([rank === 0, false, true]);
  assert.deepEqual(distributed.allReduce(flag, { op: 'max' }).toArray(), [true, false, true]);

  // half precision is summed in float32: 2048 + 1 + 1 is lost in float16 where every partial sum is rounded
  const half = tensor([rank === 0 ? 2048 : 1, rank === 0 ? 256 : 0.5]);
  const expected = distributed.allReduce(half.clone()).to('bfloat16').toArray();
  assert.deepEqual(distributed.allReduce(half.to('bfloat16')).toArray(), expected);

  // strides, sizes and modes of all kinds
  const base = zeros([4, 6]);
  const columns = base.t().narrow(0, 1, 3);
  columns.fill_(rank + 1);
  distributed.allReduce(columns);
  assert.equal(base.sum().item(), 12 * sum((r) => r + 1));
  assert.equal(base.select(1, 0).sum().item(), 0);
  assert.equal(
    distributed.allReduce(tensor(rank)).item(),
    sum((r) => r),
  );
  assert.deepEqual(distributed.allReduce(zeros([0, 3])).shape, [0, 3]);
  const big = ones([1_000_003]).mul(rank + 1);
  assert.equal(
    distributed.allReduce(big).sum().item() / 1_000_003,
    sum((r) => r + 1),
  );
  const weight = ones([2]).requiresGrad_();
  noGrad(() => distributed.allReduce(weight));
  assert.deepEqual([weight.toArray(), weight.isLeaf], [[n, n], true]);
  inferenceMode(() => assert.equal(distributed.allReduce(ones([1])).item(), n));
  const saved = ones([2]).requiresGrad_();
  const factor = ones([2]);
  const product = saved.mul(factor).sum();
  distributed.allReduce(factor);
  assert.throws(() => product.backward(), /modified by an inplace operation/, 'autograd notices the change');

  // several under way
  const works = [1, 2, 3].map((k) => distributed.allReduce(ones([50_000]).mul(k), { async: true }));
  assert.deepEqual(
    works.reverse().map((work) => work.wait().mean().item()),
    [3 * n, 2 * n, n],
  );
  assert.ok(works.every((work) => work.isCompleted));
  const first = /** @type {distributed.Work<import('@mien/torch').Tensor>} */ (works[0]);
  assert.equal(first.wait(), first.wait(), 'waiting again gives the same');

  // broadcast
  const last = n - 1;
  const odd = [
    tensor([rank, rank], { dtype: 'bfloat16' }),
    tensor(rank === last),
    zeros([0]),
    fromTypedArray(BigInt64Array.of(2n ** 60n + BigInt(rank))),
  ];
  distributed.broadcast(odd, last);
  assert.deepEqual(
    odd.map((t) => t.toArray()),
    [[last, last], true, [], [2n ** 60n + BigInt(last)]],
  );
  const transposed = tensor([
    [rank, 2],
    [3, 4],
  ]).t();
  assert.equal(distributed.broadcast(transposed), transposed);
  assert.deepEqual(transposed.toArray(), [
    [0, 3],
    [2, 4],
  ]);

  // gather and scatter
  const gathered = distributed.allGather(tensor([[rank, 10 * rank]], { dtype: 'float16' }).t());
  assert.deepEqual(
    gathered.map((t) => t.toArray()),
    ranks.map((r) => [[r], [10 * r]]),
  );
  assert.deepEqual(
    distributed.allGather(tensor(rank > 0)).map((t) => t.toArray()),
    ranks.map((r) => r > 0),
  );
  const rows = tensor(ranks.map((r) => [r, rank + 1]));
  const part = group.reduceScatter(rows);
  assert.deepEqual(part.toArray(), [[rank * n, sum((r) => r + 1)]]);
  assert.deepEqual(
    rows.toArray(),
    ranks.map((r) => [r, rank + 1]),
    'the input stays',
  );
  assert.throws(() => group.reduceScatter(zeros([n + 1])), /multiple of the number of ranks/);

  // messages around the ring
  const [next, previous] = [(rank + 1) % n, (rank + n - 1) % n];
  const received = zeros([2, 2]).t();
  if (rank === 0)
    group.send(
      tensor([
        [rank, 1],
        [2, 3],
      ]),
      next,
      7,
    );
  group.receive(received, previous, 7);
  if (rank !== 0)
    group.send(
      tensor([
        [rank, 1],
        [2, 3],
      ]),
      next,
      7,
    );
  assert.deepEqual(received.toArray(), [
    [previous, 1],
    [2, 3],
  ]);

  // objects
  const value = {
    rank,
    loss: Number.NaN,
    names: ['é', '💥'],
    nested: new Map([[1, new Float32Array([rank])]]),
  };
  assert.deepEqual(distributed.broadcastObject(rank === 1 ? value : undefined, 1), {
    ...value,
    rank: 1,
    nested: new Map([[1, new Float32Array([1])]]),
  });
  assert.deepEqual(
    distributed.allGatherObject('x'.repeat(100 * rank)),
    ranks.map((r) => 'x'.repeat(100 * r)),
  );

  assert.throws(
    () => distributed.broadcast(zeros([1]), n),
    new RegExp(`expected a rank from 0 to ${n - 1}, found ${n}`),
  );
  assert.throws(() => group.send(zeros([1]), rank), /itself/);
  assert.throws(
    () => distributed.allReduce(tensor([1]), { op: /** @type {any} */ ('mean') }),
    /unknown reduction 'mean'/,
  );
  distributed.barrier();
});
assert.equal(liveTensors(), 0, 'nothing is left behind');
distributed.destroyProcessGroup();
assert.equal(distributed.isInitialized(), false);
assert.throws(() => group.barrier(), /destroyed/);
