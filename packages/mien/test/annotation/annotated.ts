// For tests of annotated frames: readings with one thing in them, and looking at pixels.

import { type Annotator, type AnnotatorOptions, createAnnotator } from 'mien/annotation';
import type { RgbImage } from 'mien/images';
import { ABAW3, TASKS } from 'mien/labels';
import type { FaceReading, FrameReading } from 'mien/reading';

export type Rgb = readonly [number, number, number];

export const GREY: Rgb = [120, 120, 120];

export function plainPicture(width: number, height: number, [red, green, blue]: Rgb = GREY): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i += 3) data.set([red, green, blue], i);
  return { width, height, data };
}

/** A face in the picture's middle that says nothing but what is given. */
export function faceReading(given: Partial<FaceReading>, width = 640, height = 360): FaceReading {
  const side = Math.round(height / 3);
  const box = {
    x: Math.round(width / 2 - side / 2),
    y: Math.round(height / 2 - side / 2),
    width: side,
    height: side,
  };
  return { face: 0, box, landmarks: [], score: 0.9, ...given };
}

export function frameReading(
  faces: readonly FaceReading[],
  given: Partial<FrameReading> = {},
  width = 640,
  height = 360,
): FrameReading {
  const picture = plainPicture(width, height);
  return { source: 'made.mp4', frame: 0, time: 0, width, height, faces, picture, ...given };
}

export const annotatorOf = (given: Partial<AnnotatorOptions> = {}) =>
  createAnnotator({ schema: ABAW3, tasks: TASKS, width: 640, height: 360, ...given });

const annotators = new Map<string, Annotator>();
let sources = 0;

/** What an annotator makes of one frame without having seen others, in memory of its own. */
export function drawnOnce(frame: FrameReading, given: Partial<AnnotatorOptions> = {}): RgbImage {
  const { width, height } = frame;
  const options = { width, height, ...given };
  const key = JSON.stringify(options);
  const annotator = annotators.get(key) ?? annotatorOf(options);
  annotators.set(key, annotator);
  // It begins anew with another source, as a test of its own says.
  return copyOf(annotator.draw({ ...frame, source: `${++sources}.mp4` }));
}

export const copyOf = ({ width, height, data }: RgbImage): RgbImage => ({
  width,
  height,
  data: data.slice(),
});

export function pixel({ data, width }: RgbImage, x: number, y: number): Rgb {
  const at = (y * width + x) * 3;
  return [data[at] as number, data[at + 1] as number, data[at + 2] as number];
}

export const same = (one: Rgb, other: Rgb) => one.every((value, i) => value === other[i]);

export interface Place {
  x: number;
  y: number;
}

/** Pixels for which something is true, row by row. */
export function places(
  { width, height }: { width: number; height: number },
  isWanted: (x: number, y: number) => boolean,
): Place[] {
  const wanted: Place[] = [];
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) if (isWanted(x, y)) wanted.push({ x, y });
  return wanted;
}

/** Where two pictures of a size are not alike. */
export function differences(one: RgbImage, other: RgbImage): Place[] {
  const [a, b] = [one.data, other.data];
  return places(one, (x, y) => {
    const i = (y * one.width + x) * 3;
    return a[i] !== b[i] || a[i + 1] !== b[i + 1] || a[i + 2] !== b[i + 2];
  });
}

/** Where a picture has just this colour. */
export function placesOf({ data, width, height }: RgbImage, [red, green, blue]: Rgb): Place[] {
  return places({ width, height }, (x, y) => {
    const i = (y * width + x) * 3;
    return data[i] === red && data[i + 1] === green && data[i + 2] === blue;
  });
}

/** A face with one unit. */
export const unitAt = (probability: number, present = true) =>
  frameReading([faceReading({ actionUnits: { AU12: { probability, present } } })]);
/** A face that is happy or neutral. */
export const classesAt = (probability: number) =>
  frameReading([
    faceReading({
      expression: { label: 'happiness', probabilities: { happiness: probability, neutral: 1 - probability } },
    }),
  ]);

export interface Bar {
  y: number;
  from: number;
  to: number;
}

/**
 * The bar whose length changes between two pictures that are alike otherwise: a run of one colour in the right of the
 * picture. @returns its row and columns
 */
export function barOf(empty: RgbImage, full: RgbImage): Bar {
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
