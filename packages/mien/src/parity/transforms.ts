// Input transforms: decoding, and the tensors that the reference's resize, crop and normalisation gave.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as z from 'zod';
import { decodeRgb, type RgbImage } from '../images/index.js';
import {
  centreCrop,
  FER_PLUS_NORMALIZATION,
  normalizationTable,
  paperEdge,
  randomCrop,
  resizeShorterEdge,
  writeCrop,
} from '../loading/index.js';
import type { ParityCase, ParityPart } from './index.js';

const FOLDER = 'datasets/expected';
const CASE = z.object({
  image: z.string(),
  transform: z.enum(['validation', 'train']),
  /** The shared random number of `train`. */
  v: z.number().optional(),
  image_size: z.number(),
  tensor: z.string(),
  decoded_rgb: z.string().optional(),
});

/** Pillow's arithmetic is repeated to the last bit; float32 means leave no room either. */
const TENSOR_TOLERANCE = 1e-4;
/** Mean difference of bytes: JPEG decoders may differ by rounding. */
const DECODER_TOLERANCE = 1;

function tensorOf(
  image: RgbImage,
  { transform, v = 0, image_size: size }: z.infer<typeof CASE>,
): Float32Array {
  const resized = resizeShorterEdge(image, paperEdge(size));
  const crop = transform === 'train' ? randomCrop(resized, size, [v, v, v]) : centreCrop(resized, size);
  const out = new Float32Array(3 * size * size);
  writeCrop(resized, crop, size, normalizationTable(FER_PLUS_NORMALIZATION), out, 0);
  return out;
}

function difference(ours: ArrayLike<number>, theirs: ArrayLike<number>) {
  if (ours.length !== theirs.length) return { largest: Number.NaN, mean: Number.NaN };
  let largest = 0;
  let sum = 0;
  for (let i = 0; i < ours.length; i++) {
    const one = Math.abs((ours[i] as number) - (theirs[i] as number));
    largest = Math.max(largest, one);
    sum += one;
  }
  return { largest, mean: sum / ours.length };
}

async function* check(folder: string): AsyncGenerator<ParityCase> {
  const expected = (name: string) => join(folder, FOLDER, name);
  const cases = z.array(CASE).parse(JSON.parse(await readFile(expected('transforms/index.json'), 'utf8')));
  for (const one of cases) {
    let image = await decodeRgb(join(folder, 'datasets/raw', one.image));
    if (one.decoded_rgb !== undefined) {
      const theirs = await decodeRgb(expected(one.decoded_rgb));
      const { mean, largest } = difference(image.data, theirs.data);
      yield {
        name: `${one.image}, decoded`,
        error: mean,
        tolerance: DECODER_TOLERANCE,
        ...(largest > 0 ? { note: `largest ${largest} of 255` } : {}),
      };
      image = theirs;
    }
    const bytes = gunzipSync(await readFile(expected(one.tensor)));
    const tensor = new Float32Array(
      bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
    );
    const how = one.v === undefined ? one.transform : `${one.transform} at ${one.v}`;
    yield {
      name: `${one.image}, ${how}, ${one.image_size} px`,
      error: difference(tensorOf(image, one), tensor).largest,
      tolerance: TENSOR_TOLERANCE,
    };
  }
}

export const TRANSFORMS: ParityPart = {
  name: 'transforms',
  needs: [`${FOLDER}/transforms/index.json`],
  check,
};
