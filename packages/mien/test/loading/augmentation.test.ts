import fc from 'fast-check';
import type { RgbImage } from 'mien/images';
import {
  AUGMENTATION,
  type AugmentationDraw,
  createAugmenter,
  createTransform,
  drawAugmentation,
  FER_PLUS_NORMALIZATION,
  TRANSFORM,
} from 'mien/loading';
import { Random } from 'mien/random';
import { describe, expect, it } from 'vitest';
import { picture } from '../support/pictures.js';

/** Changes nothing but the size. */
const NOTHING: AugmentationDraw = {
  area: 1,
  aspect: 1,
  x: 0,
  y: 0,
  angle: 0,
  flip: false,
  brightness: 1,
  contrast: 1,
  saturation: 1,
  hue: 0,
};

/** Bytes, [3, size, size]. */
function augmented(image: RgbImage, draw: Partial<AugmentationDraw>, size = image.width): Uint8Array {
  const out = new Uint8Array(3 * size * size);
  createAugmenter(size, FER_PLUS_NORMALIZATION, true)(image, { ...NOTHING, ...draw }, out, 0);
  return out;
}

/** Channel by channel. */
const planes = ({ data, width, height }: RgbImage): Uint8Array =>
  Uint8Array.from(data, (_, i) => data[(i % (width * height)) * 3 + Math.floor(i / (width * height))] ?? 0);

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? Number.NaN))), 0);

function imageOf(size: number, value: (x: number, y: number) => readonly [number, number, number]): RgbImage {
  const data = new Uint8Array(size * size * 3);
  for (let i = 0; i < size * size; i++) data.set(value(i % size, Math.floor(i / size)), i * 3);
  return { width: size, height: size, data };
}

describe('geometry', () => {
  it('leaves a picture of the right size as it is when nothing is drawn', () => {
    const image = picture(1, 32);
    expect(largestDifference(augmented(image, {}), planes(image))).toBe(0);
  });

  it('mirrors', () => {
    const image = picture(2, 32);
    const mirrored = imageOf(32, (x, y) => {
      const at = (y * 32 + 31 - x) * 3;
      return [image.data[at] ?? 0, image.data[at + 1] ?? 0, image.data[at + 2] ?? 0];
    });
    expect(largestDifference(augmented(image, { flip: true }), planes(mirrored))).toBe(0);
  });

  it('turns by a quarter: what was above comes to the left', () => {
    const image = picture(3, 32);
    const turned = imageOf(32, (x, y) => {
      const at = (x * 32 + 31 - y) * 3; // output (x, y) looks at row x, column 31 − y
      return [image.data[at] ?? 0, image.data[at + 1] ?? 0, image.data[at + 2] ?? 0];
    });
    expect(largestDifference(augmented(image, { angle: Math.PI / 2 }), planes(turned))).toBe(0);
  });

  it('samples a linear ramp where the map says, within one', () => {
    const ramp = imageOf(64, (x, y) => [x * 3, y * 3, x + y]);
    fc.assert(
      fc.property(
        fc.record({
          area: fc.double({ min: 0.3, max: 0.6, noNaN: true }),
          x: fc.double({ min: 0.3, max: 0.7, noNaN: true }),
          y: fc.double({ min: 0.3, max: 0.7, noNaN: true }),
          angle: fc.double({ min: -0.2, max: 0.2, noNaN: true }),
          aspect: fc.double({ min: 0.9, max: 1.1, noNaN: true }),
          flip: fc.boolean(),
        }),
        (draw) => {
          const out = augmented(ramp, draw, 48);
          const width = 64 * Math.sqrt(draw.area * draw.aspect);
          const height = 64 * Math.sqrt(draw.area / draw.aspect);
          for (let row = 0; row < 48; row++)
            for (let column = 0; column < 48; column++) {
              const u = ((column + 0.5) / 48 - 0.5) * (draw.flip ? -1 : 1) * width;
              const v = ((row + 0.5) / 48 - 0.5) * height;
              const x =
                width / 2 + draw.x * (64 - width) + Math.cos(draw.angle) * u - Math.sin(draw.angle) * v - 0.5;
              const y =
                height / 2 +
                draw.y * (64 - height) +
                Math.sin(draw.angle) * u +
                Math.cos(draw.angle) * v -
                0.5;
              if (x < 0 || y < 0 || x > 63 || y > 63) continue;
              expect(Math.abs((out[row * 48 + column] ?? 0) - x * 3)).toBeLessThanOrEqual(1);
              expect(Math.abs((out[48 * 48 + row * 48 + column] ?? 0) - y * 3)).toBeLessThanOrEqual(1);
            }
        },
      ),
      { numRuns: 10 },
    );
  });

  it('goes on as the edge outside the picture', () => {
    const white = imageOf(32, () => [200, 100, 50]);
    const out = augmented(white, { angle: 0.7 });
    expect(new Set(out.subarray(0, 1024))).toEqual(new Set([200]));
  });

  it('takes one pixel, and refuses a side too long for its arithmetic', () => {
    const one = augmented({ width: 1, height: 1, data: Uint8Array.of(9, 8, 7) }, { angle: 0.3 }, 8);
    expect([one[0], one[64], one[191]]).toEqual([9, 8, 7]);
    const long = { width: 20_000, height: 1, data: new Uint8Array(60_000) };
    expect(() => augmented(long, {}, 8)).toThrow(/20000 × 1 pixels; sides of up to 16384/);
  });

  it('averages when it shrinks, instead of skipping pixels', () => {
    const stripes = imageOf(256, (x) => (x % 2 === 0 ? [0, 0, 0] : [255, 255, 255]));
    const out = augmented(stripes, {}, 32);
    expect(out.every((value) => Math.abs(value - 128) <= 1)).toBe(true);
  });
});

describe('colour', () => {
  const LUMA = [0.299, 0.587, 0.114] as const;
  const image = imageOf(16, (x, y) => [60 + 4 * x, 60 + 4 * y, 90 + x + y]);
  const pixelOf = (out: Uint8Array, i: number) => [0, 1, 2].map((c) => out[c * 256 + i] ?? 0);

  it('is brightened, contrasted and saturated by the textbook formulas', () => {
    const before = augmented(image, {});
    const bright = augmented(image, { brightness: 1.2 });
    const flat = augmented(image, { contrast: 0.5 });
    const vivid = augmented(image, { saturation: 1.5 });
    for (let i = 0; i < 256; i++) {
      const rgb = pixelOf(before, i);
      const grey = rgb.reduce((sum, value, c) => sum + value * (LUMA[c] ?? 0), 0);
      expect(
        largestDifference(
          pixelOf(bright, i),
          rgb.map((value) => value * 1.2),
        ),
      ).toBeLessThanOrEqual(0.51);
      expect(
        largestDifference(
          pixelOf(flat, i),
          rgb.map((value) => (value + 110.6) / 2),
        ),
      ).toBeLessThanOrEqual(0.51);
      const saturated = rgb.map((value) => Math.min(255, 1.5 * value - 0.5 * grey));
      expect(largestDifference(pixelOf(vivid, i), saturated)).toBeLessThanOrEqual(0.51);
    }
  });

  it('is taken away by saturation 0, and brightness stays when hue turns', () => {
    const grey = augmented(image, { saturation: 0 });
    expect(grey.subarray(0, 256)).toEqual(grey.subarray(256, 512));
    expect(grey.subarray(0, 256)).toEqual(grey.subarray(512));
    const turned = augmented(image, { hue: 0.1 });
    const luma = (out: Uint8Array, i: number) =>
      pixelOf(out, i).reduce((sum, v, c) => sum + v * (LUMA[c] ?? 0), 0);
    const before = augmented(image, {});
    for (let i = 0; i < 256; i++) expect(Math.abs(luma(turned, i) - luma(before, i))).toBeLessThan(1.5);
    expect(largestDifference(turned, before)).toBeGreaterThan(5);
    expect(largestDifference(augmented(image, { hue: 1 }), before)).toBeLessThanOrEqual(1);
  });

  it('is tinted channel by channel, grey pictures too', () => {
    const grey = augmented(image, { saturation: 0 });
    const tinted = augmented(image, { saturation: 0, tint: [1.2, 1, 0.8] });
    for (let i = 0; i < 256; i++) {
      const [value = 0] = pixelOf(grey, i);
      const expected = [1.2 * value, value, 0.8 * value].map((one) => Math.min(255, one));
      expect(largestDifference(pixelOf(tinted, i), expected)).toBeLessThanOrEqual(1.2);
    }
  });

  it('stays within bytes, normalised too', () => {
    const out = new Float32Array(3 * 256);
    const draw = { ...NOTHING, brightness: 4, contrast: 4 };
    createAugmenter(16, FER_PLUS_NORMALIZATION, false)(image, draw, out, 0);
    const [red, green, blue] = FER_PLUS_NORMALIZATION.mean;
    expect(Math.max(...out.subarray(0, 256))).toBeCloseTo(255 - red, 3);
    expect(Math.min(...out.subarray(0, 256))).toBeGreaterThanOrEqual(-red - 1e-4);
    expect(Math.max(...out.subarray(256, 512))).toBeLessThanOrEqual(255 - green + 1e-4);
    expect(Math.max(...out.subarray(512))).toBeLessThanOrEqual(255 - blue + 1e-4);
  });

  it('agrees between bytes and normalised numbers', () => {
    const draw = { ...NOTHING, brightness: 1.1, hue: 0.05, angle: 0.1 };
    const numbers = new Float32Array(3 * 256);
    createAugmenter(16, FER_PLUS_NORMALIZATION, false)(image, draw, numbers, 0);
    const bytes = augmented(image, draw);
    const back = numbers.map((value, i) => value + (FER_PLUS_NORMALIZATION.mean[Math.floor(i / 256)] ?? 0));
    expect(largestDifference(bytes, back)).toBeLessThanOrEqual(0.501);
  });
});

describe('spoiling', () => {
  const flat = imageOf(64, () => [120, 120, 120]);

  it('fills a rectangle with the mean colour', () => {
    const out = augmented(flat, { cutout: { x: 0.25, y: 0.5, width: 0.25, height: 0.125 } });
    const filled = Array.from(out.subarray(0, 4096), (value, i) => (value === 131 ? i : -1)).filter(
      (i) => i >= 0,
    );
    expect(filled.length).toBe(16 * 8);
    expect(filled[0]).toBe(32 * 64 + 16);
    expect(out[4096 + 32 * 64 + 16]).toBe(104);
    const numbers = new Float32Array(3 * 64 * 64);
    const draw = { ...NOTHING, cutout: { x: 0, y: 0, width: 1, height: 1 } };
    createAugmenter(64, FER_PLUS_NORMALIZATION, false)(flat, draw, numbers, 0);
    expect(numbers.every((value) => value === 0)).toBe(true);
  });

  it('adds noise of the deviation asked for, around the picture', () => {
    const values = augmented(flat, { noise: { deviation: 8, seed: 5 } });
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    expect(Math.abs(mean - 120)).toBeLessThan(1);
    expect(Math.abs(deviation - 8)).toBeLessThan(0.5);
  });

  it('blurs with the deviation asked for', () => {
    const dot = imageOf(64, (x, y) => (x === 32 && y === 32 ? [255, 255, 255] : [0, 0, 0]));
    const line = imageOf(64, (x) => (x === 32 ? [240, 240, 240] : [0, 0, 0]));
    expect(augmented(dot, { blur: 1 })[32 * 64 + 32]).toBeCloseTo(255 * 0.375 ** 2, -1); // two passes: 6/16 each way
    const row = Array.from(augmented(line, { blur: 1.4 }).subarray(32 * 64, 33 * 64));
    const total = row.reduce((sum, value) => sum + value, 0);
    const variance = row.reduce((sum, value, x) => sum + value * (x - 32) ** 2, 0) / total;
    expect(Math.sqrt(variance)).toBeGreaterThan(1.2);
    expect(Math.sqrt(variance)).toBeLessThan(1.6);
  });

  it('takes detail away by a low resolution', () => {
    const checks = imageOf(64, (x, y) => ((x + y) % 2 === 0 ? [40, 40, 40] : [200, 200, 200]));
    const out = augmented(checks, { lowEdge: 16 });
    expect(Math.max(...out) - Math.min(...out)).toBeLessThan(20);
  });
});

describe('drawing', () => {
  const ranges = AUGMENTATION.parse({});

  it('keeps within the ranges, and reaches their ends', () => {
    const draws = Array.from({ length: 4000 }, (_, i) => drawAugmentation(Random.keyed(1, i), ranges));
    const share = (test: (draw: AugmentationDraw) => boolean) => draws.filter(test).length / draws.length;
    for (const draw of draws) {
      expect(draw.area).toBeGreaterThanOrEqual(0.7);
      expect(draw.aspect).toBeLessThanOrEqual(1.1);
      expect(Math.abs(draw.angle)).toBeLessThanOrEqual((10 * Math.PI) / 180);
      const { cutout } = draw;
      if (cutout) expect(cutout.x + cutout.width).toBeLessThanOrEqual(1);
    }
    expect(Math.min(...draws.map(({ area }) => area))).toBeLessThan(0.701);
    expect(Math.max(...draws.map(({ aspect }) => aspect))).toBeGreaterThan(1.099);
    expect(share(({ flip }) => flip)).toBeCloseTo(0.5, 1);
    expect(share(({ saturation }) => saturation === 0)).toBeCloseTo(0.1, 1);
    expect(share(({ cutout }) => cutout !== undefined)).toBeCloseTo(0.25, 1);
  });

  it('draws tints within their strength that keep the luma of white', () => {
    const tinting = AUGMENTATION.parse({ tint: { probability: 1, strength: 0.3 } });
    const tints = Array.from({ length: 500 }, (_, i) => drawAugmentation(Random.keyed(2, i), tinting).tint);
    const ratios = tints.map(([red, green, blue] = [0, 1, 0]) => [red / green, blue / green] as const);
    for (const [red, green, blue] of tints.map((tint) => tint ?? [0, 0, 0]))
      expect(0.299 * red + 0.587 * green + 0.114 * blue).toBeCloseTo(1, 10);
    for (const channel of [0, 1] as const) {
      const logs = ratios.map((ratio) => Math.log(ratio[channel]));
      expect(Math.min(...logs)).toBeLessThan(-0.28);
      expect(Math.max(...logs)).toBeGreaterThan(0.28);
      expect(Math.max(...logs.map(Math.abs))).toBeLessThanOrEqual(0.3 + 1e-9);
    }
    expect(drawAugmentation(Random.keyed(2, 0), AUGMENTATION.parse({})).tint).toBeUndefined();
  });

  it('can be turned off, one by one', () => {
    const off = AUGMENTATION.parse({
      area: [1, 1],
      aspect: [1, 1],
      rotation: 0,
      flip: 0,
      brightness: [1, 1],
      contrast: [1, 1],
      saturation: [1, 1],
      hue: 0,
      grey: 0,
      cutout: { probability: 0 },
      lowResolution: { probability: 0 },
      blur: { probability: 0 },
      noise: { probability: 0 },
    });
    const { x, y, ...rest } = drawAugmentation(Random.seeded(1), off);
    expect(rest).toEqual({ ...NOTHING, x: undefined, y: undefined });
    expect(x + y).toBeGreaterThan(0);
  });

  it.each([
    [{ area: [0.9, 0.5] }, /low, high/],
    [{ flip: 1.5 }, /flip/],
    [{ rotate: 5 }, /rotate/],
    [{ cutout: { probability: 2 } }, /probability/],
  ])('refuses %j', (ranges, message) => {
    expect(() => AUGMENTATION.parse(ranges)).toThrow(message);
  });

  it('makes a picture a pure function of it and the random state', () => {
    const spec = TRANSFORM.parse({ kind: 'augmented', size: 48 });
    const run = (apply: ReturnType<typeof createTransform>, image: RgbImage, key: number) => {
      const out = new Float32Array(3 * 48 * 48);
      apply(image, Random.keyed(7, key), out, 0);
      return out;
    };
    const [one, other] = [createTransform(spec), createTransform(spec)];
    const small = picture(1, 50);
    for (let key = 0; key < 40; key++) {
      run(other, picture(key, 30 + key, 80), key + 1); // leaves something else in its buffers
      expect(run(one, small, key)).toEqual(run(other, small, key));
    }
    expect(run(one, small, 1)).not.toEqual(run(one, small, 2));
  });
});
