import {
  type DType,
  fromBytes,
  inferenceMode,
  liveTensors,
  nn,
  noGrad,
  ones,
  type Tensor,
  tidy,
  zeros,
} from '@mien/torch';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compositeNetwork, expectSame, normal, numbers, smallNetwork } from './support.js';

const raw = (dtype: DType, shape: number[], numbers: number[]): nn.RawValue => ({
  dtype,
  shape,
  data: new Uint8Array(
    dtype === 'float64' ? new Float64Array(numbers).buffer : new Float32Array(numbers).buffer,
  ),
});

describe('a state dict', () => {
  it('shares the memory of the module and takes no part in gradients', () => {
    const linear = new nn.Linear(2, 2);
    const weight = linear.stateDict().get('weight') as Tensor;
    expect(weight.requiresGrad).toBe(false);
    noGrad(() => linear.weight.fill_(3));
    expect(numbers(weight)).toEqual([3, 3, 3, 3]);
  });

  it('belongs to the scope that it was taken in', () => {
    const net = smallNetwork();
    const before = liveTensors();
    tidy(() => void net.stateDict());
    expect(liveTensors()).toBe(before);
    expect(net.parameters().every((p) => !p.isDisposed)).toBe(true);
  });

  it('carries every value over, whatever layers the network is made of', () => {
    const layer = fc.constantFrom<() => nn.Layer>(
      () => new nn.Linear(3, 2),
      () => new nn.Conv2d(2, 4, 3, { groups: 2, bias: false }),
      () => new nn.BatchNorm1d(3),
      () => new nn.Sequential(new nn.Linear(1, 1), new nn.Identity()),
    );
    fc.assert(
      fc.property(fc.array(layer, { maxLength: 5 }), (layers) => {
        const [from, to] = [layers, layers].map(
          (list) => new nn.Sequential(...list.map((make) => make())),
        ) as [nn.Sequential, nn.Sequential];
        tidy(() => {
          noGrad(() => from.buffers().forEach((buffer) => void buffer.add_(2)));
          expect(to.loadStateDict(from.stateDict())).toEqual({ missingKeys: [], unexpectedKeys: [] });
          expectSame(to.stateDict().values(), from.stateDict().values());
        });
        from.dispose();
        to.dispose();
      }),
      { numRuns: 25 },
    );
  });
});

describe('loading', () => {
  it('takes the plain records of checkpoint readers, of other dtypes too', () => {
    const linear = new nn.Linear(2, 1);
    const before = liveTensors();
    linear.loadStateDict(
      new Map([
        ['weight', raw('float64', [1, 2], [0.5, -2])],
        ['bias', raw('float32', [1], [7])],
      ]),
    );
    expect([numbers(linear.weight), numbers(linear.bias as Tensor)]).toEqual([[0.5, -2], [7]]);
    expect(linear.weight.dtype).toBe('float32');
    expect(linear.weight.requiresGrad).toBe(true);
    expect(liveTensors()).toBe(before);
  });

  it('tells of every key that does not fit, and changes nothing', () => {
    const net = smallNetwork();
    const before = net.parameters().map(numbers);
    const state = new Map<string, nn.StateValue>(net.stateDict());
    state.delete('0.bias');
    state.delete('1.running_var');
    state.set('5.weight', raw('float32', [4, 6], new Array(24).fill(0)));
    state.set('5.bias', zeros([]));
    state.set('module.fc', ones([1]));
    state.set('0.weight', ones([5, 3, 3, 3]));
    let error: unknown;
    try {
      net.loadStateDict(state);
    } catch (thrown) {
      error = thrown;
    }
    expect(nn.isStateDictError(error)).toBe(true);
    expect((error as nn.StateDictError).message).toBe(
      [
        'the state dict does not fit Sequential; nothing was changed',
        '  missing: 0.bias, 1.running_var',
        '  unexpected: module.fc',
        '  shape of 5.weight: expected [4, 5], found [4, 6]',
        '  shape of 5.bias: expected [4], found []',
      ].join('\n'),
    );
    expect(net.parameters().map(numbers)).toEqual(before);
  });

  it.each([
    ['missing: bias', [['weight', ones([1, 2])]]],
    [
      'unexpected: more',
      [
        ['weight', ones([1, 2])],
        ['bias', ones([1])],
        ['more', ones([1])],
      ],
    ],
  ] as [string, [string, Tensor][]][])('tells of a single problem too: %s', (problem, entries) => {
    const linear = new nn.Linear(2, 1);
    const before = linear.parameters().map(numbers);
    expect(() => linear.loadStateDict(new Map(entries))).toThrow(
      `the state dict does not fit Linear; nothing was changed\n  ${problem}`,
    );
    expect(linear.parameters().map(numbers)).toEqual(before);
  });

  it('reports missing and unexpected keys where they are allowed, but never takes a wrong shape', () => {
    const linear = new nn.Linear(2, 1);
    const report = linear.loadStateDict(
      new Map([
        ['weight', ones([1, 2])],
        ['other', ones([1])],
      ]),
      { strict: false },
    );
    expect(report).toEqual({ missingKeys: ['bias'], unexpectedKeys: ['other'] });
    expect(numbers(linear.weight)).toEqual([1, 1]);
    const wrong = new Map([['weight', zeros([2, 1])]]);
    expect(() => linear.loadStateDict(wrong, { strict: false })).toThrow('expected [1, 2], found [2, 1]');
    expect(numbers(linear.weight)).toEqual([1, 1]);
  });

  it('changes nothing where a value cannot be copied', () => {
    const linear = new nn.Linear(2, 1);
    const before = linear.parameters().map(numbers);
    const gone = zeros([1]);
    gone.dispose();
    expect(() =>
      linear.loadStateDict(
        new Map([
          ['weight', ones([1, 2])],
          ['bias', gone],
        ]),
      ),
    ).toThrow(/bias was disposed/);
    const short = { ...raw('float32', [1], [1]), data: new Uint8Array(3) };
    expect(() =>
      linear.loadStateDict(
        new Map<string, nn.StateValue>([
          ['weight', ones([1, 2])],
          ['bias', short],
        ]),
      ),
    ).toThrow('bias: float32 of shape [1] needs 4 bytes, found 3');
    const odd = { ...raw('float32', [1], [1]), dtype: 'quint8' as DType };
    expect(() => linear.loadStateDict(new Map([['bias', odd]]))).toThrow('bias: expected a tensor');
    expect(linear.parameters().map(numbers)).toEqual(before);
  });

  it('takes weights from before batches were counted, and counts from zero', () => {
    const norm = new nn.BatchNorm1d(2);
    tidy(() => norm.forward(normal([3, 2], 0).float()));
    expect(numbers(norm.numBatchesTracked as Tensor)).toEqual([1]);
    const state = norm.stateDict();
    state.delete('num_batches_tracked');
    norm.loadStateDict(state);
    expect(numbers(norm.numBatchesTracked as Tensor)).toEqual([0]);
  });

  it('takes a network’s own state, and one that was computed in inference mode', () => {
    const net = compositeNetwork();
    const before = Array.from(net.stateDict().values(), numbers);
    net.loadStateDict(net.stateDict());
    expect(Array.from(net.stateDict().values(), numbers)).toEqual(before);
    const doubled = inferenceMode(
      () => new Map(Array.from(net.stateDict(), ([key, value]) => [key, value.mul(2)])),
    );
    net.loadStateDict(doubled);
    expect(Array.from(net.stateDict().values(), numbers)).toEqual(
      before.map((list) => list.map((x) => 2 * x)),
    );
  });

  it('goes on to give gradients', () => {
    const linear = new nn.Linear(1, 1, { bias: false });
    linear.loadStateDict(
      new Map([['weight', fromBytes(raw('float32', [1, 1], [3]).data, 'float32', [1, 1])]]),
    );
    tidy(() =>
      linear
        .forward(ones([1, 1]))
        .sum()
        .backward(),
    );
    expect(numbers(linear.weight.grad as Tensor)).toEqual([1]);
  });
});
