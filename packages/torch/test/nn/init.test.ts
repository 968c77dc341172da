import { readFileSync } from 'node:fs';
import { empty, generator, manualSeed, nn, type Tensor, tidy } from '@mien/torch';
import { describe, expect, it } from 'vitest';
import { expectClose, expectSame, numbers } from './support.js';

interface Values {
  shape: number[];
  values: number[];
}
const golden = JSON.parse(readFileSync(new URL('fixtures/golden.json', import.meta.url), 'utf8')) as {
  seededWeights: Record<string, Values>;
  seededInit: Record<string, Values>;
};

const { init } = nn;

interface Moments {
  mean: number;
  variance: number;
  least: number;
  most: number;
}

function moments(t: Tensor): Moments {
  const xs = numbers(t);
  const mean = xs.reduce((a, b) => a + b, 0) / xs.length;
  const variance = xs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / xs.length;
  return { mean, variance, least: Math.min(...xs), most: Math.max(...xs) };
}

describe('default initialisation', () => {
  it('draws the same weights as PyTorch from the same seed', () => {
    manualSeed(7);
    const layers = {
      conv: new nn.Conv2d(4, 6, 3, { groups: 2 }),
      linear: new nn.Linear(5, 3),
      gru: new nn.GRU(3, 2, { numLayers: 2, bidirectional: true }),
    };
    const found = Object.entries(layers).flatMap(([name, layer]) => [...layer.stateDict(`${name}.`)]);
    expect(found.map(([key, t]) => [key, t.shape])).toEqual(
      Object.entries(golden.seededWeights).map(([key, { shape }]) => [key, shape]),
    );
    for (const [key, t] of found) expectClose(t, golden.seededWeights[key]?.values as number[], 1e-6);
  });

  it('comes from the given generator alone', () => {
    const make = (seed: number) => {
      manualSeed(Math.floor(seed * 7919));
      const g = generator({ seed });
      return [new nn.Conv2d(2, 3, 3, { generator: g }), new nn.GRU(2, 2, { generator: g })].flatMap((m) =>
        m.parameters(),
      );
    };
    expectSame(make(5), make(5));
    expect(make(5).map(numbers)).not.toEqual(make(6).map(numbers));
  });

  it.each([
    ['Linear', () => new nn.Linear(400, 300), 400],
    ['Conv2d', () => new nn.Conv2d(40, 100, 5, { groups: 2 }), 20 * 25],
    ['GRU', () => new nn.GRU(50, 100), 100],
  ] as const)('of %s is uniform within ±1/√n', (_, make, n) => {
    manualSeed(1);
    const bound = 1 / Math.sqrt(n);
    for (const parameter of make().parameters()) {
      const { mean, variance, least, most } = moments(parameter);
      expect(Math.max(-least, most)).toBeLessThanOrEqual(Math.fround(bound));
      expect(Math.max(-least, most)).toBeGreaterThan(0.95 * bound);
      // Four standard errors of the sample's mean and (for a uniform law) of its variance.
      const count = parameter.numel();
      expect(Math.abs(mean)).toBeLessThan((4 * bound) / Math.sqrt(3 * count));
      expect(Math.abs(variance / (bound ** 2 / 3) - 1)).toBeLessThan(4 * Math.sqrt(0.8 / count));
    }
  });
});

describe('init', () => {
  it('draws the same values as PyTorch from the same seed', () => {
    manualSeed(3);
    const w = () => empty([5, 4, 3]);
    const made: Record<string, Tensor> = {
      uniform_: init.uniform_(w(), -2, 3),
      normal_: init.normal_(w(), 1, 2),
      constant_: init.constant_(w(), 0.25),
      xavierUniform_: init.xavierUniform_(w(), { gain: 2 }),
      xavierNormal_: init.xavierNormal_(w()),
      kaimingUniform_: init.kaimingUniform_(w(), { mode: 'fan_out', nonlinearity: 'relu' }),
      kaimingNormal_: init.kaimingNormal_(w(), { a: 0.3 }),
      truncNormal_: init.truncNormal_(w(), { mean: 0.5, std: 2, a: -1, b: 1.5 }),
    };
    expect(Object.keys(made)).toEqual(Object.keys(golden.seededInit));
    for (const [name, t] of Object.entries(made))
      expectClose(t, golden.seededInit[name]?.values as number[], 2e-6);
  });

  it('fills with constants', () => {
    expect(numbers(init.zeros_(empty([3])))).toEqual([0, 0, 0]);
    expect(numbers(init.ones_(empty([3])))).toEqual([1, 1, 1]);
  });

  it('has the variance of its formula', () => {
    const g = generator({ seed: 1 });
    const w = () => empty([200, 300]);
    const variances: [Tensor, number][] = [
      [init.xavierUniform_(w(), { generator: g }), 2 / 500],
      [init.xavierNormal_(w(), { gain: 3, generator: g }), 18 / 500],
      [init.kaimingUniform_(w(), { nonlinearity: 'relu', generator: g }), 2 / 300],
      [init.kaimingNormal_(w(), { mode: 'fan_out', nonlinearity: 'tanh', generator: g }), (5 / 3) ** 2 / 200],
      [init.kaimingNormal_(w(), { nonlinearity: 'linear', generator: g }), 1 / 300],
    ];
    for (const [t, expected] of variances) {
      expect(moments(t).variance / expected).toBeCloseTo(1, 1);
      expect(Math.abs(moments(t).mean)).toBeLessThan(4 * Math.sqrt(expected / 60_000));
    }
  });

  it('cuts the normal law off at its bounds', () => {
    const g = generator({ seed: 1 });
    const { least, most, mean } = moments(
      init.truncNormal_(empty([50_000]), { std: 1, a: -1, b: 1, generator: g }),
    );
    expect([least >= -1, most <= 1, Math.abs(mean) < 0.01]).toEqual([true, true, true]);
  });

  it('changes parameters without being recorded, and returns them', () => {
    const p = new nn.Parameter(empty([2, 2]));
    expect(init.uniform_(p)).toBe(p);
    expect(p.isLeaf && p.requiresGrad).toBe(true);
  });

  it('knows what a fan is, and what has none', () => {
    expect(init.fans(empty([6, 4, 3, 2]))).toEqual({ fanIn: 24, fanOut: 36 });
    tidy(() => expect(() => init.xavierNormal_(empty([3]))).toThrow('a weight of shape [3] has no fan'));
  });
});
