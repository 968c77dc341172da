import fc from 'fast-check';
import { type Affine, cutOut, warp } from 'mien/faces';
import type { RgbImage } from 'mien/images';
import { describe, expect, it } from 'vitest';
import { invertAffine, meanDifference, pictureOf } from './pictures.js';

const IDENTITY: Affine = [1, 0, 0, 0, 1, 0];
const anyPicture: fc.Arbitrary<RgbImage> = fc
  .record({ width: fc.integer({ min: 1, max: 12 }), height: fc.integer({ min: 1, max: 12 }) })
  .chain(({ width, height }) =>
    fc
      .uint8Array({ minLength: width * height * 3, maxLength: width * height * 3 })
      .map((data) => ({ width, height, data: Uint8Array.from(data) })),
  );
const sampling = fc.constantFrom('nearest' as const, 'bilinear' as const, 'quick' as const);

describe('warp', () => {
  it('by the identity is the picture', () => {
    fc.assert(
      fc.property(anyPicture, sampling, (picture, way) => {
        expect(warp(picture, IDENTITY, picture, way)).toEqual(picture);
      }),
    );
  });

  it('by whole pixels is cutting out, black beyond the picture', () => {
    const offset = fc.integer({ min: -15, max: 15 });
    const side = fc.integer({ min: 1, max: 15 });
    fc.assert(
      fc.property(
        anyPicture,
        sampling,
        offset,
        offset,
        side,
        side,
        (picture, way, left, top, width, height) => {
          const size = { width, height };
          const cut = cutOut(picture, [left, top, left + width, top + height]);
          expect(warp(picture, [1, 0, left, 0, 1, top], size, way)).toEqual(cut);
          cut.data.forEach((value, i) => {
            const [x, y] = [left + (Math.floor(i / 3) % width), top + Math.floor(i / 3 / width)];
            const inside = x >= 0 && y >= 0 && x < picture.width && y < picture.height;
            expect(value).toBe(inside ? picture.data[(y * picture.width + x) * 3 + (i % 3)] : 0);
          });
        },
      ),
    );
  });

  it('by a quarter turn moves pixels and changes none', () => {
    fc.assert(
      fc.property(anyPicture, sampling, ({ width, height, data }, way) => {
        // Row r, column c of the turned picture shows row c, column width − 1 − r.
        const turned = warp(
          { width, height, data },
          [0, -1, width, 1, 0, 0],
          { width: height, height: width },
          way,
        );
        const back = warp(turned, [0, 1, 0, -1, 0, width], { width, height }, way);
        expect(back.data).toEqual(data);
        const corner = (width - 1) * 3;
        expect([...turned.data.subarray(0, 3)]).toEqual([...data.subarray(corner, corner + 3)]);
      }),
    );
  });

  it.each([0.5, 0.9, 1, 1.3, 2, 2.9, 4.5, 7])('shows what the painting shows at a stride of %d', (stride) => {
    const picture = pictureOf(500, 500);
    for (const angle of [0, 2.6]) {
      const [cos, sin] = [stride * Math.cos(angle), stride * Math.sin(angle)];
      const map: Affine = [cos, -sin, 250 - (cos - sin) * 25, sin, cos, 250 - (sin + cos) * 25];
      const size = { width: 50, height: 50 };
      // A mean over a crop pixel is a little greyer than its middle: less than 2 for waves this long.
      const limit = stride <= 1 ? 0.7 : 0.7 + (stride / 10) ** 2 * 3;
      for (const way of ['bilinear', 'quick'] as const)
        expect(meanDifference(warp(picture, map, size, way), pictureOf(50, 50, map))).toBeLessThan(limit);
    }
  });

  it.each([2, 3, 4, 6, 8])('averages stripes of one pixel to grey at a stride of %d', (stride) => {
    const side = 240;
    const data = Uint8Array.from({ length: side * side * 3 }, (_, i) => (Math.floor(i / 3) % 2 ? 250 : 10));
    const size = { width: side / stride, height: side / stride };
    const crop = warp({ width: side, height: side, data }, [stride, 0, 0, 0, stride, 0], size, 'bilinear');
    const inner = crop.data.filter(
      (_, i) => Math.floor(i / 3) % size.width > 0 && Math.floor(i / 3) % size.width < size.width - 1,
    );
    const spread = Math.max(...inner) - Math.min(...inner);
    expect(spread).toBeLessThan(250 / stride);
    expect(inner.reduce((sum, value) => sum + value, 0) / inner.length).toBeCloseTo(130, -0.5);
  });

  it('keeps one colour whatever the map, as long as it stays inside', () => {
    const grey = { width: 200, height: 200, data: new Uint8Array(200 * 200 * 3).fill(77) };
    const angle = fc.double({ min: -4, max: 4, noNaN: true });
    const stride = fc.double({ min: 0.1, max: 5, noNaN: true });
    fc.assert(
      fc.property(angle, stride, (turn, by) => {
        const [cos, sin] = [by * Math.cos(turn), by * Math.sin(turn)];
        const map: Affine = [cos, -sin, 100 - (cos - sin) * 10, sin, cos, 100 - (sin + cos) * 10];
        const crop = warp(grey, map, { width: 20, height: 20 }, 'bilinear');
        expect(new Set(crop.data)).toEqual(new Set([77]));
      }),
    );
  });

  it('undoes another warp', () => {
    const picture = pictureOf(200, 200);
    const map: Affine = [0.9, -0.3, 40, 0.3, 0.9, -10];
    const there = warp(picture, map, { width: 260, height: 260 }, 'bilinear');
    const back = warp(there, invertAffine(map), picture, 'bilinear');
    const middle = [60, 60, 140, 140] as const;
    expect(meanDifference(cutOut(back, middle), cutOut(picture, middle))).toBeLessThan(1);
  });
});
