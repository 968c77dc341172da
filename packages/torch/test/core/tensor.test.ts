import { inspect } from 'node:util';
import {
  arange,
  aten,
  autocast,
  type DType,
  defaultGenerator,
  dropSharedTensor,
  fromBytes,
  fromTypedArray,
  full,
  generator,
  grad,
  inferenceMode,
  isAutocastEnabled,
  isGradEnabled,
  isInferenceMode,
  keep,
  linspace,
  liveTensors,
  manualSeed,
  noGrad,
  ones,
  openScope,
  rand,
  randint,
  randn,
  randperm,
  receiveTensor,
  shareTensor,
  tensor,
  tidy,
  zeros,
} from '@mien/torch';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

describe('making tensors', () => {
  it('infers shape and dtype', () => {
    expect(
      tensor([
        [1, 2],
        [3, 4],
        [5, 6],
      ]).shape,
    ).toEqual([3, 2]);
    expect(tensor(3).shape).toEqual([]);
    expect(tensor([]).shape).toEqual([0]);
    expect(tensor([1]).dtype).toBe('float32');
    expect(tensor([true, false]).dtype).toBe('bool');
    expect(tensor([1n]).dtype).toBe('int64');
    expect(tensor([2 ** 31], { dtype: 'int64' }).toArray()).toEqual([2n ** 31n]);
    expect(tensor([0.1], { dtype: 'float64' }).toArray()).toEqual([0.1]);
    expect(tensor([1.5], { requiresGrad: true }).requiresGrad).toBe(true);
  });

  it.each([
    ['ragged rows', [[1, 2], [3]]],
    ['a row among numbers', [1, [2]]],
    ['a number among rows', [[1], 2]],
    ['a string', ['1']],
    ['null', [null]],
  ])('refuses %s', (_, data) => {
    expect(() => tensor(data as never)).toThrow(TypeError);
  });

  it('reads back every dtype as the typed array that holds it', () => {
    const values = [0, 1, 2, 100];
    const arrays: [DType, unknown][] = [
      ['float32', Float32Array],
      ['float64', Float64Array],
      ['int8', Int8Array],
      ['uint8', Uint8Array],
      ['int16', Int16Array],
      ['int32', Int32Array],
      ['int64', BigInt64Array],
      ['float16', Float32Array],
      ['bfloat16', Float32Array],
    ];
    for (const [dtype, array] of arrays) {
      const x = tensor(values, { dtype });
      expect(x.dtype).toBe(dtype);
      expect(x.toTypedArray()).toBeInstanceOf(array);
      expect(Array.from(x.toTypedArray() as ArrayLike<number | bigint>, Number)).toEqual(values);
    }
    expect(tensor([true, false]).toArray()).toEqual([true, false]);
  });

  it('copies typed arrays, and reads them back unchanged', () => {
    fc.assert(
      fc.property(fc.float32Array({ noNaN: true }), (array) => {
        const x = fromTypedArray(array);
        expect(x.toTypedArray()).toEqual(array);
        array.fill(7);
        if (array.length > 0) expect(x.toTypedArray()).not.toBe(array);
      }),
    );
  });

  it('works on an array’s own memory when asked to', () => {
    const memory = new Float32Array([1, 2, 3, 4]);
    const x = fromTypedArray(memory, [2, 2], { copy: false });
    x.mul_(10);
    expect([...memory]).toEqual([10, 20, 30, 40]);
    memory[0] = -1;
    expect(x.toArray()).toEqual([
      [-1, 20],
      [30, 40],
    ]);
    const shared = new Uint8Array(new SharedArrayBuffer(4));
    fromTypedArray(shared, [4], { copy: false }).add_(5);
    expect([...shared]).toEqual([5, 5, 5, 5]);
  });

  it('reads raw bytes as a checkpoint stores them', () => {
    // 1.0 and -2.0 in bfloat16, little endian.
    const x = fromBytes(new Uint8Array([0x80, 0x3f, 0x00, 0xc0]), 'bfloat16', [2]);
    expect(x.toArray()).toEqual([1, -2]);
    expect(() => fromBytes(new Uint8Array(3), 'float32', [1])).toThrow(
      'the shape needs 4 bytes, the array holds 3',
    );
    expect(() => fromTypedArray(new Float32Array(2), [3])).toThrow('the shape needs 12 bytes');
    expect(() => fromTypedArray(new Float32Array(2), [-1])).toThrow('a shape holds -1');
    expect(() => fromTypedArray(new Uint16Array(2))).toThrow('fromBytes');
  });

  it('counts and fills', () => {
    expect(arange(3).toArray()).toEqual([0n, 1n, 2n]);
    expect(arange(1, 2, 0.5).toArray()).toEqual([1, 1.5]);
    expect(linspace(-1, 1, 5).toArray()).toEqual([-1, -0.5, 0, 0.5, 1]);
    expect(full([2], 3).dtype).toBe('float32');
    const permutation = (randperm(50).toArray() as bigint[]).map(Number);
    expect(permutation.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    const draws = randint(2, 5, [100]).toArray() as bigint[];
    expect(new Set(draws)).toEqual(new Set([2n, 3n, 4n]));
  });

  it('converts dtype and layout, and returns itself where nothing changes', () => {
    const x = zeros([1, 3, 4, 4]);
    expect(x.to('float32')).not.toBe(undefined);
    expect(x.to('bfloat16').dtype).toBe('bfloat16');
    expect(x.to({ device: 'meta' }).device).toBe('meta');
    const last = x.to({ memoryFormat: 'channels_last' });
    expect(last.strides).toEqual([48, 1, 12, 3]);
    expect(last.isContiguous('channels_last')).toBe(true);
    expect(last.isContiguous()).toBe(false);
    expect(x.isContiguous()).toBe(true);
    expect(x.size(-1)).toBe(4);
    expect(() => x.size(9)).toThrow('dimension 9');
  });
});

describe('printing', () => {
  it('looks like PyTorch', () => {
    expect(
      String(
        tensor([
          [1, 2.5],
          [-3, 4],
        ]),
      ),
    ).toBe('tensor([[ 1.0000,  2.5000],\n        [-3.0000,  4.0000]])');
    expect(String(tensor([1, 2, 3]))).toBe('tensor([1., 2., 3.])');
    expect(String(arange(3))).toBe('tensor([0, 1, 2], dtype=int64)');
    expect(String(tensor(2))).toBe('tensor(2.)');
    expect(String(tensor([1e-9, 1]))).toBe('tensor([1.0000e-09, 1.0000e+00])');
    expect(String(tensor([Number.NaN, Number.POSITIVE_INFINITY]))).toBe('tensor([nan, inf])');
    expect(String(zeros([0, 2]))).toBe('tensor([], shape=[0, 2])');
    expect(String(ones([1], { requiresGrad: true }))).toBe('tensor([1.], requiresGrad)');
    expect(String(ones([1], { requiresGrad: true }).neg())).toBe('tensor([-1.], gradFn=NegBackward0)');
    expect(inspect(arange(2000))).toBe('tensor([   0,    1,    2, ..., 1997, 1998, 1999], dtype=int64)');
  });
});

describe('autograd', () => {
  it('accumulates into leaves', () => {
    const x = tensor([1, 2, 3], { requiresGrad: true });
    const y = x.mul(x).sum();
    expect(y.gradFn).toBe('SumBackward0');
    expect([x.isLeaf, y.isLeaf]).toEqual([true, false]);
    y.backward(null, { retainGraph: true });
    y.backward();
    expect(x.grad?.toArray()).toEqual([4, 8, 12]);
    x.grad = null;
    expect(x.grad).toBeNull();
    expect(() => y.backward()).toThrow('second time');
    expect(() => ones([2], { requiresGrad: true }).mul(2).backward()).toThrow('scalar');
  });

  it('computes higher derivatives', () => {
    const x = tensor([2], { dtype: 'float64', requiresGrad: true });
    const [first] = grad([x.pow(3)], [x], { createGraph: true });
    const [second] = grad([first as never], [x]);
    expect([first?.item(), second?.item()]).toEqual([12, 12]);
    const unused = ones([1], { requiresGrad: true });
    expect(grad([x.mul(2)], [unused], { allowUnused: true })).toEqual([null]);
    expect(() => grad([x.mul(2)], [unused])).toThrow('to not have been used');
  });

  it('keeps to the inputs that are asked for, and to retained gradients', () => {
    const [a, b] = [ones([1], { requiresGrad: true }), ones([1], { requiresGrad: true })];
    const c = a.mul(b).retainGrad();
    c.mul(5).backward(null, { inputs: [a] });
    expect(a.grad?.item()).toBe(5);
    expect(b.grad).toBeNull();
    expect(() => c.requiresGrad_(false)).toThrow('leaves');
    expect(() => (a.grad = ones([2]))).toThrow('shape');
  });

  it('switches recording off and on, also after an error', () => {
    const x = ones([1], { requiresGrad: true });
    expect(noGrad(() => x.mul(2)).requiresGrad).toBe(false);
    expect(inferenceMode(() => [isInferenceMode(), x.mul(2).requiresGrad])).toEqual([true, false]);
    expect(() =>
      noGrad(() => {
        throw new Error('stop');
      }),
    ).toThrow('stop');
    expect([isGradEnabled(), isInferenceMode()]).toEqual([true, false]);
    expect(() => noGrad(async () => {})).toThrow('asynchronous');
  });

  it('casts to bfloat16 where autocast is on', () => {
    const [a, b] = [randn([4, 4]), randn([4, 4])];
    const products = autocast(() => [a.matmul(b).dtype, a.add(b).dtype, isAutocastEnabled()]);
    expect(products).toEqual(['bfloat16', 'float32', true]);
    expect(a.matmul(b).dtype).toBe('float32');
    expect(autocast(() => a.matmul(b).dtype, { enabled: false })).toBe('float32');
  });
});

describe('random numbers', () => {
  it('repeat from the same seed', () => {
    manualSeed(5);
    const first = randn([10]).toArray();
    manualSeed(5);
    expect(randn([10]).toArray()).toEqual(first);
    const g = generator({ seed: 5 });
    expect(g.initialSeed).toBe(5);
    expect(randn([10], { generator: g }).toArray()).toEqual(first);
    expect(randn([10], { generator: g }).toArray()).not.toEqual(first);
    expect(() => generator({ seed: 0.5 })).toThrow('safe integer');
  });

  it('go on from a stored state', () => {
    const g = generator({ seed: 1 });
    rand([7], { generator: g });
    const state = g.getState();
    expect(state.dtype).toBe('uint8');
    const next = rand([5], { generator: g }).toArray();
    expect(rand([5], { generator: generator().setState(state) }).toArray()).toEqual(next);
    const standard = defaultGenerator().getState();
    const drawn = rand([3]).toArray();
    defaultGenerator().setState(standard);
    expect(rand([3]).toArray()).toEqual(drawn);
  });
});

describe('scopes', () => {
  it('free what was made inside, and keep what is returned', () => {
    const before = liveTensors();
    const result = tidy(() => {
      const x = ones([2]);
      return { sum: x.add(1), list: [x.mul(2), new Map([['k', x.sub(1)]])] };
    });
    expect(liveTensors()).toBe(before + 3);
    expect(result.sum.toArray()).toEqual([2, 2]);
  });

  it('nest, and pass results outwards one scope at a time', () => {
    const before = liveTensors();
    tidy(() => {
      const inner = tidy(() => ones([1]).add(1));
      expect(inner.item()).toBe(2);
      expect(liveTensors()).toBe(before + 1);
    });
    expect(liveTensors()).toBe(before);
  });

  it('let go of what was kept', () => {
    const before = liveTensors();
    const kept = tidy(() => {
      const x = keep(ones([1]));
      ones([1]).keep().dispose();
      return { x };
    });
    expect(liveTensors()).toBe(before + 1);
    kept.x.dispose();
    kept.x.dispose();
    expect(liveTensors()).toBe(before);
  });

  it('free after an error, and with `using`', () => {
    const before = liveTensors();
    expect(() =>
      tidy(() => {
        ones([1]);
        throw new Error('stop');
      }),
    ).toThrow('stop');
    {
      using _scope = openScope();
      using x = ones([1]);
      x.add(1);
    }
    expect(liveTensors()).toBe(before);
  });

  it('refuse asynchronous bodies and closing out of order', () => {
    expect(() => tidy(async () => {})).toThrow('asynchronous');
    const [outer, inner] = [openScope(), openScope()];
    expect(() => outer.dispose()).toThrow('inner scope');
    inner.dispose();
    outer.dispose();
    outer.dispose();
  });

  it('never confuse a freed tensor with the one that took its place', () => {
    const old = ones([1]);
    const handle = old._handle;
    old.dispose();
    const fresh = zeros([3]);
    expect(fresh._handle).not.toBe(handle);
    expect(() =>
      aten.relu(Object.assign(Object.create(Object.getPrototypeOf(fresh)), { _handle: handle })),
    ).toThrow('disposed');
  });
});

describe('sharing', () => {
  it('passes memory, once', () => {
    const x = zeros([2]);
    const offer = shareTensor(x);
    const y = receiveTensor(structuredClone(offer));
    y.add_(1);
    expect(x.toArray()).toEqual([1, 1]);
    expect(() => receiveTensor(offer)).toThrow('received or dropped already');
    expect(dropSharedTensor(shareTensor(x))).toBe(true);
    expect(dropSharedTensor(offer)).toBe(false);
  });
});
