import fc from 'fast-check';
import { ABAW3, type ActionUnit, type LabelSchema, TASKS, type Task } from 'mien/labels';
import { describe, expect, it } from 'vitest';
import { makeReadings } from '../support/readings.js';
import {
  annotatorOf,
  barOf,
  classesAt,
  copyOf,
  differences,
  drawnOnce,
  faceReading,
  frameReading,
  pixel,
  places,
  plainPicture,
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
