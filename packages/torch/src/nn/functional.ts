// Losses whose operators take their reduction as a number; other operators are in `aten` as they are.
import { aten } from '../operators.js';
import { tidy } from '../scope.js';
import type { Tensor } from '../tensor.js';

/** What becomes of the losses of the elements. */
export type Reduction = 'none' | 'mean' | 'sum';

/** libtorch's numbers, `at::Reduction`. */
const REDUCTION: Record<Reduction, number> = { none: 0, mean: 1, sum: 2 };

export interface LossOptions {
  /** Default: mean. */
  reduction?: Reduction;
}

function code(reduction: Reduction = 'mean'): number {
  const number = REDUCTION[reduction];
  if (number === undefined)
    throw new TypeError(`expected a reduction of none, mean or sum, found '${reduction}'`);
  return number;
}

export interface CrossEntropyOptions extends LossOptions {
  /** Weight of every class [C]; the mean is then weighted too. */
  weight?: Tensor | null;
  /** Share of the target that is spread evenly over all classes, in [0, 1]. Default: 0. */
  labelSmoothing?: number;
  /** Targets of this value do not count. Default: −100. */
  ignoreIndex?: number;
}

/**
 * −ln softmax(logits) at the target.
 * @param logits [B, C] or [B, C, …]
 * @param target classes [B] or [B, …], int64; or probabilities of the shape of `logits`
 */
export function crossEntropy(logits: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const { weight = null, labelSmoothing = 0, ignoreIndex = -100, reduction } = options;
  return aten.crossEntropyLoss(logits, target, weight, code(reduction), ignoreIndex, labelSmoothing);
}

/** −logProbabilities at the target; see `crossEntropy` for shapes. */
export function nllLoss(
  logProbabilities: Tensor,
  target: Tensor,
  { weight = null, ignoreIndex = -100, reduction }: Omit<CrossEntropyOptions, 'labelSmoothing'> = {},
): Tensor {
  return aten.nllLossNd(logProbabilities, target, weight, code(reduction), ignoreIndex);
}

export interface BceOptions extends LossOptions {
  /** Weight of every element; broadcasts. */
  weight?: Tensor | null;
  /** Weight of the positive term of every class; broadcasts. */
  posWeight?: Tensor | null;
}

/** −[y ln σ(x) + (1 − y) ln(1 − σ(x))] for targets y in [0, 1] of the shape of `logits`. */
export function bceWithLogits(
  logits: Tensor,
  target: Tensor,
  { weight = null, posWeight = null, reduction }: BceOptions = {},
): Tensor {
  return aten.binaryCrossEntropyWithLogits(logits, target, weight, posWeight, code(reduction));
}

/** (x − y)². */
export function mseLoss(input: Tensor, target: Tensor, { reduction }: LossOptions = {}): Tensor {
  return aten.mseLoss(input, target, code(reduction));
}

/** |x − y|. */
export function l1Loss(input: Tensor, target: Tensor, { reduction }: LossOptions = {}): Tensor {
  return aten.l1Loss(input, target, code(reduction));
}

/** (x − y)² / 2β where |x − y| < β, else |x − y| − β/2. */
export function smoothL1Loss(
  input: Tensor,
  target: Tensor,
  { reduction, beta = 1 }: LossOptions & { beta?: number } = {},
): Tensor {
  return aten.smoothL1Loss(input, target, code(reduction), beta);
}

/** (x − y)² / 2 where |x − y| < δ, else δ(|x − y| − δ/2). */
export function huberLoss(
  input: Tensor,
  target: Tensor,
  { reduction, delta = 1 }: LossOptions & { delta?: number } = {},
): Tensor {
  return aten.huberLoss(input, target, code(reduction), delta);
}

export interface KlDivOptions {
  /** `batchmean`, the default: the sum over all but the first dimension, averaged over it: what the formula means. */
  reduction?: Reduction | 'batchmean';
  /** The target holds logarithms too. Default: false. */
  logTarget?: boolean;
}

/** y (ln y − x) for log-probabilities x and probabilities y of the same shape [B, …]: KL(y ‖ e^x) when summed. */
export function klDiv(
  logProbabilities: Tensor,
  target: Tensor,
  { reduction = 'batchmean', logTarget = false }: KlDivOptions = {},
): Tensor {
  if (reduction !== 'batchmean') return aten.klDiv(logProbabilities, target, code(reduction), { logTarget });
  return tidy(() =>
    aten.klDiv(logProbabilities, target, code('sum'), { logTarget }).div(logProbabilities.size(0)),
  );
}
