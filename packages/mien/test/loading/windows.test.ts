import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { FaceTable } from 'mien/datasets';
import { ABAW1 } from 'mien/labels';
import { clipsOf, PAPER_WINDOW_USES, paperWindows, windowsOf, windowsOver } from 'mien/loading';
import { describe, expect, it } from 'vitest';
import { GOLDEN } from '../support/golden.js';

const cases = JSON.parse(readFileSync(join(GOLDEN, 'datasets/expected/windows.json'), 'utf8')) as (Record<
  string,
  number[][]
> & { n: number; S: number })[];
const frames = fc.integer({ min: 1, max: 200 });
const length = fc.integer({ min: 1, max: 40 });

describe("the reference's windows", () => {
  it.each(PAPER_WINDOW_USES)('are repeated with their defects: %s', (use) => {
    expect(cases.length).toBeGreaterThan(30);
    expect(cases.map(({ n, S }) => paperWindows(n, S, use))).toEqual(cases.map((one) => one[use]));
  });

  it('lose frames of a clip that is a little short', () => {
    expect(new Set(paperWindows(27, 32, 'test')[0])).toEqual(new Set([22, 23, 24, 25, 26]));
  });
});

describe('windows', () => {
  it('take all frames of a short clip, then repeat the last', () => {
    const [window, ...rest] = windowsOver(5, 8, 'evaluation');
    expect(rest).toEqual([]);
    expect(window).toEqual({ frames: [0, 1, 2, 3, 4, 4, 4, 4], counts: [1, 1, 1, 1, 1, 0, 0, 0] });
  });

  it('overlap by half in training, and end with the clip', () => {
    expect(windowsOver(19, 8, 'train').map(({ frames: [first] }) => first)).toEqual([0, 4, 8, 11]);
    expect(windowsOver(20, 8, 'train').map(({ frames: [first] }) => first)).toEqual([0, 4, 8, 12]);
  });

  it('leave an overlap of evaluation to the earlier window', () => {
    const windows = windowsOver(10, 4, 'evaluation');
    expect(windows.map(({ frames: [first] }) => first)).toEqual([0, 4, 6]);
    expect(windows[2]?.counts).toEqual([0, 0, 1, 1]);
  });

  it('of evaluation count every frame exactly once', () => {
    fc.assert(
      fc.property(frames, length, (n, S) => {
        const counted = windowsOver(n, S, 'evaluation').flatMap((window) =>
          window.frames.filter((_, i) => window.counts[i] === 1),
        );
        expect(counted).toEqual(Array.from({ length: n }, (_, i) => i));
      }),
    );
  });

  it('of training show every frame, no window twice, and S frames in a row where there are as many', () => {
    fc.assert(
      fc.property(frames, length, (n, S) => {
        const windows = windowsOver(n, S, 'train');
        expect(new Set(windows.flatMap((window) => window.frames)).size).toBe(n);
        expect(new Set(windows.map((window) => window.frames.join())).size).toBe(windows.length);
        for (const window of windows) {
          expect(window.frames.length).toBe(S);
          const first = window.frames[0] ?? 0;
          expect(window.frames).toEqual(Array.from({ length: S }, (_, i) => Math.min(first + i, n - 1)));
          expect(window.counts.filter((one) => one === 1).length).toBe(Math.min(S, n));
        }
      }),
    );
  });
});

describe('clips of a manifest', () => {
  function facesOf(rows: [dataset: string, clip: string | undefined, frame: number | undefined][]) {
    const faces = new FaceTable(ABAW1);
    for (const [dataset, clip, frame] of rows) faces.push({ dataset, image: 'x.jpg', clip, frame });
    return { file: 'm.parquet', faces };
  }
  const rowsOf = (clips: Int32Array[]) => clips.map((clip) => [...clip]);

  it('are told apart by data set and name, and ordered by frame', () => {
    const manifest = facesOf([
      ['a', 'one', 2],
      ['b', 'one', 0],
      ['a', 'one', 0],
      ['a', 'two', 5],
      ['a', 'one', 1],
    ]);
    expect(rowsOf(clipsOf(manifest))).toEqual([[2, 4, 0], [1], [3]]);
    expect(rowsOf(clipsOf(manifest, { rows: [0, 3, 4] }))).toEqual([[4, 0], [3]]);
  });

  it('end at gaps when asked to', () => {
    const manifest = facesOf([0, 1, 2, 5, 6, 9].map((frame) => ['a', 'one', frame]));
    expect(rowsOf(clipsOf(manifest))).toEqual([[0, 1, 2, 3, 4, 5]]);
    expect(rowsOf(clipsOf(manifest, { splitAtGaps: true }))).toEqual([[0, 1, 2], [3, 4], [5]]);
  });

  it('need a clip in every row', () => {
    const manifest = facesOf([
      ['a', 'one', 0],
      ['a', undefined, 1],
    ]);
    expect(() => clipsOf(manifest)).toThrow(/^m\.parquet:2: found a face without a clip; expected clips/);
  });

  it('give windows of rows', () => {
    const manifest = facesOf([4, 3, 2, 1, 0].map((frame) => ['a', 'one', frame]));
    const windows = windowsOf(clipsOf(manifest), 3, 'evaluation');
    expect(windows).toEqual({
      count: 2,
      frames: 3,
      rows: Int32Array.of(4, 3, 2, 2, 1, 0),
      counts: Uint8Array.of(1, 1, 1, 0, 1, 1),
    });
  });
});
