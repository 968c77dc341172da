// What is done to every picture on its way to a network, as plain data: it goes into recipes and to loader threads.

import * as z from 'zod';
import type { RgbImage } from '../images/index.js';
import type { Random } from '../random/index.js';
import { createAugmenter } from './augment.js';
import { AUGMENTATION, drawAugmentation } from './augmentation.js';
import { centreCrop, paperEdge, randomCrop, writeCrop } from './crop.js';
import {
  FER_PLUS_NORMALIZATION,
  NORMALIZATION,
  type Normalization,
  normalizationTable,
} from './normalization.js';
import { resizeShorterEdge } from './resize.js';

const SIZE = z.number().int().min(8).max(2048);

const COMMON = {
  /** Edge of the square that comes out, pixels. */
  size: SIZE.default(112),
  normalization: NORMALIZATION.default(FER_PLUS_NORMALIZATION),
  /** Normalised numbers, or bytes 0 … 255 that the network's side normalises itself: a quarter of the memory. */
  output: z.enum(['float32', 'uint8']).default('float32'),
};

/** For evaluation and inference: shorter side to `edge`, centre square. The reference's validation transform. */
const EVALUATION = z.strictObject({
  kind: z.literal('evaluation'),
  ...COMMON,
  /** Default int(1.2 · size), the reference's. */
  edge: SIZE.optional(),
});

/** The reference's training transform: shorter side to int(1.2 · size), a square anywhere, mirrored half the time. */
const PAPER = z.strictObject({
  kind: z.literal('paper'),
  ...COMMON,
  /**
   * As the reference, which draws one number per process for x, y and flip of every picture. Without it, three numbers are
   * drawn for each.
   */
  sharedRandomNumber: z.number().min(0).lt(1).optional(),
});

/** Our training transform. */
const AUGMENTED = z.strictObject({
  kind: z.literal('augmented'),
  ...COMMON,
  augmentation: AUGMENTATION.prefault({}),
});

export const TRANSFORM = z
  .discriminatedUnion('kind', [EVALUATION, PAPER, AUGMENTED])
  .refine(({ size, ...rest }) => !('edge' in rest && rest.edge !== undefined && rest.edge < size), {
    path: ['edge'],
    message: 'expected at least the size',
  });

export type TransformSpec = z.infer<typeof TRANSFORM>;
/** As people write it: everything but `kind` has a default. */
export type TransformInput = z.input<typeof TRANSFORM>;

/**
 * Writes the picture's tensor. The same picture and random state give the same tensor; frames that get random states of the
 * same keys get the same change.
 * @param out [3, size, size] from `offset` on
 */
export type Transform = (
  image: RgbImage,
  random: Random,
  out: Float32Array | Uint8Array,
  offset: number,
) => void;

const BYTES = Array.from({ length: 3 * 256 }, (_, i) => i & 255);

function outputTable(output: TransformSpec['output'], normalization: Normalization): ArrayLike<number> {
  return output === 'uint8' ? BYTES : normalizationTable(normalization);
}

export function createTransform(spec: TransformSpec): Transform {
  const { size, normalization, output } = spec;
  if (spec.kind === 'augmented') {
    const augment = createAugmenter(size, normalization, output === 'uint8');
    return (image, random, out, offset) =>
      augment(image, drawAugmentation(random, spec.augmentation), out, offset);
  }
  const table = outputTable(output, normalization);
  if (spec.kind === 'evaluation') {
    const { edge = paperEdge(size) } = spec;
    return (image, _, out, offset) => {
      const resized = resizeShorterEdge(image, edge);
      writeCrop(resized, centreCrop(resized, size), size, table, out, offset);
    };
  }
  const { sharedRandomNumber: v } = spec;
  return (image, random, out, offset) => {
    const resized = resizeShorterEdge(image, paperEdge(size));
    const draws =
      v === undefined ? ([random.float(), random.float(), random.float()] as const) : ([v, v, v] as const);
    writeCrop(resized, randomCrop(resized, size, draws), size, table, out, offset);
  };
}
