import {
  aten,
  isTracedValue,
  nn,
  ones,
  type TracedCall,
  type TracedValue,
  tidy,
  trace,
  zeros,
} from '@mien/torch';
import { describe, expect, it } from 'vitest';

const idsOf = (values: readonly unknown[]) =>
  values.map((value) => (isTracedValue(value) ? `#${value.id}` : value));

function traceCalls(body: () => unknown): TracedCall[] {
  return [...trace(body).calls];
}

describe('trace', () => {
  it('records operators, their arguments and where results go', () => {
    const layer = new nn.Linear(3, 2);
    const input = ones([4, 3]);
    const { calls, result, lastValue } = trace(() => layer.forward(input).add(1, { alpha: 2 }));
    expect(calls.map(({ operator }) => operator)).toEqual(['aten::linear', 'aten::add']);
    const [linear, add] = calls as [TracedCall, TracedCall];
    expect(idsOf(linear.args)).toEqual(['#0', '#1', '#2']);
    expect(idsOf(add.args)).toEqual(['#3', 1]);
    expect(add.options).toEqual({ alpha: 2 });
    expect(lastValue(result)).toMatchObject({ id: 4, shape: [4, 2], dtype: 'float32' });
    expect(linear.args).toMatchObject([{ source: input }, { source: layer.weight }, { source: layer.bias }]);
    expect(add.args[0]).not.toHaveProperty('source');
  });

  it('makes a new value where an operator works in place', () => {
    const { calls, lastValue, result } = trace(() => {
      const x = ones([2]);
      const before = x.mul(3);
      x.add_(before);
      return [x, before] as const;
    });
    expect(calls.map(({ results }) => (results as TracedValue).id)).toEqual([0, 1, 2]);
    expect(calls[2]?.replaced).toMatchObject([{ id: 0 }]);
    expect(result.map((tensor) => lastValue(tensor)?.id)).toEqual([2, 1]);
  });

  it('knows lists of tensors and several results', () => {
    const [, , cat, max] = traceCalls(() => aten.cat([ones([1, 2]), zeros([1, 2])], 0).max(0)) as [
      TracedCall,
      TracedCall,
      TracedCall,
      TracedCall,
    ];
    expect(idsOf(cat.args[0] as TracedValue[])).toEqual(['#0', '#1']);
    expect(max.results).toMatchObject([{ dtype: 'float32' }, { dtype: 'int64' }]);
  });

  it('keeps what is freed on the way', () => {
    const calls = traceCalls(() => tidy(() => ones([2, 5]).sum().item()));
    expect(calls[0]).toMatchObject({ results: { shape: [2, 5] } });
  });

  it('ends with its body, also when that fails, and does not nest', () => {
    expect(() => trace(() => trace(() => 1))).toThrow('recorded already');
    expect(() => trace(() => ones([2]).matmul(ones([3])))).toThrow('aten::matmul');
    const calls = traceCalls(() => undefined);
    ones([1]);
    expect(calls).toEqual([]);
  });
});
