import {
  aten,
  full,
  isTorchError,
  ones,
  op,
  randn,
  Tensor,
  TorchError,
  tensor,
  tidy,
  zeros,
} from '@mien/torch';
import { describe, expect, it } from 'vitest';

const failure = (body: () => unknown): TorchError => {
  try {
    body();
  } catch (error) {
    if (isTorchError(error)) return error;
    throw error;
  }
  throw new Error('expected a TorchError');
};

describe('calling operators', () => {
  it('fills in defaults, by position or by name', () => {
    const x = randn([1, 2, 6, 6]);
    const w = randn([3, 2, 3, 3]);
    const byPosition = aten.conv2d(x, w, null, [2, 2], [1, 1]);
    const byName = aten.conv2d(x, w, { stride: 2, padding: 1 });
    const byMethod = op('aten::conv2d')(x, w, undefined, 2, { padding: [1, 1] }) as Tensor;
    expect(byPosition.shape).toEqual([1, 3, 3, 3]);
    expect(byName.equal(byPosition)).toBe(true);
    expect(byMethod.equal(byPosition)).toBe(true);
  });

  it('chooses among overloads by the arguments', () => {
    const x = tensor([
      [1, 5, 3],
      [9, 2, 4],
    ]);
    expect(x.max().item()).toBe(9);
    const [values, indices] = x.max(1);
    expect(values.toArray()).toEqual([5, 9]);
    expect(indices.toArray()).toEqual([1n, 0n]);
    expect(x.max(tensor([2, 2, 8])).toArray()).toEqual([
      [2, 5, 8],
      [9, 2, 8],
    ]);
    expect(x.sum().item()).toBe(24);
    expect(x.sum([0]).toArray()).toEqual([10, 7, 7]);
    expect(x.sum(1, true).shape).toEqual([2, 1]);
    expect(x.add(1).toArray()).toEqual(x.add(ones([1])).toArray());
    expect(op('aten::add.Tensor')(x, x, { alpha: 2 })).toBeInstanceOf(Tensor);
  });

  it('returns several results, lists, numbers, booleans, strings and nothing', () => {
    expect(aten.split(zeros([5]), 2).map((part) => part.shape)).toEqual([[2], [2], [1]]);
    expect(aten.unbind(zeros([3, 2]))).toHaveLength(3);
    expect(aten.isNonzero(ones([1]))).toBe(true);
    expect(aten.resultType(zeros([1], { dtype: 'int64' }), zeros([1], { dtype: 'float64' }))).toBe('float64');
    expect(aten._foreachAdd_([zeros([1])], 1)).toBeUndefined();
    const [output, mask] = aten.nativeDropout(ones([4]), 0, true);
    expect(output.toArray()).toEqual([1, 1, 1, 1]);
    expect(mask.dtype).toBe('bool');
  });

  it('returns an undefined tensor as null', () => {
    const [input, weight, bias] = aten.convolutionBackward(
      ones([1, 1, 2, 2]),
      ones([1, 1, 2, 2]),
      ones([1, 1, 1, 1]),
      null,
      [1, 1],
      [0, 0],
      [1, 1],
      false,
      [0, 0],
      1,
      [false, true, false],
    );
    expect(input).toBeNull();
    expect(weight.item()).toBe(4);
    expect(bias).toBeNull();
  });

  it('hands back the very object that an in-place or out operator wrote to', () => {
    const x = zeros([2]);
    expect(x.add_(1).mul_(3)).toBe(x);
    expect(x.toArray()).toEqual([3, 3]);
    const out = zeros([2]);
    expect(aten.add(x, x, { out, alpha: 2 })).toBe(out);
    expect(out.toArray()).toEqual([9, 9]);
    const [q, r] = [zeros([0]), zeros([0])];
    expect(aten.linalgQr(ones([2, 2]), 'reduced', { Q: q, R: r })).toEqual([q, r]);
  });

  it('takes results that are longer than its tape', () => {
    expect(tidy(() => aten.unbind(zeros([20_000]), 0).length)).toBe(20_000);
    expect(
      tidy(() =>
        aten
          .cat(aten.unbind(ones([20_000, 1]), 0))
          .sum()
          .item(),
      ),
    ).toBe(20_000);
  });

  it('carries integers that JavaScript numbers cannot', () => {
    const big = 2n ** 62n + 1n;
    expect(tensor(big).toArray()).toBe(big);
    expect(op('aten::item')(tensor(-big))).toBe(-big);
    expect(tensor([1n]).add(big).toArray()).toEqual([big + 1n]);
  });

  it('reaches operators of other namespaces', () => {
    expect(op('quantized::linear')).toBeTypeOf('function');
    expect(() => op('mkldnn::_convolution_pointwise')(zeros([1]))).toThrow(TorchError);
  });
});

describe('wrong arguments', () => {
  const x = zeros([2, 3]);

  it.each([
    ['an unknown operator', () => op('aten::no_such_thing'), "unknown operator 'aten::no_such_thing'"],
    ['an unknown overload', () => op('aten::add.nothing'), "unknown operator 'aten::add.nothing'"],
    ['a wrong type', () => aten.relu('x' as never), "argument 'self': expected Tensor, found the string 'x'"],
    ['a fraction for an integer', () => x.cumsum(0.5), 'found the number 0.5'],
    ['NaN for an integer', () => x.cumsum(Number.NaN), 'found the number nan'],
    ['a missing argument', () => op('aten::conv2d')(x), "argument 'weight' is missing"],
    ['too many arguments', () => op('aten::relu')(x, 1), 'takes 1 arguments, found 2'],
    ['an unknown name', () => op('aten::relu')(x, { bogus: 1 }), "no operator has an argument 'bogus'"],
    ['a name of another operator', () => op('aten::relu')(x, { alpha: 1 }), "has no argument 'alpha'"],
    ['an argument given twice', () => op('aten::relu')(x, { self: x }), "argument 'self' is given twice"],
    ['null where a tensor must be', () => op('aten::relu')(null), 'expected Tensor, found null'],
    [
      'a list of the wrong length',
      () => aten.avgPool2d(x, [1, 2, 3]),
      'expected int[2], found an array of length 3',
    ],
    [
      'an unknown dtype',
      () => x.to({ dtype: 'float7' as never }),
      "unknown dtype 'float7'; expected one of float32",
    ],
    ['an unknown layout', () => aten.zeros([1], { layout: 'dense' as never }), "unknown layout 'dense'"],
    ['an unknown device', () => aten.zeros([1], { device: 'abacus' }), 'abacus'],
    ['shapes that do not go together', () => x.matmul(x), 'mat1 and mat2 shapes cannot be multiplied'],
    ['an absurd size', () => zeros([2 ** 52]), "can't allocate memory"],
    [
      'infinities for LAPACK',
      () => aten.linalgEigvals(full([2, 2], Number.POSITIVE_INFINITY)),
      'finite numbers',
    ],
    ['an unchecked operator', () => op('aten::_symeig_helper'), '{ unchecked: true }'],
    ['a function', () => op('aten::relu')(() => 1), 'a function cannot be an argument'],
    ['a Date', () => op('aten::relu')(new Date()), 'an object of class Date cannot be an argument'],
    ['a bigint of more than 64 bits', () => x.add(2n ** 64n), 'does not fit into 64 bits'],
  ])('%s', (_, body, message) => {
    expect(failure(body).message).toContain(message);
  });

  it('names the operator and its schema', () => {
    const error = failure(() => x.matmul(x));
    expect(error.message).toMatch(/^aten::matmul: /);
    expect(error.schema).toBe('aten::matmul(Tensor self, Tensor other) -> Tensor');
  });

  it('lists every overload with the reason why it does not fit', () => {
    const { message } = failure(() => x.add('1' as never));
    expect(message).toContain('aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor');
    expect(message).toContain("argument 'other': expected Tensor, found the string '1'");
    expect(message).toContain("argument 'other': expected Scalar, found the string '1'");
  });

  it('recognises a disposed tensor', () => {
    const gone = zeros([1]);
    gone.dispose();
    expect(failure(() => gone.relu()).message).toContain('disposed');
    expect(() => gone.shape).toThrow('disposed');
    expect(String(gone)).toBe('tensor(disposed)');
  });

  it('turns a crash inside a kernel into an error and leaves the modes as they were', () => {
    // libtorch 1.13 reads the first element without looking whether there is one; 2.x looks.
    const error = failure(() => op('aten::_local_scalar_dense')(zeros([0])));
    expect(error.message).toMatch(/libtorch crashed on these arguments|Empty tensor not supported/);
    const y = ones([2]).requiresGrad_();
    y.mul(3).sum().backward();
    expect(y.grad?.toArray()).toEqual([3, 3]);
  });
});
