import fc from 'fast-check';
import {
  type Affine,
  applyAffine,
  FaceGeometryError,
  FIVE_POINT_TEMPLATE,
  invertAffine,
  leastSquaresSimilarity,
  MEAN_SHAPE,
  type Point,
  RIGID_POINTS,
  rmsSimilarity,
} from 'mien/faces';
import { describe, expect, it } from 'vitest';
import { moved } from './pictures.js';

const coordinate = fc.integer({ min: -5000, max: 5000 }).map((tenths) => tenths / 10);
const point = fc.record({ x: coordinate, y: coordinate });
const differ = (points: readonly Point[]) =>
  points.some(({ x, y }) => x !== points[0]?.x || y !== points[0]?.y);
const points = fc.array(point, { minLength: 2, maxLength: 68 }).filter(differ);
const pairs = fc
  .array(fc.tuple(point, point), { minLength: 2, maxLength: 68 })
  .map((all) => ({ source: all.map(([one]) => one), target: all.map(([, other]) => other) }))
  .filter(({ source }) => differ(source));
const anySimilarity: fc.Arbitrary<Affine> = fc
  .record({
    scale: fc.double({ min: 0.05, max: 20, noNaN: true }),
    angle: fc.double({ min: -Math.PI, max: Math.PI, noNaN: true }),
    x: coordinate,
    y: coordinate,
  })
  .map(({ scale, angle, x, y }) => {
    const [cos, sin] = [scale * Math.cos(angle), scale * Math.sin(angle)];
    return [cos, -sin, x, sin, cos, y];
  });

const sumOfSquares = (map: Affine, source: readonly Point[], target: readonly Point[]) =>
  moved(map, source).reduce(
    (sum, { x, y }, i) => sum + (x - (target[i]?.x ?? 0)) ** 2 + (y - (target[i]?.y ?? 0)) ** 2,
    0,
  );

describe.each([
  ['least squares', leastSquaresSimilarity],
  ['root mean square', rmsSimilarity],
])('the similarity by %s', (_, fit) => {
  it('recovers a scale, rotation and shift', () => {
    fc.assert(
      fc.property(points, anySimilarity, (source, truth) => {
        const found = fit(source, moved(truth, source));
        found.forEach((value, i) => void expect(value).toBeCloseTo(truth[i] as number, 6));
      }),
    );
  });

  it('never mirrors', () => {
    fc.assert(
      fc.property(pairs, ({ source, target }) => {
        const [a, b, , d, e] = fit(source, target);
        expect(a * e - b * d).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('refuses points that coincide', () => {
    const same = [
      { x: 3, y: 4 },
      { x: 3, y: 4 },
    ];
    expect(() => fit(same, FIVE_POINT_TEMPLATE.slice(0, 2))).toThrow(FaceGeometryError);
  });
});

describe('the similarity by least squares', () => {
  it('is better than any that is a little different', () => {
    fc.assert(
      fc.property(pairs, anySimilarity, ({ source, target }, direction) => {
        const [a, b, c, d, e, f] = leastSquaresSimilarity(source, target);
        const [da, , dc, dd, , df] = direction.map((value) => value * 1e-3) as unknown as Affine;
        const best = sumOfSquares([a, b, c, d, e, f], source, target);
        const near = sumOfSquares([a + da, b - dd, c + dc, d + dd, e + da, f + df], source, target);
        expect(near).toBeGreaterThanOrEqual(best * (1 - 1e-9));
      }),
    );
  });
});

describe('an affine map', () => {
  it('is undone by its inverse', () => {
    fc.assert(
      fc.property(anySimilarity, coordinate, coordinate, (map, x, y) => {
        const back = applyAffine(invertAffine(map), applyAffine(map, { x, y }));
        expect(back.x).toBeCloseTo(x, 6);
        expect(back.y).toBeCloseTo(y, 6);
      }),
    );
  });
});

describe('the mean shape', () => {
  it('has 68 points about their mean, mirrored at the middle', () => {
    expect(MEAN_SHAPE).toHaveLength(68);
    const sum = MEAN_SHAPE.reduce((total, { x, y }) => ({ x: total.x + x, y: total.y + y }));
    expect(Math.hypot(sum.x, sum.y)).toBeLessThan(1e-9);
    const mirrored = MEAN_SHAPE.map(({ x, y }) => `${(-x || 0).toFixed(6)} ${y.toFixed(6)}`).sort();
    expect(mirrored).toEqual(MEAN_SHAPE.map(({ x, y }) => `${(x || 0).toFixed(6)} ${y.toFixed(6)}`).sort());
  });

  it('orders its features as iBUG does', () => {
    const y = (index: number) => MEAN_SHAPE[index]?.y ?? Number.NaN;
    const x = (index: number) => MEAN_SHAPE[index]?.x ?? Number.NaN;
    expect(y(19)).toBeLessThan(y(37)); // brow above eye
    expect(y(37)).toBeLessThan(y(41)); // upper lid above lower lid
    expect(y(39)).toBeLessThan(y(33)); // eye above nose
    expect(y(33)).toBeLessThan(y(51)); // nose above mouth
    expect(y(51)).toBeLessThan(y(57)); // upper lip above lower lip
    expect(y(57)).toBeLessThan(y(8)); // mouth above chin
    for (const chain of [
      Array.from({ length: 17 }, (_, i) => i),
      [17, 18, 19, 20, 21, 22, 23, 24, 25, 26],
      [36, 37, 38, 39, 42, 43, 44, 45],
      [48, 49, 50, 51, 52, 53, 54],
      [31, 32, 33, 34, 35],
    ])
      for (let i = 1; i < chain.length; i++)
        expect(x(chain[i] as number)).toBeGreaterThan(x(chain[i - 1] as number));
    expect(new Set(RIGID_POINTS).size).toBe(24);
  });
});
