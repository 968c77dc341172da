// Valence and arousal as 20 bins: the points that bins are decoded to, and the bin that a value falls into. In the
// reference the two disagree (points −1 … 1, bins with centres −0.95 … 0.95); both can be brought together.

import { cat, type Tensor, tensor } from '@mien/torch';
import { DECODE_POINTS, type Decoding } from '../../models/index.js';
import { widened } from './masked.js';
import type { LossSettings } from './settings.js';

/** Bins of valence, and as many of arousal. */
export const BINS = 20;

const bins = Array.from({ length: BINS }, (_, k) => k);

/** Edges between bins (19), in the reference's arithmetic: k·0.1 + (−1) in double precision. */
const REFERENCE_EDGES = bins.slice(1).map((k) => k * 0.1 + -1);

function edgesOf(rule: LossSettings['bins'], decoding: Decoding): readonly number[] {
  if (rule === 'edges' || decoding === 'centres') return REFERENCE_EDGES;
  const points = DECODE_POINTS[decoding];
  return points.slice(1).map((point, k) => (point + (points[k] as number)) / 2);
}

/** Decimals to which a label in float32 is read back as the number that it was written as. */
const LABEL_DECIMALS = 1e6;

/**
 * A value on an edge belongs to the bin above; which values lie on one depends on their precision. Values beyond −1 and 1
 * fall into the outer bins.
 *
 * `ties: 'float32'` compares the value rounded to float32 with the edges in double precision, as the reference's loss
 * does. `float64` compares the double, as the reference's sampler does; a float32 tensor is first read back as the
 * decimal of six digits that it stands for.
 * @param values [n]
 * @returns bins 0 … 19 [n], int64
 */
export function binsOf(
  values: Tensor,
  { bins, ties, decoding }: Pick<LossSettings, 'bins' | 'ties' | 'decoding'>,
): Tensor {
  const compared =
    ties === 'float32'
      ? values.float().double()
      : values.dtype === 'float64'
        ? values
        : values.double().mul(LABEL_DECIMALS).round().div(LABEL_DECIMALS);
  const edges = tensor(edgesOf(bins, decoding), { dtype: 'float64', device: values.device });
  return compared.unsqueeze(1).ge(edges).sum([1]);
}

/** Σ softmax(logits)·point. @param logits [n, 20] @returns −1 … 1 [n] */
export function expectation(logits: Tensor, decoding: Decoding): Tensor {
  const { dtype, device } = logits;
  return logits.softmax(1).mul(tensor(DECODE_POINTS[decoding], { dtype, device })).sum([1]);
}

/** @param logits [n, 40], valence bins then arousal bins @returns valence and arousal [n, 2], in float32 at least */
export function decodeValenceArousal(logits: Tensor, decoding: Decoding): Tensor {
  const wide = widened(logits);
  const columns = [0, BINS].map((from) => expectation(wide.narrow(1, from, BINS), decoding).unsqueeze(1));
  return cat(columns, 1);
}
