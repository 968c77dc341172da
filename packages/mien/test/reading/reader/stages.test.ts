// What readers do to faces, against the same done another way: by evaluation on crops, and by formulas over whole tracks.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FaceTable } from 'mien/datasets';
import { cropFace, fourPoints } from 'mien/faces';
import { encodePng, type RgbImage } from 'mien/images';
import { decide, type Estimates, type ModelOutput } from 'mien/judging';
import { ABAW1 } from 'mien/labels';
import type { ModelInfo } from 'mien/models';
import { openRunner } from 'mien/models/runners';
import { type FrameReading, openReader, type ReaderOptions, readFaces } from 'mien/reading';
import { beforeAll, describe, expect, it } from 'vitest';
import { picture } from '../../support/pictures.js';
import { all, faceIn, folderForAll, valuesOf, writeClip, writeOnnx } from './support.js';

const folder = folderForAll();
const FRAMES = 14;
const CROP: ModelInfo['crop'] = { align: 'similarity', size: 64, margin: 0.1 };
const AT_ONCE = { smoothLandmarks: 'none', threads: 1 } as const;
let clip: string;
let model: string;

beforeAll(async () => {
  clip = writeClip(join(folder, 'clip.mkv'), { from: 300, frames: FRAMES });
  model = await writeOnnx(join(folder, 'model.onnx'), { info: { crop: CROP } });
});

async function read(models: string[], options: Omit<ReaderOptions, 'models'> = {}): Promise<FrameReading[]> {
  const reader = await openReader({ models, ...AT_ONCE, ...options });
  try {
    return await all(reader.read(clip, { pictures: true }));
  } finally {
    await reader.close();
  }
}

/** All that was estimated of face `row`, in the order of `valuesOf`. */
const rowOf = ({ EXPR, AU, VA }: Estimates, row: number): number[] => {
  const part = (values: Float32Array | undefined, width: number) =>
    Array.from(values?.subarray(row * width, (row + 1) * width) ?? []);
  return [
    ...part(EXPR?.probabilities, ABAW1.expressions.length),
    ...part(AU?.probabilities, ABAW1.actionUnits.length),
    ...part(VA?.values, 2),
  ];
};

/** The frames' faces, cut out here, as evaluation reads them from files. */
async function evaluated(file: string, frames: readonly FrameReading[]): Promise<Estimates> {
  const faces = new FaceTable(ABAW1);
  for (const [frame, reading] of frames.entries()) {
    const image = `${frame}.png`;
    const crop = cropFace(reading.picture as RgbImage, faceIn(reading), CROP as NonNullable<typeof CROP>);
    writeFileSync(join(folder, image), await encodePng(crop));
    faces.push({ dataset: 'set', image, clip: 'clip', frame });
  }
  const runner = await openRunner(file, { threads: 1 });
  try {
    const { outputs } = await readFaces({
      manifest: { file: 'manifest', faces, roots: new Map([['set', folder]]) },
      rows: Int32Array.from(frames.keys()),
      runners: [runner],
      threads: 1,
    });
    return decide(outputs as ModelOutput[]);
  } finally {
    await runner.close();
  }
}

const largestDifference = (frames: readonly FrameReading[], expected: readonly number[][]): number =>
  Math.max(
    ...frames.flatMap((frame, i) =>
      valuesOf(faceIn(frame)).map((value, k) => Math.abs(value - (expected[i]?.[k] as number))),
    ),
  );

describe('a reader', () => {
  it('reads faces as evaluation reads their crops', async () => {
    const frames = await read([model]);
    const estimates = await evaluated(model, frames);
    const expected = frames.map((_, i) => rowOf(estimates, i));
    expect(largestDifference(frames, expected)).toBeLessThan(1e-6);
    expect(largestDifference(frames, [...expected].reverse())).toBeGreaterThan(1e-3);
  });

  it.each([4, 6, 20])('reads windows of %d frames as evaluation does', async (length) => {
    const file = await writeOnnx(join(folder, `windows-${length}.onnx`), {
      sequence: { length, hidden: 8 },
      info: { crop: CROP },
    });
    const frames = await read([file]);
    const estimates = await evaluated(file, frames);
    const expected = frames.map((_, i) => rowOf(estimates, i));
    expect(largestDifference(frames, expected)).toBeLessThan(1e-5);
    expect(largestDifference(frames, [...expected].reverse())).toBeGreaterThan(1e-4);
  });

  it('cuts faces for models without a crop so that eyes and mouth lie where data sets have them', async () => {
    const [frame] = await read([model]);
    const { landmarks } = faceIn(frame as FrameReading);
    const { width, height, data } = (frame as FrameReading).picture as RgbImage;
    const marked = { width, height, data: Uint8Array.from(data).fill(0) };
    const points = fourPoints(landmarks);
    for (const { x, y } of Object.values(points))
      for (const at of [0, 3]) {
        const start = (Math.floor(y - 0.5) * width + Math.floor(x - 0.5)) * 3 + at;
        marked.data.fill(255, start, start + 3);
        marked.data.fill(255, start + width * 3, start + width * 3 + 3);
      }
    const size = 200;
    const crop = cropFace(marked, { landmarks }, { align: 'portrait', size, margin: 0 });
    const heights = [0, 0, 0, 0];
    const sums = [0, 0, 0, 0];
    for (let i = 0; i < size * size; i++) {
      const [x, y] = [(i % size) + 0.5, Math.floor(i / size) + 0.5];
      const light = crop.data[i * 3] as number;
      const corner = (y > 0.6 * size ? 2 : 0) + (x > size / 2 ? 1 : 0);
      heights[corner] = (heights[corner] as number) + (light * y) / size;
      sums[corner] = (sums[corner] as number) + light;
    }
    const [left, right, mouthLeft, mouthRight] = heights.map((sum, i) => sum / (sums[i] as number)) as [
      number,
      number,
      number,
      number,
    ];
    expect((left + right) / 2).toBeCloseTo(0.4, 1.7);
    expect((mouthLeft + mouthRight) / 2).toBeCloseTo(0.79, 1.7);
  });
});

/** Mean, median and two-sided exponential average of the numbers around each. */
const FORMULAS = {
  box: (values: number[], at: number) => mean(near(values, at, 2)),
  median: (values: number[], at: number) => near(values, at, 2).sort((a, b) => a - b),
  exponential: (values: number[], at: number) => {
    const weights = values.map((_, i) => 0.5 ** Math.abs(i - at));
    const sum = weights.reduce((total, one) => total + one, 0);
    return values.reduce((total, value, i) => total + (value * (weights[i] as number)) / sum, 0);
  },
};
const near = (values: number[], at: number, reach: number) =>
  values.slice(Math.max(0, at - reach), at + reach + 1);
const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;
const middle = (sorted: readonly number[]) =>
  mean([sorted[(sorted.length - 1) >> 1] as number, sorted[sorted.length >> 1] as number]);

describe('smoothing over time', () => {
  /** Valence, and the probability of the first unit, of each frame. */
  const series = (frames: readonly FrameReading[]) => [
    frames.map((frame) => faceIn(frame).valence as number),
    frames.map((frame) => faceIn(frame).actionUnits?.AU1?.probability as number),
  ];

  it.each([
    ['box', 5, 1e-6],
    ['median', 5, 1e-6],
    ['exponential', 3, 1e-4], // decay 1/2; what is left out of the endless average is below 0.1 %
  ] as const)('by %s is what its formula says of the whole track', async (kind, frames, tolerance) => {
    const raw = series(await read([model], { smooth: 'none' }));
    const smooth = series(await read([model], { smooth: { kind, frames }, batch: 3 }));
    const formula = FORMULAS[kind];
    smooth.forEach((values, k) => {
      const own = raw[k] as number[];
      values.forEach((value, i) => {
        const expected = formula(own, i);
        expect(value).toBeCloseTo(
          typeof expected === 'number' ? expected : middle(expected),
          -Math.log10(2 * tolerance),
        );
      });
      expect(Math.max(...values.map((value, i) => Math.abs(value - (own[i] as number))))).toBeGreaterThan(
        1e-4,
      );
    });
  });

  it('is as the model stores it, with its thresholds and calibration', async () => {
    const raw = await read([model], { smooth: 'none' });
    const tuned = await writeOnnx(join(folder, 'tuned.onnx'), {
      info: {
        crop: CROP,
        thresholds: { AU1: 0, AU2: 1 },
        calibration: { AU: { AU4: { slope: 0, intercept: 2 } } },
        smoothing: { VA: { kind: 'box', frames: 3 } },
      },
    });
    const frames = await read([tuned]);
    const [valence] = series(raw) as [number[], number[]];
    frames.forEach((frame, i) => {
      const face = faceIn(frame);
      expect(face.valence).toBeCloseTo(mean(near(valence, i, 1)), 6);
      expect(face.actionUnits?.AU1?.present).toBe(true);
      expect(face.actionUnits?.AU2?.present).toBe(false);
      expect(face.actionUnits?.AU4?.probability).toBeCloseTo(1 / (1 + Math.exp(-2)), 6);
      expect(face.actionUnits?.AU6).toEqual(faceIn(raw[i] as FrameReading).actionUnits?.AU6);
    });
  });
});

it('a picture of no face has none, whatever its size', async () => {
  const reader = await openReader({ models: [model], ...AT_ONCE });
  for (const [width, height] of [
    [1, 1],
    [300, 20],
  ] as const)
    expect(await reader.readPicture(picture(1, width, height))).toMatchObject({ faces: [], width, height });
  await reader.close();
});
