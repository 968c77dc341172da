// What a model's file says about itself: all that one needs to feed it and to read its output.

import * as z from 'zod';
import { NORMALIZATION } from '../loading/index.js';
import { NETWORK_SPEC } from './spec.js';

/** Which points the expectation of valence and arousal is taken over: 20 from −1 to 1, or the centres of 20 equal bins. */
export const DECODINGS = ['endpoints', 'centres'] as const;
export type Decoding = (typeof DECODINGS)[number];

export const MODEL_INFO = z.strictObject({
  version: z.literal(1),
  network: NETWORK_SPEC,
  /** How a face crop becomes the input: shorter edge to `edge` pixels, centre square of the network's input size. */
  input: z.strictObject({ edge: z.number().int().positive(), normalization: NORMALIZATION }),
  decoding: z.enum(DECODINGS),
  /** Probability from which an action unit counts as present, by its name; 0.5 where there is none. */
  thresholds: z.record(z.string(), z.number()).optional(),
  /** How it came to be. */
  training: z
    .strictObject({
      /** Version of this program. */
      mien: z.string(),
      /** Such as `teacher` or `student_2`. */
      member: z.string(),
      phase: z.string(),
      seed: z.number().int(),
      epoch: z.number().int(),
      /** Data sets, by task. */
      data: z.record(z.string(), z.array(z.string())),
      /** On the validation sides. */
      scores: z.unknown().optional(),
    })
    .optional(),
  /** Where weights came from that were not trained here. */
  origin: z.string().optional(),
  licence: z.string().optional(),
});

export type ModelInfo = z.infer<typeof MODEL_INFO>;
