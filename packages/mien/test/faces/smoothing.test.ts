import fc from 'fast-check';
import { createSmoother, type FoundFace, fitWeights, smoothFrames } from 'mien/faces';
import { Random } from 'mien/random';
import { describe, expect, it } from 'vitest';

const face = (id: number | undefined, x: number, y = 2 * x): FoundFace => ({
  id,
  landmarks: [x, y],
  box: { x, y, width: 10, height: 20 },
});
const firstOf = (frames: readonly (readonly FoundFace[])[]) => frames.map(([one]) => one?.landmarks?.[0]);
const options = fc.record({ radius: fc.integer({ min: 0, max: 5 }), ahead: fc.integer({ min: 0, max: 5 }) });

describe('weights of a fit', () => {
  it('give back every polynomial of the degree, at offset 0', () => {
    const offsets = fc.uniqueArray(
      fc.integer({ min: -6, max: 6 }).filter((offset) => offset !== 0),
      { minLength: 2, maxLength: 7 },
    );
    fc.assert(
      fc.property(
        offsets,
        fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 3, maxLength: 3 }),
        (others, [a = 0, b = 0, c = 0]) => {
          const all = [...others, 0];
          const value = fitWeights(all, 2).reduce((sum, w, i) => {
            const t = all[i] as number;
            return sum + w * (a + b * t + c * t * t);
          }, 0);
          expect(value).toBeCloseTo(a, 6);
        },
      ),
    );
  });

  it('are those that Savitzky and Golay printed', () => {
    const table = [-2, 3, 6, 7, 6, 3, -2].map((w) => w / 21);
    fitWeights([-3, -2, -1, 0, 1, 2, 3], 2).forEach((w, i) => {
      expect(w).toBeCloseTo(table[i] as number, 10);
    });
  });
});

describe('smoothing', () => {
  it('leaves a face at rest, and one in even motion, as they are, also at the ends and without looking ahead', () => {
    fc.assert(
      fc.property(
        options,
        fc.integer({ min: -5, max: 5 }),
        fc.integer({ min: 1, max: 14 }),
        (how, speed, length) => {
          const frames = Array.from({ length }, (_, t) => [face(0, 100 + speed * t)]);
          const smooth = smoothFrames(frames, how);
          expect(smooth).toHaveLength(length);
          smooth.forEach(([one], t) => {
            const x = 100 + speed * t;
            expect(one?.landmarks?.[0]).toBeCloseTo(x, 6);
            expect(one?.landmarks?.[1]).toBeCloseTo(2 * x, 6);
            expect(one?.box?.x).toBeCloseTo(x, 6);
            expect(one?.box?.height).toBeCloseTo(20, 6);
          });
        },
      ),
    );
  });

  it('takes noise away: less than 0.6 of it is left, and 0.75 without looking ahead', () => {
    const random = Random.seeded(5);
    const noise = Array.from({ length: 400 }, () => random.normal());
    const deviation = (values: (number | undefined)[]) =>
      Math.sqrt(values.reduce<number>((sum, value) => sum + (value ?? Number.NaN) ** 2, 0) / values.length);
    const frames = noise.map((x) => [face(0, x)]);
    const before = deviation(firstOf(frames));
    expect(deviation(firstOf(smoothFrames(frames))) / before).toBeLessThan(0.62);
    expect(deviation(firstOf(smoothFrames(frames, { radius: 3, ahead: 0 }))) / before).toBeLessThan(0.88);
  });

  it('does not mix tracks, nor faces without a number, and bridges gaps', () => {
    const frames = [0, 1, 2, 3, 4, 5, 6].map((t) => [
      face(7, 10 * t),
      ...(t === 3 ? [] : [face(8, 500)]),
      face(undefined, t % 2 ? 900 : 800),
    ]);
    const smooth = smoothFrames(frames);
    expect(smooth.map((faces) => faces.map(({ id }) => id))).toEqual(
      frames.map((faces) => faces.map(({ id }) => id)),
    );
    smooth.forEach((faces, t) => {
      for (const { id, landmarks: [x] = [] } of faces) {
        const expected = id === 7 ? 10 * t : id === 8 ? 500 : t % 2 ? 900 : 800;
        expect(x).toBeCloseTo(expected, 6);
      }
    });
  });

  it('as a stream gives each frame `ahead` frames later, the same as for the whole', () => {
    fc.assert(
      fc.property(options, fc.array(fc.integer({ min: 0, max: 99 }), { maxLength: 15 }), (how, xs) => {
        const frames = xs.map((x) => [face(0, x)]);
        const smoother = createSmoother(how);
        const streamed = frames.map((faces) => smoother.push(faces));
        streamed.forEach((ready, t) => {
          expect(ready === undefined).toBe(t < Math.min(how.ahead, how.radius));
        });
        expect([...streamed.filter((ready) => ready !== undefined), ...smoother.end()]).toEqual(
          smoothFrames(frames, how),
        );
      }),
    );
  });
});
