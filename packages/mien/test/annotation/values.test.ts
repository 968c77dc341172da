import type { RgbImage } from 'mien/images';
import { describe, expect, it } from 'vitest';
import {
  annotatorOf,
  type Bar,
  barOf,
  classesAt,
  copyOf,
  differences,
  drawnOnce,
  faceReading,
  frameReading,
  pixel,
  placesOf,
  type Rgb,
  same,
  unitAt,
} from './annotated.js';

/** Pixels of the bar that are filled, of its edge a share. */
function filled(picture: RgbImage, empty: RgbImage, full: RgbImage, { y, from, to }: Bar) {
  let sum = 0;
  for (let x = from; x < to; x++) {
    const [none, all, some] = [empty, full, picture].map((one) => pixel(one, x, y)[0]) as [
      number,
      number,
      number,
    ];
    sum += (some - none) / (all - none);
  }
  return sum;
}

describe('bars', () => {
  it.each([
    ['of action units', unitAt],
    ['of expressions', classesAt],
  ] as const)('%s are as long as their probability', (_, at) => {
    const [empty, full] = [drawnOnce(at(0)), drawnOnce(at(1))];
    const bar = barOf(empty, full);
    const length = bar.to - bar.from;
    expect(length).toBeGreaterThan(40);
    const [ground, track] = [pixel(empty, empty.width - 1, 0), pixel(empty, bar.from, bar.y)];
    expect(pixel(empty, bar.to - 1, bar.y)).toEqual(track);
    expect(pixel(empty, bar.to, bar.y)).toEqual(ground);
    for (const probability of [0.1, 0.25, 0.5, 0.77, 0.9])
      expect(filled(drawnOnce(at(probability)), empty, full, bar)).toBeCloseTo(probability * length, 0);
  });

  it('have a mark where the threshold is', () => {
    const bar = barOf(drawnOnce(unitAt(0)), drawnOnce(unitAt(1)));
    const without = drawnOnce(unitAt(0));
    const marked = drawnOnce(unitAt(0), { thresholds: { AU12: 0.3 } });
    const columns = differences(without, marked).map(({ x }) => x);
    const middle = (Math.min(...columns) + Math.max(...columns) + 1) / 2;
    expect(Math.abs(middle - (bar.from + 0.3 * (bar.to - bar.from)))).toBeLessThanOrEqual(1);
  });

  it('of what is present differ in more than their colour', () => {
    const [present, absent] = [drawnOnce(unitAt(0)), drawnOnce(unitAt(0, false))];
    // Nothing of the bar shows, yet the mark and the name have changed.
    expect(differences(present, absent).length).toBeGreaterThan(20);
  });

  it('can be told apart without red and green receptors', () => {
    const bar = barOf(drawnOnce(unitAt(0)), drawnOnce(unitAt(1)));
    const colourOf = (frame: ReturnType<typeof unitAt>) => pixel(drawnOnce(frame), bar.from + 2, bar.y);
    const [present, absent, track] = [colourOf(unitAt(1)), colourOf(unitAt(1, false)), colourOf(unitAt(0))];
    for (const [one, other] of [
      [present, absent],
      [present, track],
      [absent, track],
    ] as const)
      expect(distance(deuteranopic(one), deuteranopic(other))).toBeGreaterThan(20);
  });
});

/** Linear light, 0 … 1. */
const linear = (value: number) =>
  value <= 10.31475 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4;

/** What remains of a colour for somebody without M cones (Machado, Oliveira and Fernandes 2009), in linear light. */
function deuteranopic(colour: Rgb): Rgb {
  const [r, g, b] = colour.map(linear) as [number, number, number];
  return [
    0.367322 * r + 0.860646 * g - 0.227968 * b,
    0.280085 * r + 0.672501 * g + 0.047413 * b,
    -0.01182 * r + 0.04294 * g + 0.968881 * b,
  ];
}

/** ΔE of 1976 between colours in linear light. */
function distance(one: Rgb, other: Rgb): number {
  const lab = ([r, g, b]: Rgb) => {
    const f = (t: number) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
    const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
    const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
    const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
  };
  const [a, b] = [lab(one), lab(other)];
  return Math.hypot(...a.map((value, i) => value - (b[i] as number)));
}

describe('the plane of valence and arousal', () => {
  const YELLOW: Rgb = [240, 228, 66];
  const at = (valence: number, arousal: number) =>
    drawnOnce(frameReading([faceReading({ valence, arousal })]), { tasks: ['VA'] });
  const pointOf = (picture: RgbImage) => {
    const yellow = placesOf(picture, YELLOW).filter(({ x }) => x >= 640);
    const mean = (values: number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;
    return { x: mean(yellow.map(({ x }) => x + 0.5)), y: mean(yellow.map(({ y }) => y + 0.5)) };
  };

  it('has its point where the values are, pleasant at the right and excited above', () => {
    const middle = pointOf(at(0, 0));
    const [right, up] = [pointOf(at(0.8, 0)), pointOf(at(0, 0.8))];
    const half = (right.x - middle.x) / 0.8;
    expect(half).toBeGreaterThan(40);
    expect((middle.y - up.y) / 0.8).toBeCloseTo(half, 0);
    for (const [valence, arousal] of [
      [-0.5, 0.25],
      [0.33, -0.7],
      [-0.8, -0.8],
    ] as const) {
      const point = pointOf(at(valence, arousal));
      expect(Math.abs(point.x - (middle.x + valence * half))).toBeLessThan(0.75);
      expect(Math.abs(point.y - (middle.y - arousal * half))).toBeLessThan(0.75);
    }
  });

  it('ends where valence and arousal do', () => {
    const middle = pointOf(at(0, 0));
    const half = (pointOf(at(0.8, 0)).x - middle.x) / 0.8;
    const nobody = drawnOnce(frameReading([]), { tasks: ['VA'] });
    const y = Math.round(middle.y - half / 2);
    const guide = pixel(nobody, Math.round(middle.x - half), y);
    const field = pixel(nobody, Math.round(middle.x - half / 2), y);
    const ground = pixel(nobody, nobody.width - 1, nobody.height - 1);
    expect(same(guide, field) || same(guide, ground)).toBe(false);
    expect(pixel(nobody, Math.round(middle.x + half) - 1, y)).toEqual(guide);
    expect(pixel(nobody, Math.round(middle.x - half) - 1, y)).toEqual(ground);
    expect(pixel(nobody, Math.round(middle.x + half), y)).toEqual(ground);
  });

  it('shows the way that the point came, and later no more', () => {
    const annotator = annotatorOf({ tasks: ['VA'] });
    const face = (valence: number) => faceReading({ valence, arousal: 0 });
    annotator.draw(frameReading([face(-0.6)], { time: 0 }));
    const moved = copyOf(annotator.draw(frameReading([face(0.6)], { time: 0.5 })));
    const still = drawnOnce(frameReading([face(0.6)], { time: 0.5 }), { tasks: ['VA'] });
    const [from, to] = [pointOf(at(-0.6, 0)), pointOf(at(0.6, 0))];
    const changed = differences(moved, still).filter(
      ({ x, y }) => Math.abs(y - from.y) < 3 && x > from.x && x < to.x,
    );
    expect(new Set(changed.map(({ x }) => x)).size).toBeGreaterThan(0.8 * (to.x - from.x));
    const gone = annotator.draw(frameReading([], { time: 12 }));
    expect(differences(gone, drawnOnce(frameReading([], { time: 12 }), { tasks: ['VA'] }))).toEqual([]);
  });
});
