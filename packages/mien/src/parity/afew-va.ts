import { join } from 'node:path';
import { readAfewVa } from '../datasets/index.js';
import {
  cropFace,
  fourPoints,
  type Point,
  type ReferenceGeometry,
  referenceGeometry,
  warp,
} from '../faces/index.js';
import { decodeRgb, type RgbImage } from '../images/index.js';
import { LegacyNumpyRandom } from '../random/index.js';
import { compareLists, largestDifference, readGolden, rowsOf } from './compare.js';
import type { ParityCase, ParityPart } from './index.js';

const ROOT = 'datasets/raw/afew_va';
const EXPECTED = 'datasets/expected/afew_va.json';
const ALIGNED = 'datasets/expected/afew_va_aligned';
const SPLITS = { Training_Set: 'train', Validation_Set: 'validation' } as const;

interface GoldenGeometry {
  image_size: [number, number];
  angle_degrees: number;
  points: [number, number][];
  rotated_canvas: [number, number];
  mapping_canvas: [number, number];
  mapped_points: [number, number][];
  crop_box: [number, number, number, number];
  crop_size: [number, number];
}

interface GoldenRow {
  split: keyof typeof SPLITS;
  video: string;
  frame: string;
  source: string;
  label: [number, number];
  geometry: GoldenGeometry;
}

interface Golden {
  permutation: number[];
  clips: Record<keyof typeof SPLITS, string[]>;
  crops_stored_for: string[];
  rows: GoldenRow[];
}

/** Keeps the largest error and where it is; a NaN stays. */
class Worst {
  error = 0;
  note = '';
  see(error: number, where: string): void {
    if (Number.isNaN(this.error) || error <= this.error) return;
    this.error = error;
    this.note = where;
  }
  of(name: string, tolerance: number): ParityCase {
    return { name, tolerance, error: this.error, ...(this.note ? { note: this.note } : {}) };
  }
}

const flat = ({ leftEye, rightEye, leftMouth, rightMouth }: ReturnType<typeof fourPoints>) =>
  [leftEye, rightEye, leftMouth, rightMouth].flatMap(({ x, y }: Point) => [x, y]);

function geometryError(
  golden: GoldenGeometry,
  points: ReturnType<typeof fourPoints>,
  ours: ReferenceGeometry,
) {
  const { angle_degrees, mapped_points, crop_box } = golden;
  return largestDifference(
    [...golden.points.flat(), angle_degrees, ...mapped_points.flat(), ...crop_box],
    [...flat(points), ours.angleDegrees, ...flat(ours.mapped), ...ours.square],
  );
}

const sizesOf = ({ rotatedCanvas, mappingCanvas, crop }: ReferenceGeometry) => [
  [rotatedCanvas.width, rotatedCanvas.height],
  [mappingCanvas.width, mappingCanvas.height],
  [crop[2] - crop[0], crop[3] - crop[1]],
];

/** Splits, labels and geometry as the reference has them. */
export const AFEW_VA: ParityPart = {
  name: 'AFEW-VA',
  needs: [ROOT, EXPECTED],
  async *check(folder): AsyncGenerator<ParityCase> {
    const golden = await readGolden<Golden>(folder, EXPECTED);
    const rows = await rowsOf(readAfewVa, { root: join(folder, ROOT), align: 'none' as const });
    const permutation = new LegacyNumpyRandom(0).permutation(golden.permutation.length);
    yield compareLists('permutation', permutation, golden.permutation);
    for (const [name, split] of Object.entries(SPLITS)) {
      const clips = [...new Set(rows.filter((row) => row.split === split).map(({ clip }) => clip))];
      const expected = golden.clips[name as keyof typeof SPLITS];
      yield compareLists(`clips of ${name}`, clips, expected);
    }
    const expected = golden.rows.map(({ split, video, source }) => [SPLITS[split], video, source]);
    const found = rows.map(({ split, clip, image }) => [split, clip, `afew_va/${image}`]);
    const comparison = compareLists(`${expected.length} rows`, found, expected);
    yield comparison;
    if (comparison.error > 0) return;
    const [labels, geometry] = [new Worst(), new Worst()];
    const sizes: unknown[] = [];
    golden.rows.forEach((row, i) => {
      const where = `${row.video}/${row.frame}`;
      const { valence = Number.NaN, arousal = Number.NaN, landmarks = [] } = rows[i] ?? {};
      labels.see(largestDifference(row.label, [valence, arousal]), where);
      const points = fourPoints(landmarks);
      const [width, height] = row.geometry.image_size;
      const ours = referenceGeometry(points, { width, height });
      geometry.see(geometryError(row.geometry, points, ours), where);
      sizes.push(sizesOf(ours));
    });
    yield labels.of('valence and arousal', 1e-12);
    yield geometry.of('points, angle and crop box', 1e-6);
    const goldenSizes = golden.rows.map(({ geometry: one }) => [
      one.rotated_canvas,
      one.mapping_canvas,
      one.crop_size,
    ]);
    yield compareLists('canvases and crop sizes', sizes, goldenSizes);
  },
};

/** Mean absolute difference over the part that both pictures have, of 0 … 255. */
function meanDifference(one: RgbImage, other: RgbImage): number {
  const [width, height] = [Math.min(one.width, other.width), Math.min(one.height, other.height)];
  let sum = 0;
  for (let y = 0; y < height; y++)
    for (let k = 0; k < width * 3; k++)
      sum += Math.abs((one.data[y * one.width * 3 + k] ?? 0) - (other.data[y * other.width * 3 + k] ?? 0));
  return sum / (width * height * 3);
}

/** Share of pixels that are not equal; 1 where the sizes differ. */
function unequalShare(one: RgbImage, other: RgbImage): number {
  if (one.width !== other.width || one.height !== other.height) return 1;
  let unequal = 0;
  for (let i = 0; i < one.data.length; i += 3)
    if ([0, 1, 2].some((k) => one.data[i + k] !== other.data[i + k])) unequal++;
  return (unequal * 3) / one.data.length;
}

/** The aligned crops, pixel for pixel: as the reference, interpolated, and with its half pixel corrected. */
export const AFEW_VA_CROPS: ParityPart = {
  name: 'AFEW-VA crops',
  needs: [ROOT, EXPECTED, ALIGNED],
  async *check(folder): AsyncGenerator<ParityCase> {
    const golden = await readGolden<Golden>(folder, EXPECTED);
    const [nearest, bilinear, corrected, size] = [new Worst(), new Worst(), new Worst(), new Worst()];
    for (const row of golden.rows.filter(({ video }) => golden.crops_stored_for.includes(video))) {
      const where = `${row.video}/${row.frame}`;
      const picture = await decodeRgb(join(folder, 'datasets/raw', row.source));
      const crop = await decodeRgb(join(folder, ALIGNED, row.video, `${row.frame}.png`));
      const landmarks = row.geometry.points.flat();
      const recipe = { size: 'natural', margin: 0 } as const;
      nearest.see(
        unequalShare(crop, cropFace(picture, { landmarks }, { ...recipe, align: 'reference' })),
        where,
      );
      const { toPicture } = referenceGeometry(fourPoints(landmarks), picture);
      bilinear.see(meanDifference(crop, warp(picture, toPicture, crop, 'bilinear')), where);
      const ours = cropFace(picture, { landmarks }, { ...recipe, align: 'bilinear' });
      corrected.see(meanDifference(crop, ours), where);
      size.see(Math.max(Math.abs(crop.width - ours.width), Math.abs(crop.height - ours.height)), where);
    }
    yield nearest.of('nearest neighbour: share of unequal pixels', 0.01);
    yield bilinear.of('bilinear: mean difference', 3);
    yield corrected.of('half pixel corrected: mean difference', 8);
    yield size.of('half pixel corrected: crop size', 1);
  },
};
