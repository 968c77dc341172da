import fc from 'fast-check';
import { type Detection, intersection, overlap, pairUp, suppress } from 'mien/faces';
import { describe, expect, it } from 'vitest';

const whole = (min: number, max: number) => fc.integer({ min, max });
const anyBox = fc.record({ x: whole(-20, 20), y: whole(-20, 20), width: whole(0, 20), height: whole(0, 20) });
const anyDetections: fc.Arbitrary<Detection[]> = fc.array(
  fc.record({ box: anyBox, score: fc.double({ min: 0, max: 1, noNaN: true }) }),
  { maxLength: 12 },
);

describe('overlap', () => {
  it('counts the pixels that both boxes have, over those that either has', () => {
    fc.assert(
      fc.property(anyBox, anyBox, (one, other) => {
        let [both, either] = [0, 0];
        for (let y = -20; y < 40; y++)
          for (let x = -20; x < 40; x++) {
            const [a, b] = [one, other].map(
              (box) => x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height,
            );
            both += a && b ? 1 : 0;
            either += a || b ? 1 : 0;
          }
        expect(intersection(one, other)).toBe(both);
        expect(overlap(one, other)).toBeCloseTo(either === 0 ? 0 : both / either, 12);
      }),
    );
  });

  it('is symmetric, and 1 of a box with itself', () => {
    fc.assert(
      fc.property(anyBox, anyBox, (one, other) => {
        expect(overlap(one, other)).toBe(overlap(other, one));
        if (one.width * one.height > 0) expect(overlap(one, one)).toBe(1);
      }),
    );
  });
});

describe('suppression', () => {
  it('keeps the surest, and no two that overlap by more than the limit', () => {
    fc.assert(
      fc.property(anyDetections, fc.double({ min: 0.05, max: 0.9, noNaN: true }), (detections, limit) => {
        const kept = suppress(detections, limit);
        expect(kept[0]?.score).toBe(
          detections.length === 0 ? undefined : Math.max(...detections.map(({ score }) => score)),
        );
        kept.forEach((one, i) => {
          expect(detections).toContain(one);
          for (const other of kept.slice(i + 1)) {
            expect(overlap(one.box, other.box)).toBeLessThanOrEqual(limit);
            expect(other.score).toBeLessThanOrEqual(one.score);
          }
        });
        expect(suppress(kept, limit)).toEqual(kept);
      }),
    );
  });

  it('does not depend on the order of what has different scores', () => {
    fc.assert(
      fc.property(anyDetections, (detections) => {
        const different = detections.filter(
          ({ score }, i) => detections.findIndex((one) => one.score === score) === i,
        );
        expect(suppress([...different].reverse(), 0.3)).toEqual(suppress(different, 0.3));
      }),
    );
  });

  it('drops part of a face inside the surer whole, but not a small face before a large one', () => {
    const face = { box: { x: 0, y: 0, width: 100, height: 100 }, score: 0.9 };
    const half = { box: { x: 5, y: 5, width: 60, height: 60 }, score: 0.8 };
    const child = { box: { x: 60, y: 60, width: 30, height: 30 }, score: 0.7 };
    expect(suppress([child, half, face], 0.5)).toEqual([face, child]);
  });
});

describe('pairs', () => {
  it('use each member once, only where the two can belong together, and leave no pair that could be made', () => {
    const costs = fc.array(
      fc.array(fc.option(whole(0, 9), { nil: undefined }), { minLength: 4, maxLength: 4 }),
      {
        maxLength: 5,
      },
    );
    fc.assert(
      fc.property(costs, (table) => {
        const pairs = pairUp(table, [0, 1, 2, 3], (row, column) => row[column]);
        expect(new Set(pairs.values()).size).toBe(pairs.size);
        for (const [i, k] of pairs) expect(table[i]?.[k]).toBeDefined();
        table.forEach((row, i) => {
          row.forEach((cost, k) => {
            if (cost !== undefined) expect(pairs.has(i) || [...pairs.values()].includes(k)).toBe(true);
          });
        });
      }),
    );
  });

  it('take the cheapest first', () => {
    const cost = (one: number, other: number) => Math.abs(one - other);
    expect(pairUp([10, 20, 90], [21, 11, 50], cost)).toEqual(
      new Map([
        [0, 1],
        [1, 0],
        [2, 2],
      ]),
    );
  });
});
