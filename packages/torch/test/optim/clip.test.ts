import { liveTensors, nn, optim, type Tensor, tidy } from '@mien/torch';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectClose, numbers } from '../nn/support.js';
import { setGradients, someParameters } from './support.js';

const gradients = (params: readonly Tensor[]) =>
  tidy(() => params.flatMap((p) => (p.grad ? numbers(p.grad) : [])));
const norm = (xs: number[], type: number) =>
  type === Infinity
    ? Math.max(...xs.map(Math.abs))
    : xs.reduce((sum, x) => sum + Math.abs(x) ** type, 0) ** (1 / type);

describe('clipGradNorm_', () => {
  const types = fc.constantFrom(1, 2, 3, Infinity);

  it('returns the norm over all gradients, and brings it to the bound without turning them', () => {
    fc.assert(
      fc.property(
        fc.integer({ max: 1e6 }),
        fc.double({ min: 0.01, max: 20, noNaN: true }),
        types,
        (seed, maxNorm, normType) => {
          const params = someParameters(seed);
          setGradients(params.slice(1), seed); // one has none
          const before = gradients(params);
          const total = optim.clipGradNorm_(params, maxNorm, { normType });
          expect(Math.abs(total / norm(before, normType) - 1)).toBeLessThan(1e-12);
          const after = gradients(params);
          expect(norm(after, normType)).toBeLessThanOrEqual(maxNorm * (1 + 1e-12));
          const scale = Math.min(1, maxNorm / (total + 1e-6));
          expectClose(
            after,
            before.map((x) => x * scale),
          );
          for (const p of params) p.dispose();
        },
      ),
      { numRuns: 40 },
    );
  });

  it('leaves gradients within the bound untouched, bit for bit', () => {
    const params = someParameters(1);
    setGradients(params, 1);
    const before = gradients(params);
    optim.clipGradNorm_(params, 1e6);
    expect(gradients(params)).toEqual(before);
  });

  it('joins dtypes', () => {
    const params = [...someParameters(1, [[3]]), new nn.Linear(2, 2).weight];
    setGradients(params, 1);
    expect(optim.clipGradNorm_(params, 1e9)).toBeCloseTo(norm(gradients(params), 2), 6);
  });

  it('is nothing without gradients', () => {
    expect(optim.clipGradNorm_(someParameters(1), 1)).toBe(0);
    expect(optim.clipGradNorm_([], 1)).toBe(0);
  });

  it.each([Number.NaN, Infinity])('refuses %s if asked to, and spreads it otherwise', (value) => {
    const params = someParameters(1, [[2], [2]]);
    setGradients(params, 1);
    tidy(() => params[1]?.grad?.fill_(value));
    const before = gradients(params);
    expect(() => optim.clipGradNorm_(params, 1, { errorIfNonfinite: true })).toThrow(
      `the norm of the gradients is ${value}`,
    );
    expect(gradients(params)).toEqual(before);
    expect(optim.clipGradNorm_(params, 1)).toEqual(value);
    // Infinity · 0 is not a number; what is not a number makes everything so.
    expect(gradients(params).filter(Number.isNaN).length).toBe(Number.isNaN(value) ? 4 : 2);
  });

  it('refuses bounds that are none, and leaves nothing behind', () => {
    const params = someParameters(1);
    setGradients(params, 1);
    const before = liveTensors();
    expect(() => optim.clipGradNorm_(params, -1)).toThrow('expected maxNorm to be at least 0, found -1');
    expect(() => optim.clipGradNorm_(params, 1, { normType: 0 })).toThrow('normType');
    optim.clipGradNorm_(params, 0.1);
    expect(liveTensors()).toBe(before);
  });
});

describe('clipGradValue_', () => {
  it('holds every element within the bound', () => {
    const params = someParameters(1);
    setGradients(params, 1);
    const before = gradients(params);
    optim.clipGradValue_(params, 0.3);
    expectClose(
      gradients(params),
      before.map((x) => Math.max(-0.3, Math.min(0.3, x))),
    );
    expect(() => optim.clipGradValue_(params, -0.3)).toThrow('found -0.3');
  });
});
