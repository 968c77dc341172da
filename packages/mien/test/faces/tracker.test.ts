import fc from 'fast-check';
import { createFaceTracker, type TrackedFace, type TrackerOptions } from 'mien/faces';
import { describe, expect, it } from 'vitest';
import { type Actor, scene } from './scenes.js';

async function track(actors: readonly Actor[], length: number, options: TrackerOptions = {}) {
  const { detect, landmarks, next, looks } = scene(actors);
  const tracker = createFaceTracker(detect, landmarks, options);
  const frames: TrackedFace[][] = [];
  for (let frame = 0; frame < length; frame++) frames.push(await tracker(next()));
  return { frames, looks: looks() };
}
const idsOf = (frames: readonly TrackedFace[][]) => frames.map((faces) => faces.map(({ id }) => id));
/** Number of the face nearest to a place. */
const idAt = (faces: readonly TrackedFace[] | undefined, x: number) =>
  faces?.find(({ landmarks }) => Math.abs((landmarks[0] as number) - x) < 30)?.id;

describe('a tracked face', () => {
  it('keeps its number while it moves smoothly, and is where it is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: -12, max: 12 }),
        fc.double({ min: 0.97, max: 1.03, noNaN: true }),
        fc.integer({ min: 1, max: 10 }),
        async (speed, growth, every) => {
          const actor: Actor = (t) => ({ x: 500 + speed * t, y: 400 - speed * t, size: 100 * growth ** t });
          const { frames } = await track([actor], 30, { every });
          expect(idsOf(frames)).toEqual(Array.from({ length: 30 }, () => [0]));
          frames.forEach(([face], t) => {
            expect(face?.landmarks[0]).toBe(500 + speed * t);
            expect(face?.score).toBeGreaterThan(0.7);
            expect(face?.score).toBeLessThanOrEqual(0.9);
          });
        },
      ),
    );
  });

  it('is looked for by the detector every so many frames only', async () => {
    const actor: Actor = () => ({ x: 500, y: 400, size: 100 });
    expect((await track([actor], 41, { every: 10 })).looks).toBe(5);
    expect((await track([actor], 41, { every: 1 })).looks).toBe(41);
  });

  it('keeps its number through a short gap, and gets a new one after a long one', async () => {
    const gap =
      (length: number): Actor =>
      (t) =>
        t >= 10 && t < 10 + length ? undefined : { x: 300 + 4 * t, y: 400, size: 100 };
    const short = await track([gap(8)], 40, { longestGap: 10 });
    expect(idsOf(short.frames)).toEqual(Array.from({ length: 40 }, (_, t) => (t >= 10 && t < 18 ? [] : [0])));
    const long = await track([gap(12)], 40, { longestGap: 10 });
    expect(idsOf(long.frames)[39]).toEqual([1]);
  });

  it('does not hand its number to a face elsewhere, or of another size', async () => {
    const leaves: Actor = (t) => (t < 10 ? { x: 200, y: 400, size: 100 } : undefined);
    const elsewhere: Actor = (t) => (t >= 12 ? { x: 700, y: 400, size: 100 } : undefined);
    const larger: Actor = (t) => (t >= 12 ? { x: 210, y: 400, size: 200 } : undefined);
    for (const newcomer of [elsewhere, larger])
      expect(idsOf((await track([leaves, newcomer], 20)).frames)[19]).toEqual([1]);
  });

  it('is surer the shorter ago the detector saw it', async () => {
    const { frames } = await track([() => ({ x: 500, y: 400, size: 100 })], 6, { every: 5 });
    const scores = frames.map(([face]) => face?.score as number);
    expect(scores[0]).toBeCloseTo(0.9);
    for (let t = 1; t < 5; t++) expect(scores[t]).toBeLessThan(scores[t - 1] as number);
    expect(scores[5]).toBeCloseTo(0.9);
  });
});

describe('several tracked faces', () => {
  const still =
    (x: number): Actor =>
    () => ({ x, y: 400, size: 100 });

  it('have different numbers in each frame, in the order in which they appeared', async () => {
    const late: Actor = (t) => (t < 7 ? undefined : { x: 100, y: 400, size: 100 });
    const { frames } = await track([still(300), still(600), late], 20);
    expect(idsOf(frames)[6]).toEqual([0, 1]);
    expect(idsOf(frames)[19]).toEqual([0, 1, 2]);
    expect(idAt(frames[19], 100)).toBe(2);
  });

  it('that cross keep their numbers, the one behind being hidden for a while', async () => {
    for (const every of [1, 3, 5, 8]) {
      const right: Actor = (t) => ({ x: 200 + 15 * t, y: 400, size: 100 });
      const left: Actor = (t) => ({ x: 800 - 15 * t, y: 410, size: 100 });
      const { frames } = await track([right, left], 41, { every });
      const start = [idAt(frames[0], 200), idAt(frames[0], 800)];
      expect(new Set(start)).toEqual(new Set([0, 1]));
      expect([idAt(frames[40], 800), idAt(frames[40], 200)]).toEqual(start);
      for (const ids of idsOf(frames)) expect(new Set(ids).size).toBe(ids.length);
      expect(Math.max(...idsOf(frames).flat())).toBe(1);
    }
  });

  it('never share a number or a place, however they move', async () => {
    const speed = fc.integer({ min: -25, max: 25 });
    const actor = fc.record({
      x: fc.integer({ min: 0, max: 900 }),
      vx: speed,
      vy: speed,
      size: fc.integer({ min: 60, max: 150 }),
      from: fc.integer({ min: 0, max: 20 }),
      to: fc.integer({ min: 5, max: 40 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(actor, { maxLength: 5 }),
        fc.integer({ min: 1, max: 6 }),
        async (cast, every) => {
          const actors = cast.map(
            ({ x, vx, vy, size, from, to }): Actor =>
              (t) =>
                t >= from && t < to ? { x: x + vx * t, y: 500 + vy * t, size } : undefined,
          );
          const { frames } = await track(actors, 40, { every });
          for (const faces of frames) {
            expect(new Set(faces.map(({ id }) => id)).size).toBe(faces.length);
            expect(new Set(faces.map(({ box }) => JSON.stringify(box))).size).toBe(faces.length);
          }
        },
      ),
    );
  });

  it('none in an empty video', async () => {
    expect(idsOf((await track([], 5)).frames)).toEqual([[], [], [], [], []]);
  });
});
