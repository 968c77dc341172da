import fc from 'fast-check';
import type { RgbImage } from 'mien/images';
import { ABAW1, ABAW3, type ActionUnit, type LabelSchema, TASKS, type Task } from 'mien/labels';
import { describe, expect, it } from 'vitest';
import { makeReadings } from '../support/readings.js';
import {
  annotatorOf,
  copyOf,
  differences,
  drawnOnce,
  faceReading,
  frameReading,
  GREY,
  pixel,
  places,
  placesOf,
  plainPicture,
  type Rgb,
  same,
} from './annotated.js';

const SIZES: readonly (readonly [width: number, height: number])[] = [
  [640, 360],
  [1280, 720],
  [1920, 1080],
  [3840, 2160],
  [720, 1280],
  [160, 120],
];

const unitAt = (probability: number, present = true) =>
  frameReading([faceReading({ actionUnits: { AU12: { probability, present } } })]);
const classesAt = (probability: number) =>
  frameReading([
    faceReading({
      expression: { label: 'happiness', probabilities: { happiness: probability, neutral: 1 - probability } },
    }),
  ]);

/**
 * The bar whose length changes between two pictures that are alike otherwise: a run of one colour in the right of the
 * picture. @returns its row and columns
 */
function barOf(empty: RgbImage, full: RgbImage): { y: number; from: number; to: number } {
  let best = { y: 0, from: 0, to: 0 };
  for (let y = 0; y < full.height; y++)
    for (let x = 640; x < full.width; x++) {
      if (same(pixel(full, x, y), pixel(empty, x, y))) continue;
      let end = x + 1;
      while (end < full.width && same(pixel(full, end, y), pixel(full, x, y))) end++;
      if (end - x > best.to - best.from) best = { y, from: x, to: end };
      x = end;
    }
  return best;
}

/** Pixels of the bar that are filled, of its edge a share. */
function filled(
  picture: RgbImage,
  empty: RgbImage,
  full: RgbImage,
  { y, from, to }: ReturnType<typeof barOf>,
) {
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

describe('the picture', () => {
  it('is shown as it is where there is no face', () => {
    const picture = plainPicture(640, 360);
    for (let i = 0; i < picture.data.length; i++) picture.data[i] = (i * 31) % 251;
    const drawn = drawnOnce(frameReading([], { picture }));
    const shown = places(picture, (x, y) => same(pixel(drawn, x, y), pixel(picture, x, y)));
    expect(shown.length).toBe(640 * 360);
  });

  it('changes only at the edge of a lone face, and the frame that was given not at all', () => {
    const face = faceReading({});
    const frame = frameReading([face]);
    const drawn = drawnOnce(frame);
    const { x, y, width, height } = face.box;
    const changed = places({ width: 640, height: 360 }, (px, py) => !same(pixel(drawn, px, py), GREY));
    expect(changed.length).toBeGreaterThan(2 * (width + height));
    for (const { x: px, y: py } of changed) {
      const fromEdge = Math.min(
        Math.abs(px + 0.5 - x),
        Math.abs(px + 0.5 - x - width),
        Math.abs(py + 0.5 - y),
        Math.abs(py + 0.5 - y - height),
      );
      expect(fromEdge).toBeLessThan(5);
    }
    expect(frame.picture?.data.every((value) => value === GREY[0])).toBe(true);
  });

  it('keeps to itself what reaches over its edges', () => {
    const over = { x: 500, y: -80, width: 400, height: 700 };
    const faces = [faceReading({ face: 0, box: over }), faceReading({ face: 1 })];
    const within = [faceReading({ face: 0, box: { ...over, x: 100 } }), faceReading({ face: 1 })];
    const changed = differences(drawnOnce(frameReading(faces)), drawnOnce(frameReading(within)));
    expect(changed.length).toBeGreaterThan(0);
    expect(Math.max(...changed.map(({ x }) => x))).toBeLessThan(640);
  });

  it('of another size is scaled, and the faces with it', () => {
    const small = faceReading({ box: { x: 100, y: 40, width: 60, height: 80 } }, 320, 180);
    const large = faceReading({ box: { x: 200, y: 80, width: 120, height: 160 } });
    const scaled = annotatorOf().draw(frameReading([small], {}, 320, 180));
    const changed = differences(scaled, drawnOnce(frameReading([large])));
    expect(changed.filter(({ x, y }) => x > 4 && x < 636 && y > 4 && y < 356)).toEqual([]);
  });
});

describe('the panel', () => {
  const LONG: LabelSchema = {
    name: 'long',
    actionUnits: ['AU1', 'AU99'],
    expressions: ['überwältigende Wiedersehensfreude am Bahnsteig', 'W'.repeat(80), '言葉'],
  };

  it.each(SIZES)('of a picture of %i × %i has everything inside a margin', (width, height) => {
    for (const schema of [ABAW3, LONG]) {
      const [frame] = makeReadings({ schema, width, height, frames: 1, faces: 3, ensemble: true });
      const picture = plainPicture(width, height);
      const drawn = drawnOnce({ ...(frame as NonNullable<typeof frame>), picture }, { schema });
      const margin = Math.floor(drawn.height / 100);
      const ground = pixel(drawn, drawn.width - 1, 0);
      const isMargin = (x: number, y: number) =>
        x < width + margin || x >= drawn.width - margin || y < margin || y >= drawn.height - margin;
      const isGround = (x: number, y: number) => same(pixel(drawn, x, y), ground);
      const outside = places(drawn, (x, y) => x >= width && isMargin(x, y) && !isGround(x, y));
      expect(outside).toEqual([]);
      expect([drawn.width % 2, drawn.height % 2]).toEqual([0, 0]);
    }
  });

  it('cuts long names off before their bars', () => {
    const named = (first: string) => {
      const schema = { name: 'two', actionUnits: [], expressions: [first, 'b'] };
      const expression = { label: 'b', probabilities: { [first]: 0, b: 1 } };
      return drawnOnce(frameReading([faceReading({ expression })]), { schema, tasks: ['EXPR'] });
    };
    const columns = differences(named('a'), named('m'.repeat(50))).map(({ x }) => x);
    const empty = drawnOnce(classesAt(0), { tasks: ['EXPR'] });
    const bar = barOf(empty, drawnOnce(classesAt(1), { tasks: ['EXPR'] }));
    expect(Math.max(...columns)).toBeLessThan(bar.from);
    expect(Math.max(...columns)).toBeGreaterThan(bar.from - 25);
  });

  it('says whether models agree', () => {
    const differing = (disagreement: Partial<Record<Task, number>>) =>
      drawnOnce(frameReading([faceReading({ valence: 0, arousal: 0, disagreement })]));
    const alone = drawnOnce(frameReading([faceReading({ valence: 0, arousal: 0 })]));
    for (const task of TASKS)
      expect(differences(alone, differing({ [task]: 0.2 })).length).toBeGreaterThan(20);
  });

  it('holds any schema and any of the tasks', () => {
    const names = (count: number) => Array.from({ length: count }, (_, i) => `class ${i}`);
    const units = (count: number) => Array.from({ length: count }, (_, i): ActionUnit => `AU${i + 1}`);
    const cases = fc.record({
      schema: fc.record({
        name: fc.constant('any'),
        actionUnits: fc.integer({ min: 0, max: 60 }).map(units),
        expressions: fc.integer({ min: 0, max: 40 }).map(names),
      }),
      tasks: fc.subarray([...TASKS]),
      width: fc.integer({ min: 1, max: 700 }),
      height: fc.integer({ min: 1, max: 500 }),
    });
    fc.assert(
      fc.property(cases, ({ schema, tasks, width, height }) => {
        fc.pre(schema.expressions.length > 0);
        const frames = makeReadings({ schema, tasks, width, height, frames: 2, ensemble: true });
        const annotator = annotatorOf({ schema, tasks, width, height });
        const picture = plainPicture(width, height, [1, 2, 3]);
        for (const frame of frames) {
          const drawn = annotator.draw({ ...frame, picture });
          expect(drawn.data.length).toBe(annotator.width * annotator.height * 3);
        }
        // Every unit has its bar: what one of them says changes something.
        const unit = schema.actionUnits.at(-1);
        if (!unit || !tasks.includes('AU')) return;
        const saying = (probability: number) => {
          const face = faceReading(
            { actionUnits: { [unit]: { probability, present: false } } },
            width,
            height,
          );
          return copyOf(annotator.draw(frameReading([face], { time: 9 }, width, height)));
        };
        expect(differences(saying(0), saying(1)).length).toBeGreaterThan(0);
      }),
      { numRuns: 10, seed: 4 },
    );
  });
});

describe('several faces', () => {
  const YELLOW: Rgb = [240, 228, 66];
  const boxes = [
    { x: 60, y: 120, width: 100, height: 100 },
    { x: 400, y: 120, width: 100, height: 100 },
  ];
  const faceOf = (face: number, size = 1) => {
    const { x, y, width, height } = boxes[face] as (typeof boxes)[number];
    return faceReading({ face, box: { x, y, width: width * size, height: height * size } });
  };
  /** Numbers of the faces whose frame is the main one's. */
  const mainOf = (drawn: RgbImage) =>
    [0, 1].filter((face) => {
      const { x, y } = boxes[face] as (typeof boxes)[number];
      return same(pixel(drawn, x, y + 50), YELLOW);
    });

  it('have one that the panel is about: the largest, until another is clearly larger for a while', () => {
    const annotator = annotatorOf();
    const at = (time: number, ...faces: ReturnType<typeof faceReading>[]) =>
      mainOf(annotator.draw(frameReading(faces, { time })));
    expect(at(0, faceOf(0, 1.1), faceOf(1))).toEqual([0]);
    expect(at(0.5, faceOf(0), faceOf(1, 1.1))).toEqual([0]);
    expect(at(1, faceOf(0), faceOf(1, 1.5))).toEqual([0]);
    expect(at(1.8, faceOf(0), faceOf(1, 1.5))).toEqual([0]);
    expect(at(2.1, faceOf(0), faceOf(1, 1.5))).toEqual([1]);
    expect(at(2.2, faceOf(0))).toEqual([]);
    expect(at(2.9, faceOf(0), faceOf(1))).toEqual([1]);
    expect(at(3.5, faceOf(0))).toEqual([]);
    expect(at(4, faceOf(0))).toEqual([0]);
  });

  it('in pictures are led by the largest of each', () => {
    const annotator = annotatorOf();
    const of = (...faces: ReturnType<typeof faceReading>[]) =>
      mainOf(annotator.draw(frameReading(faces, { time: undefined })));
    expect(of(faceOf(0, 1.1), faceOf(1))).toEqual([0]);
    expect(of(faceOf(0), faceOf(1, 1.1))).toEqual([1]);
  });

  it('have labels that do not cover one another', () => {
    const labelled = (count: number) => {
      const box = (i: number) => ({ x: 100 + 12 * i, y: 150 + 3 * i, width: 60, height: 60 });
      const faces = Array.from({ length: count }, (_, face) =>
        faceReading({ face, box: box(face), expression: { label: 'surprise', probabilities: {} } }),
      );
      return drawnOnce(frameReading(faces));
    };
    // A label is darker than any frame's edge over grey: each has an area of its own.
    const dark = (drawn: RgbImage) =>
      places({ width: 640, height: 360 }, (x, y) => pixel(drawn, x, y)[0] < 50).length;
    expect(dark(labelled(3))).toBeGreaterThan(dark(labelled(2)) + 300);
  });
});

describe('an annotator', () => {
  const picture = plainPicture(640, 360);
  const readings = (seed: number, source = 'made.mp4') =>
    makeReadings({ seed, source, frames: 30, rate: 10, faces: 2, gaps: 0.2, without: [[20, 25]] }).map(
      (frame) => ({
        ...frame,
        picture,
      }),
    );
  const allOf = (annotator: ReturnType<typeof annotatorOf>, frames: ReturnType<typeof readings>) =>
    Buffer.concat(frames.map((frame) => annotator.draw(frame).data));

  it('draws the same of the same frames, whatever another one draws meanwhile', () => {
    const [one, other] = [annotatorOf(), annotatorOf({ schema: ABAW1 })];
    const alone = allOf(annotatorOf(), readings(1));
    const others = readings(2);
    const meanwhile = Buffer.concat(
      readings(1).map((frame, i) => {
        other.draw(others[i] as typeof frame);
        return one.draw(frame).data;
      }),
    );
    expect(meanwhile.equals(alone)).toBe(true);
  });

  it('begins anew with another source', () => {
    const annotator = annotatorOf();
    allOf(annotator, readings(1, 'first.mp4'));
    const second = allOf(annotator, readings(2, 'second.mp4'));
    expect(second.equals(allOf(annotatorOf(), readings(2, 'second.mp4')))).toBe(true);
  });

  it('draws into the same memory again', () => {
    const annotator = annotatorOf();
    const [first, second] = readings(1);
    expect(annotator.draw(first as NonNullable<typeof first>).data).toBe(
      annotator.draw(second as NonNullable<typeof second>).data,
    );
  });

  it('refuses frames without a picture, and sizes that are none', () => {
    expect(() => annotatorOf().draw({ ...frameReading([]), picture: undefined as never })).toThrow(TypeError);
    expect(() => annotatorOf({ width: 0 })).toThrow('0 × 360');
  });
});
