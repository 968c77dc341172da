import fc from 'fast-check';
import { formatFixed4 } from 'mien/files';
import { describe, expect, it } from 'vitest';

/** A finite double as numerator / 2^shift, exactly. */
function exactly(value: number): { numerator: bigint; shift: bigint } {
  const bits = new BigUint64Array(new Float64Array([Math.abs(value)]).buffer)[0] as bigint;
  const exponent = Number(bits >> 52n);
  const fraction = bits & ((1n << 52n) - 1n);
  const mantissa = exponent === 0 ? fraction : fraction | (1n << 52n);
  const power = Math.max(exponent, 1) - 1075;
  return power >= 0
    ? { numerator: mantissa << BigInt(power), shift: 0n }
    : { numerator: mantissa, shift: BigInt(-power) };
}

/** Rounded to four decimals by whole numbers alone, ties to even. */
function byBigInt(value: number): string {
  const { numerator, shift } = exactly(value);
  const scaled = numerator * 10_000n;
  const unit = 1n << shift;
  const [whole, twice] = [scaled / unit, (scaled % unit) * 2n];
  const up = twice > unit || (twice === unit && whole % 2n === 1n) ? 1n : 0n;
  const digits = (whole + up).toString().padStart(5, '0');
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  return `${sign}${digits.slice(0, -4)}.${digits.slice(-4)}`;
}

describe('four decimals', () => {
  it('are those of exact arithmetic, for any double', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(formatFixed4(value)).toBe(byBigInt(value));
      }),
    );
  });

  it('are those of exact arithmetic near ties', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: -2, max: 2 }), (n, ulps) => {
        const tie = n / 32;
        const bits = new BigInt64Array(new Float64Array([tie]).buffer);
        bits[0] = (bits[0] as bigint) + BigInt(n === 0 ? 0 : ulps);
        const value = new Float64Array(bits.buffer)[0] as number;
        expect(formatFixed4(value)).toBe(byBigInt(value));
        expect(formatFixed4(n / 20_000)).toBe(byBigInt(n / 20_000));
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    [0.031_25, '0.0312'],
    [0.093_75, '0.0938'],
    [-0.156_25, '-0.1562'],
    [-0, '-0.0000'],
    [-1e-12, '-0.0000'],
    [0.999_95, '1.0000'],
    [1e21, '1000000000000000000000.0000'],
  ])('of %f are %s', (value, text) => {
    expect(formatFixed4(value)).toBe(text);
  });

  it('do not exist of what is no number', () => {
    expect(() => formatFixed4(Number.NaN)).toThrow(RangeError);
    expect(() => formatFixed4(Number.POSITIVE_INFINITY)).toThrow('Infinity has no decimals');
  });
});
