// What a model's file says about itself: all that one needs to feed it and to read its output.

import * as z from 'zod';
import { ALIGNMENTS, type CropRecipe } from '../faces/index.js';
import { DataError } from '../files/index.js';
import { TASKS } from '../labels/index.js';
import { NORMALIZATION } from '../loading/index.js';
import { NETWORK_SPEC } from './spec.js';

/** Which points the expectation of valence and arousal is taken over: 20 from −1 to 1, or the centres of 20 equal bins. */
export const DECODINGS = ['endpoints', 'centres'] as const;
export type Decoding = (typeof DECODINGS)[number];

/** How values are smoothed over the frames of a clip. */
export const SMOOTHING = z.strictObject({
  kind: z.enum(['box', 'exponential', 'median']),
  /** Width of the window, odd; of `exponential` the span: a weight of 2 / (frames + 1) for the newest frame. */
  frames: z.number().int().positive(),
});
export type Smoothing = z.infer<typeof SMOOTHING>;

/** What is chosen after training, on data that are not scored. All of it is optional. */
export const TUNING = z.strictObject({
  /** Probability above which an action unit counts as present, by its name; 0.5 where there is none. */
  thresholds: z.record(z.string(), z.number()).optional(),
  /** What makes probabilities of logits honest; left out where nothing was fitted. */
  calibration: z
    .strictObject({
      /** Logits are divided by it before the softmax. */
      EXPR: z.number().positive().optional(),
      /** σ(slope · logit + intercept), by the action unit's name. */
      AU: z.record(z.string(), z.strictObject({ slope: z.number(), intercept: z.number() })).optional(),
    })
    .optional(),
  /** Of probabilities and values, after calibration and before decisions. */
  smoothing: z.partialRecord(z.enum(TASKS), SMOOTHING).optional(),
  /** What it was chosen on and how, in words. */
  tunedOn: z.string().optional(),
});
export type Tuning = z.infer<typeof TUNING>;

/** How a face is cut out of its picture. */
export const CROP = z.strictObject({
  align: z.enum(ALIGNMENTS),
  /** Side in pixels, or as many as the face has in its picture. */
  size: z.union([z.number().int().positive(), z.literal('natural')]),
  /** Share by which the field of view is wider than the alignment's own. */
  margin: z.number(),
});

export const MODEL_INFO = z.strictObject({
  version: z.literal(1),
  network: NETWORK_SPEC,
  /** How a face crop becomes the input: shorter edge to `edge` pixels, centre square of the network's input size. */
  input: z.strictObject({ edge: z.number().int().positive(), normalization: NORMALIZATION }),
  /** How the face was cut out of its picture before that; left out where the data sets' own crops were taken. */
  crop: CROP.optional(),
  decoding: z.enum(DECODINGS),
  ...TUNING.shape,
  /** What was tuned for this model and others together; it holds for these alone. */
  ensembles: z
    .array(
      z.strictObject({
        /** Hashes of all members' weights, this model's among them, sorted. */
        members: z.array(z.string()).min(2),
        ...TUNING.shape,
      }),
    )
    .optional(),
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

/** The info with another crop, of the size that needs no further scaling. */
export const withCrop = (info: ModelInfo, { align, margin }: Omit<CropRecipe, 'size'>): ModelInfo => ({
  ...info,
  crop: { align, margin, size: info.input.edge },
});

/** Key of the description in a file's metadata. */
export const MODEL_KEY = 'mien.model';

/** @throws DataError when there is no description, or it is none that is known here */
export function parseInfo(file: string, text: string | undefined): ModelInfo {
  if (text === undefined)
    throw new DataError(
      { file },
      { found: 'weights without a description of their network', expected: 'a model that was saved here' },
    );
  try {
    return MODEL_INFO.parse(JSON.parse(text));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause).replace(/\s+/g, ' ') : String(cause);
    throw new DataError(
      { file },
      { found: `a model description that does not parse (${why})`, expected: 'version 1', cause },
    );
  }
}
