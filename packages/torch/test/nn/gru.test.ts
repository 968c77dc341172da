import { autocast, liveTensors, nn, type Tensor, tensor, tidy } from '@mien/torch';
import { describe, expect, it } from 'vitest';
import { expectClose, normal, numbers } from './support.js';

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

interface Cell {
  inputs: number;
  hidden: number;
  wIh: number[];
  wHh: number[];
  bIh: number[];
  bHh: number[];
}

/** One step by the formulas, one scalar at a time. */
function step({ inputs, hidden, wIh, wHh, bIh, bHh }: Cell, x: number[], h: number[]): number[] {
  const row = (w: number[], b: number[], at: number, v: number[], n: number) =>
    v.reduce((sum, value, i) => sum + (w[at * n + i] as number) * value, b[at] ?? 0);
  return h.map((old, j) => {
    const [r, z, n] = [j, hidden + j, 2 * hidden + j];
    const reset = sigmoid(row(wIh, bIh, r, x, inputs) + row(wHh, bHh, r, h, hidden));
    const update = sigmoid(row(wIh, bIh, z, x, inputs) + row(wHh, bHh, z, h, hidden));
    const fresh = Math.tanh(row(wIh, bIh, n, x, inputs) + reset * row(wHh, bHh, n, h, hidden));
    return (1 - update) * fresh + update * old;
  });
}

type Sequence = number[][];

/** A whole network for one sequence. */
function run(gru: nn.GRU, x: Sequence, h0?: Sequence): { output: Sequence; hN: Sequence } {
  const weights = gru.stateDict();
  const get = (key: string) => (weights.has(key) ? numbers(weights.get(key) as Tensor) : []);
  const hN: Sequence = [];
  let layerInput = x;
  for (let layer = 0; layer < gru.numLayers; layer++) {
    const directions = (gru.bidirectional ? ['', '_reverse'] : ['']).map((suffix) => {
      const end = `_l${layer}${suffix}`;
      const cell: Cell = {
        inputs: layerInput[0]?.length as number,
        hidden: gru.hiddenSize,
        wIh: get(`weight_ih${end}`),
        wHh: get(`weight_hh${end}`),
        bIh: get(`bias_ih${end}`),
        bHh: get(`bias_hh${end}`),
      };
      let h = h0?.[hN.length] ?? new Array<number>(gru.hiddenSize).fill(0);
      const inTime = suffix === '' ? layerInput : layerInput.toReversed();
      const outputs = inTime.map((frame) => (h = step(cell, frame, h)));
      hN.push(h);
      return suffix === '' ? outputs : outputs.toReversed();
    });
    layerInput = layerInput.map((_, t) => directions.flatMap((outputs) => outputs[t] as number[]));
  }
  return { output: layerInput, hN };
}

const OPTIONS = [
  {},
  { bias: false },
  { bidirectional: true, batchFirst: true },
  { numLayers: 3 },
  { numLayers: 2, bidirectional: true, batchFirst: true },
];

describe.each(OPTIONS)('GRU %o', (options) => {
  const gru = new nn.GRU(4, 3, { dtype: 'float64', ...options });
  const { batchFirst, numLayers, bidirectional } = gru;
  const [B, T] = [2, 5];
  const x = normal(batchFirst ? [B, T, 4] : [T, B, 4], 1);
  const sequenceOf = (t: Tensor, b: number) => t.select(batchFirst ? 0 : 1, b).toArray() as Sequence;
  const states = numLayers * (bidirectional ? 2 : 1);

  it.each([false, true])('follows the gate formulas, initial state given: %s', (given) => {
    const h0 = given ? normal([states, B, 3], 2) : undefined;
    const [output, hN] = gru.forward(x, h0);
    expect(output.shape).toEqual([...x.shape.slice(0, 2), bidirectional ? 6 : 3]);
    expect(hN.shape).toEqual([states, B, 3]);
    for (let b = 0; b < B; b++) {
      const expected = run(gru, sequenceOf(x, b), h0?.select(1, b).toArray() as Sequence | undefined);
      expectClose(sequenceOf(output, b).flat(), expected.output.flat());
      expectClose((hN.select(1, b).toArray() as Sequence).flat(), expected.hN.flat());
    }
  });

  it('gives gradients to all its parameters, and leaves nothing behind', () => {
    const before = liveTensors();
    tidy(() => gru.forward(x)[0].sum().backward());
    expect(liveTensors()).toBe(before);
    expect(gru.parameters().every((p) => p.grad !== null)).toBe(true);
    gru.zeroGrad();
  });
});

describe('GRU', () => {
  it('drops between layers in training mode only', () => {
    const gru = new nn.GRU(4, 3, { numLayers: 2, dropout: 0.5, dtype: 'float64' });
    const x = normal([3, 2, 4], 1);
    const once = numbers(gru.forward(x)[0]);
    expect(numbers(gru.forward(x)[0])).not.toEqual(once);
    const still = gru.eval().forward(x)[0];
    expectClose(
      (still.select(1, 0).toArray() as Sequence).flat(),
      run(gru, x.select(1, 0).toArray() as Sequence).output.flat(),
    );
  });

  it('refuses other shapes', () => {
    const gru = new nn.GRU(4, 3, { batchFirst: true });
    expect(() => gru.forward(tensor([[1, 2, 3, 4]]))).toThrow('GRU: expected [B, T, 4], found [1, 4]');
    expect(() => gru.forward(normal([2, 5, 3], 1))).toThrow('expected [B, T, 4], found [2, 5, 3]');
    expect(() => gru.forward(normal([2, 5, 4], 1), normal([1, 5, 3], 1))).toThrow(
      'expected an initial state [1, 2, 3], found [1, 5, 3]',
    );
    expect(() => new nn.GRU(4, 3, { dropout: 2 })).toThrow('within [0, 1]');
    expect(() => new nn.GRU(4, 0)).toThrow('hiddenSize');
  });

  it('runs in bfloat16 under autocast', () => {
    const gru = new nn.GRU(4, 3, { bidirectional: true, batchFirst: true });
    const x = normal([2, 5, 4], 1).float();
    const exact = numbers(gru.forward(x)[0]);
    const short = tidy(() => autocast(() => gru.forward(x)[0].float()));
    expectClose(short, exact, 0.05);
    tidy(() => autocast(() => gru.forward(x.requiresGrad_())[0].float().sum().backward()));
    expect(gru.parameters().every((p) => p.grad?.dtype === 'float32')).toBe(true);
  });
});
