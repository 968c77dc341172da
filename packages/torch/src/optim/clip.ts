// Gradients held within bounds, between `backward` and `step`.
import { noGrad } from '../autograd.js';
import { stack } from '../creation.js';
import { aten } from '../operators.js';
import { tidy } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { placeOf } from './batch.js';

export interface ClipGradNormOptions {
  /** Exponent of the norm, > 0; Infinity: the largest absolute value. Default: 2. */
  normType?: number;
  /** Refuse a norm that is infinite or not a number, instead of spreading it. Default: false. */
  errorIfNonfinite?: boolean;
}

/** Added to the norm before it divides, as PyTorch does. */
const NORM_EPS = 1e-6;

/**
 * Scales the gradients so that their norm, taken over all of them as one vector, is at most `maxNorm`.
 * @param params each once; those without a gradient do not count
 * @returns the norm before scaling
 * @throws RangeError for a norm that is not finite, if `errorIfNonfinite`; gradients are then as they were
 */
export function clipGradNorm_(
  params: Iterable<Tensor>,
  maxNorm: number,
  { normType = 2, errorIfNonfinite = false }: ClipGradNormOptions = {},
): number {
  if (!(maxNorm >= 0))
    throw new RangeError(`clipGradNorm_: expected maxNorm to be at least 0, found ${maxNorm}`);
  if (!(normType > 0))
    throw new RangeError(`clipGradNorm_: expected normType to be above 0, found ${normType}`);
  return noGrad(() =>
    tidy(() => {
      const batches = gradsByPlace(params);
      const total = vectorNorm(
        batches.flatMap((grads) => norms(grads, normType)),
        normType,
      );
      if (errorIfNonfinite && !Number.isFinite(total)) {
        throw new RangeError(
          `the norm of the gradients is ${total}; the last backward pass overflowed or divided by zero`,
        );
      }
      const scale = maxNorm / (total + NORM_EPS);
      // Written so that a norm that is not a number is spread, not hidden.
      if (!(scale >= 1)) for (const grads of batches) aten._foreachMul_(grads, scale);
      return total;
    }),
  );
}

/**
 * Holds every element of the gradients within ±`clipValue`.
 * @throws RangeError for a negative bound
 */
export function clipGradValue_(params: Iterable<Tensor>, clipValue: number): void {
  if (!(clipValue >= 0))
    throw new RangeError(`clipGradValue_: expected a bound of at least 0, found ${clipValue}`);
  noGrad(() =>
    tidy(() => {
      for (const grad of gradsByPlace(params).flat()) grad.clamp_(-clipValue, clipValue);
    }),
  );
}

function gradsByPlace(params: Iterable<Tensor>): Tensor[][] {
  const places = new Map<string, Tensor[]>();
  for (const { grad } of params) {
    if (grad === null) continue;
    const place = placeOf(grad);
    const grads = places.get(place);
    if (grads === undefined) places.set(place, [grad]);
    else grads.push(grad);
  }
  return [...places.values()];
}

/** The norm of each gradient, brought over in one transfer. */
function norms(grads: Tensor[], normType: number): number[] {
  return Array.from(stack(aten._foreachNorm(grads, normType)).double().toTypedArray() as Float64Array);
}

function vectorNorm(values: readonly number[], normType: number): number {
  if (normType === Infinity)
    return values.reduce((largest, x) => (x > largest || Number.isNaN(x) ? x : largest), 0);
  return values.reduce((sum, x) => sum + x ** normType, 0) ** (1 / normType);
}
