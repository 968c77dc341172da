import fc from 'fast-check';
import { clipsInOrder, decide, fillFrames, smooth } from 'mien/judging';
import type { Smoothing } from 'mien/models';
import { Random } from 'mien/random';
import { describe, expect, it } from 'vitest';
import { outputWith, truthWith } from './support.js';

const KINDS = ['box', 'exponential', 'median'] as const;

/** Clips with gaps whose frames stand in any order, and values of two columns. */
const tables = fc.tuple(fc.integer(), fc.integer({ min: 1, max: 60 })).map(([seed, n]) => {
  const random = Random.seeded(seed);
  const places = random.permutation(100).slice(0, n);
  const clip = Array.from(places, (place) => Math.floor(place / 40));
  const frame = Array.from(places, (place) => place % 40);
  const values = Float32Array.from({ length: 2 * n }, () => random.between(-1, 1));
  return { n, values, frames: truthWith(n, { clip, frame }), clip, frame };
});

const smoothed = (
  values: Float32Array,
  smoothing: Smoothing,
  frames: ReturnType<typeof truthWith>,
  width = 2,
) => smooth(values, width, smoothing, frames, clipsInOrder(frames));

const medianOf = (values: number[]) => {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2
    ? (sorted[half] as number)
    : ((sorted[half - 1] as number) + (sorted[half] as number)) / 2;
};

describe.each(KINDS)('smoothing (%s)', (kind) => {
  it('leaves a constant as it is', () => {
    fc.assert(
      fc.property(tables, ({ n, frames }) => {
        const constant = new Float32Array(2 * n).fill(0.3);
        expect(smoothed(constant, { kind, frames: 7 }, frames)).toEqual(constant);
      }),
    );
  });

  it('is what its formula says, in any order of the rows, with gaps, within each clip', () => {
    const width = fc.nat(6).map((half) => 2 * half + 1);
    fc.assert(
      fc.property(tables, width, ({ n, values, frames, clip, frame }, window) => {
        const found = smoothed(values, { kind, frames: window }, frames);
        for (let row = 0; row < n; row++)
          for (const column of [0, 1]) {
            const others = clip.flatMap((one, i) => (one === clip[row] ? [i] : []));
            const distance = (i: number) => Math.abs((frame[i] as number) - (frame[row] as number));
            const near = others.filter((i) => distance(i) <= (window - 1) / 2);
            const at = (i: number) => values[2 * i + column] as number;
            const weighted = (weightOf: (i: number) => number) =>
              others.reduce((sum, i) => sum + weightOf(i) * at(i), 0) /
              others.reduce((sum, i) => sum + weightOf(i), 0);
            const expected = {
              box: () => near.reduce((sum, i) => sum + at(i), 0) / near.length,
              median: () => medianOf(near.map(at)),
              exponential: () => weighted((i) => (1 - 2 / (window + 1)) ** distance(i)),
            }[kind]();
            expect(found[2 * row + column]).toBeCloseTo(expected, 6);
          }
      }),
    );
  });

  it('over one frame changes nothing', () => {
    fc.assert(
      fc.property(tables, ({ values, frames }) => {
        expect(smoothed(values, { kind, frames: 1 }, frames)).toEqual(values);
      }),
    );
  });

  it('never crosses clips: what stands in another one makes no difference', () => {
    fc.assert(
      fc.property(tables, ({ values, frames, clip }) => {
        const changed = values.map((value, i) => (clip[i >> 1] === 0 ? value : -7 * value));
        const [one, other] = [values, changed].map((each) => smoothed(each, { kind, frames: 9 }, frames));
        one?.forEach((value, i) => {
          if (clip[i >> 1] === 0) expect(other?.[i]).toBe(value);
        });
      }),
    );
  });
});

describe('smoothing', () => {
  it('leaves clips alone in which a frame stands twice, as its faces cannot be told apart', () => {
    const values = Float32Array.of(0, 1, 0, 1, 0, 1);
    const frames = truthWith(6, { clip: [0, 0, 0, 1, 1, 1], frame: [1, 2, 2, 1, 2, 3] });
    expect([...smoothed(values, { kind: 'box', frames: 3 }, frames, 1)].slice(0, 3)).toEqual([0, 1, 0]);
    expect(smoothed(values, { kind: 'box', frames: 3 }, frames, 1)[4]).toBeCloseTo(2 / 3, 6);
  });

  it('refuses an even window', () => {
    const frames = truthWith(2, { clip: [0, 0], frame: [0, 1] });
    expect(() => smoothed(Float32Array.of(0, 1), { kind: 'box', frames: 4 }, frames, 1)).toThrow(
      'smoothing over 4 frames; expected an odd number',
    );
  });

  it('keeps the sum of class probabilities 1, also by medians, and of a row that would vanish the row', () => {
    const n = 30;
    const truth = truthWith(n, { clip: new Array(n).fill(0), frame: Array.from({ length: n }, (_, i) => i) });
    for (const kind of KINDS) {
      const { EXPR } = decide([outputWith(n, 3)], {
        tuning: { smoothing: { EXPR: { kind, frames: 5 } } },
        truth,
      });
      for (let row = 0; row < n; row++) {
        const sum = [0, 1, 2].reduce((all, k) => all + (EXPR?.probabilities?.[3 * row + k] as number), 0);
        expect(sum).toBeCloseTo(1, 6);
      }
    }
    // Three frames, each certain of another class: the median of each class is 0.
    const certain = Float32Array.of(200, 0, 0, 0, 200, 0, 0, 0, 200);
    const { EXPR } = decide([{ ...outputWith(3, 1), EXPR: certain }], {
      tuning: { smoothing: { EXPR: { kind: 'median', frames: 5 } } },
      truth: truthWith(3, { clip: [0, 0, 0], frame: [0, 1, 2] }),
    });
    expect([...(EXPR?.classes ?? [])]).toEqual([0, 1, 2]);
  });
});

describe('filling frames', () => {
  const fill = (frames: number[], values: number[], options: Parameters<typeof fillFrames>[2]) => {
    const { values: filled, known } = fillFrames(Float32Array.from(values), frames, options);
    return Array.from(filled, (value, i) => (known[i] ? value : undefined));
  };

  it('draws straight lines between neighbours and takes the nearest value at the ends', () => {
    expect(fill([2, 3, 7], [1, 0, 1], { length: 10 })).toEqual([1, 1, 1, 0, 0.25, 0.5, 0.75, 1, 1, 1]);
    expect(fill([12], [5], { first: 10, length: 4 })).toEqual([5, 5, 5, 5]);
  });

  it('fills no more frames in a row than it may', () => {
    const none = undefined;
    expect(fill([2, 5, 9], [0, 3, 0], { length: 12, within: 2 })).toEqual([
      0,
      0,
      0,
      1,
      2,
      3,
      none,
      none,
      none,
      0,
      0,
      0,
    ]);
    expect(fill([3, 4], [1, 2], { length: 8, within: 1 })).toEqual([none, none, 1, 1, 2, 2, none, none]);
    expect(fill([3, 5], [1, 2], { length: 8, within: 0 })).toEqual([
      none,
      none,
      none,
      1,
      none,
      2,
      none,
      none,
    ]);
  });

  it('uses neighbours outside of what is wanted, fills all columns, and knows nothing of nothing', () => {
    expect(fill([0, 4], [0, 4], { first: 1, length: 3 })).toEqual([1, 2, 3]);
    const table = fillFrames(Float32Array.of(0, 1, 1, 0), [0, 2], { length: 3 });
    expect([...table.values]).toEqual([0, 1, 0.5, 0.5, 1, 0]);
    expect(fillFrames(new Float32Array(0), [], { length: 2 }).known).toEqual(new Uint8Array(2));
  });

  it('keeps what there is, whatever the gaps', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(50), { minLength: 1 }), fc.nat(5), (chosen, within) => {
        const frames = chosen.toSorted((a, b) => a - b);
        const { values, known } = fillFrames(Float32Array.from(frames, Math.sqrt), frames, {
          length: 51,
          within,
        });
        for (const frame of frames) {
          expect(known[frame]).toBe(1);
          expect(values[frame]).toBe(Math.fround(Math.sqrt(frame)));
        }
      }),
    );
  });

  it('refuses frames that do not ascend', () => {
    expect(() => fillFrames(Float32Array.of(1, 2), [3, 3], { length: 5 })).toThrow(
      'frame 3 comes after frame 3; expected ascending numbers',
    );
  });
});
