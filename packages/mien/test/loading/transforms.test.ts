import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { decodeRgb, type RgbImage } from 'mien/images';
import {
  centreCrop,
  createTransform,
  FER_PLUS_NORMALIZATION,
  IMAGENET_NORMALIZATION,
  normalizationTable,
  resize,
  resizeShorterEdge,
  TRANSFORM,
  type TransformInput,
} from 'mien/loading';
import { checkParity, PARTS, type ParityOutcome } from 'mien/parity';
import { Random } from 'mien/random';
import { describe, expect, it } from 'vitest';
import { GOLDEN, SHARED } from '../support/golden.js';
import { picture } from '../support/pictures.js';

const golden = (path: string) => join(GOLDEN, 'datasets', path);

interface Case {
  image: string;
  transform: 'train' | 'validation';
  v?: number;
  image_size: number;
  tensor: string;
}

const CASES: Case[] = JSON.parse(readFileSync(golden('expected/transforms/index.json'), 'utf8')).filter(
  (one: Case) => existsSync(golden(join('expected', one.tensor))),
);

function transformed(image: RgbImage, input: TransformInput, random = Random.seeded(1)): Float32Array {
  const spec = TRANSFORM.parse(input);
  const out = new Float32Array(3 * spec.size ** 2);
  createTransform(spec)(image, random, out, 0);
  return out;
}

describe("the reference's transform", () => {
  it('has golden cases to be compared with', () => expect(CASES.length).toBeGreaterThanOrEqual(7));

  it.each(CASES)("gives the reference's tensor to the last bit: $tensor", async (one) => {
    const bytes = gunzipSync(readFileSync(golden(join('expected', one.tensor))));
    const image = await decodeRgb(golden(join('raw', one.image)));
    const input: TransformInput =
      one.transform === 'train'
        ? { kind: 'paper', size: one.image_size, sharedRandomNumber: one.v }
        : { kind: 'evaluation', size: one.image_size };
    const tensor = transformed(image, input);
    expect(Buffer.from(tensor.buffer).equals(bytes)).toBe(true);
  });

  it.skipIf(!SHARED)('agrees with all golden data where those lie beside the checkout', async () => {
    const parts = PARTS.filter(({ name }) => name === 'transforms' || name === 'windows');
    const outcomes: ParityOutcome[] = [];
    for await (const one of checkParity(join(SHARED ?? '', 'golden'), () => {}, parts)) outcomes.push(one);
    expect(outcomes.length).toBeGreaterThan(30);
    expect(outcomes.filter(({ error }) => error !== 0)).toEqual([]);
  });

  it('repaired, draws x, y and flip of their own for each picture', () => {
    // A ramp along x and another along y show where a square was cut.
    const data = Uint8Array.from({ length: 134 * 134 * 3 }, (_, i) =>
      i % 3 === 0 ? Math.floor(i / 3) % 134 : i % 3 === 1 ? Math.floor(i / 3 / 134) : 0,
    );
    const spec = TRANSFORM.parse({ kind: 'paper', output: 'uint8' });
    const apply = createTransform(spec);
    const seen = { x: new Set<number>(), y: new Set<number>(), both: new Set<string>(), flips: 0 };
    for (let i = 0; i < 1000; i++) {
      const out = new Uint8Array(3 * 112 * 112);
      apply({ width: 134, height: 134, data }, Random.keyed(1, i), out, 0);
      const flip = (out[0] ?? 0) > (out[111] ?? 0);
      const x = flip ? (out[111] ?? 0) : (out[0] ?? 0);
      const y = out[112 * 112] ?? 0;
      seen.x.add(x);
      seen.y.add(y);
      seen.both.add(`${x} ${y} ${flip}`);
      if (flip) seen.flips++;
    }
    expect([...seen.x].sort((a, b) => a - b)).toEqual(Array.from({ length: 22 }, (_, i) => i));
    expect([...seen.y].sort((a, b) => a - b)).toEqual(Array.from({ length: 22 }, (_, i) => i));
    expect(seen.both.size).toBeGreaterThan(500); // of 968 pairs with either flip
    expect(Math.abs(seen.flips - 500)).toBeLessThan(80);
  });

  it('puts centres that end in .5 on the even side', () => {
    const at = (width: number, height: number) => centreCrop({ width, height, data: new Uint8Array() }, 112);
    expect(at(134, 135)).toEqual({ x: 11, y: 12, flip: false }); // 11, 11.5
    expect(at(137, 139)).toEqual({ x: 12, y: 14, flip: false }); // 12.5, 13.5
  });

  it('is refused when the square is larger than what it is cut from', () => {
    expect(() => TRANSFORM.parse({ kind: 'evaluation', size: 112, edge: 100 })).toThrow(/at least the size/);
    expect(() => TRANSFORM.parse({ kind: 'evaluation', sise: 112 })).toThrow(/sise/);
  });
});

describe('resize', () => {
  const side = fc.integer({ min: 1, max: 60 });

  /** The triangle filter in plain double precision, rounded to bytes after each pass. */
  function plainResize(image: RgbImage, width: number, height: number): Float64Array {
    const pass = (
      data: ArrayLike<number>,
      from: number,
      to: number,
      lines: number,
      at: (line: number, i: number) => number,
      put: (line: number, i: number) => number,
      size: number,
    ) => {
      const out = new Float64Array(size);
      const scale = from / to;
      const support = Math.max(1, scale);
      for (let line = 0; line < lines; line++)
        for (let o = 0; o < to; o++)
          for (let c = 0; c < 3; c++) {
            let sum = 0;
            let total = 0;
            for (let i = 0; i < from; i++) {
              const weight = Math.max(0, 1 - Math.abs((i + 0.5 - (o + 0.5) * scale) / support));
              sum += weight * (data[at(line, i) * 3 + c] ?? 0);
              total += weight;
            }
            out[put(line, o) * 3 + c] = Math.round(sum / total);
          }
      return out;
    };
    const wide = pass(
      image.data,
      image.width,
      width,
      image.height,
      (l, i) => l * image.width + i,
      (l, o) => l * width + o,
      width * image.height * 3,
    );
    return pass(
      wide,
      image.height,
      height,
      width,
      (l, i) => i * width + l,
      (l, o) => o * width + l,
      width * height * 3,
    );
  }

  it('is a triangle filter, within one of double precision where neither pass rounds a tie the other way', () => {
    fc.assert(
      fc.property(fc.nat(), side, side, side, side, (seed, w, h, width, height) => {
        const image = picture(seed, w, h);
        const expected = plainResize(image, width, height);
        const { data } = resize(image, width, height);
        expect(data).toHaveLength(expected.length);
        const differences = [...data].map((value, i) => Math.abs(value - (expected[i] ?? NaN)));
        const ofTies = differences.filter((one) => one > 1);
        expect(ofTies.every((one) => one === 2)).toBe(true); // one of each pass
        expect(ofTies.length).toBeLessThanOrEqual(Math.max(1, data.length / 1000));
      }),
      { numRuns: 60 },
    );
  });

  it('leaves a picture of the right size as it is', () => {
    const image = picture(3, 20, 30);
    expect(resize(image, 20, 30).data).toEqual(image.data);
    expect(resizeShorterEdge(image, 20)).toMatchObject({ width: 20, height: 30 });
  });

  it('cuts the longer side to an integer', () => {
    expect(resizeShorterEdge(picture(1, 100, 133), 134)).toMatchObject({ width: 134, height: 178 }); // 178.22
    expect(resizeShorterEdge(picture(1, 203, 100), 134)).toMatchObject({ width: 272, height: 134 }); // 272.02
  });
});

describe('normalisation', () => {
  it("subtracts FER+'s mean from bytes", () => {
    const table = normalizationTable(FER_PLUS_NORMALIZATION);
    expect(table[255]).toBeCloseTo(255 - 131.0912, 4);
    expect(table[256]).toBeCloseTo(-103.8827, 4);
    expect(table[512 + 100]).toBeCloseTo(100 - 91.4953, 4);
  });

  it("is ImageNet's where that is asked for", () => {
    const white: RgbImage = { width: 9, height: 9, data: new Uint8Array(9 * 9 * 3).fill(255) };
    const tensor = transformed(white, { kind: 'evaluation', size: 8, normalization: IMAGENET_NORMALIZATION });
    expect(tensor[0]).toBeCloseTo((1 - 0.485) / 0.229, 5);
    expect(tensor[64]).toBeCloseTo((1 - 0.456) / 0.224, 5);
    expect(tensor[128]).toBeCloseTo((1 - 0.406) / 0.225, 5);
  });

  it('can be left to the network: bytes', () => {
    const spec = TRANSFORM.parse({ kind: 'evaluation', size: 20, edge: 20, output: 'uint8' });
    const image = picture(1, 20);
    const out = new Uint8Array(1200);
    createTransform(spec)(image, Random.seeded(1), out, 0);
    expect(out[0]).toBe(image.data[0]);
    expect(out[400 + 19]).toBe(image.data[19 * 3 + 1]);
    expect(out[800 + 399]).toBe(image.data[399 * 3 + 2]);
  });
});
