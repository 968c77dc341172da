// Mixup (Zhang et al. 2018): pictures and their labels are mixed with those of a partner in the same batch.

import { fromTypedArray, type Tensor, tidy } from '@mien/torch';
import type { Random } from '../../random/index.js';
import type { LabelTensors } from './labels.js';
import type { Label } from './masked.js';

/** The logarithm of a draw from Gamma(shape, 1) (Marsaglia and Tsang 2000); of small shapes the draw itself underflows. */
function logGamma(shape: number, random: Random): number {
  if (shape < 1) return logGamma(shape + 1, random) + Math.log(1 - random.float()) / shape;
  const d = shape - 1 / 3;
  for (;;) {
    const x = random.normal();
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - random.float()) < (x * x) / 2 + d - d * v + d * Math.log(v))
      return Math.log(d) + Math.log(v);
  }
}

/** A draw from Beta(alpha, alpha), 0 … 1. @param alpha above 0 */
export function symmetricBeta(alpha: number, random: Random): number {
  return 1 / (1 + Math.exp(logGamma(alpha, random) - logGamma(alpha, random)));
}

/**
 * λ·(row) + (1 − λ)·(partner), with one λ from Beta(alpha, alpha) and partners by one permutation for the whole batch.
 * A mixed label is known where both are.
 * @param images [n, …], or windows [B, T, …] whose labels have B·T rows: windows are mixed as a whole
 * @param random gives λ and the partners: processes that shall mix alike give it the same state
 * @param alpha 0 mixes nothing
 */
export function mixup(
  images: Tensor,
  labels: LabelTensors,
  random: Random,
  alpha: number,
): { images: Tensor; labels: LabelTensors } {
  if (alpha === 0) return { images, labels };
  const share = symmetricBeta(alpha, random);
  const partners = random.permutation(images.size(0));
  const partnersOf = (values: Tensor) => {
    const each = values.size(0) / partners.length;
    const rows = Int32Array.from({ length: values.size(0) }, (_, i) => {
      const partner = partners[Math.floor(i / each)] as number;
      return partner * each + (i % each);
    });
    return values.indexSelect(0, fromTypedArray(rows, undefined, { device: values.device }));
  };
  const mixed = (values: Tensor) => values.mul(share).add(partnersOf(values).mul(1 - share));
  const mixedLabel = ({ target, known }: Label): Label => ({
    target: mixed(target),
    known: known.mul(partnersOf(known)),
  });
  return tidy(() => ({
    images: mixed(images),
    labels: Object.fromEntries(Object.entries(labels).map(([task, label]) => [task, mixedLabel(label)])),
  }));
}
