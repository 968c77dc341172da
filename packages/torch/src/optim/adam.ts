import { aten } from '../operators.js';
import type { Batch } from './batch.js';
import { type GroupOptions, Optimizer, type ParamGroup, type ParamsInput } from './optimizer.js';

export interface AdamOptions extends GroupOptions {
  /** Decay per step of the averages of gradient and squared gradient, in [0, 1). Default: [0.9, 0.999]. */
  betas: [number, number];
  /** Added to the denominator. Default: 1e-8. */
  eps: number;
  /** Adam: added to the gradient, times the parameter. AdamW: share of the parameter, times lr, that is taken off. */
  weightDecay: number;
  /** Divide by the largest average of squared gradients so far (Reddi et al. 2018). Default: false. */
  amsgrad: boolean;
}

/**
 * Adam (Kingma and Ba 2015), in PyTorch's form. With gradient g, plus weightDecay·p, at step t:
 *
 *     m ← β₁m + (1 − β₁)g      v ← β₂v + (1 − β₂)g²
 *     p ← p − lr / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + eps)
 *
 * With `amsgrad`, v is replaced in the second line by its maximum over all steps.
 */
export class Adam extends Optimizer<AdamOptions> {
  /** @param options lr defaults to 1e-3, weightDecay to 0 */
  constructor(params: ParamsInput<AdamOptions>, options: Partial<AdamOptions> = {}) {
    super(params, ADAM, options);
  }

  protected override checkOptions(options: AdamOptions): void {
    super.checkOptions(options);
    const { betas, eps, weightDecay } = options;
    const inRange = betas.length === 2 && betas.every((beta) => beta >= 0 && beta < 1);
    this.expect(inRange, 'betas', 'two numbers in [0, 1)', betas);
    this.expect(eps >= 0, 'eps', 'at least 0', eps);
    this.expect(weightDecay >= 0, 'weightDecay', 'at least 0', weightDecay);
  }

  protected override stateNames({ amsgrad }: AdamOptions): string[] {
    return ['exp_avg', 'exp_avg_sq', ...(amsgrad ? ['max_exp_avg_sq'] : [])];
  }

  protected decay({ weightDecay }: ParamGroup<AdamOptions>, batch: Batch): void {
    batch.grads = aten._foreachAdd(batch.grads, batch.params, { alpha: weightDecay });
  }

  protected override update(group: ParamGroup<AdamOptions>, batch: Batch): void {
    const { lr, eps, amsgrad, weightDecay } = group;
    const [beta1, beta2] = group.betas;
    if (weightDecay !== 0) this.decay(group, batch);
    const { params, grads } = batch;
    const averages = batch.tensors('exp_avg');
    const squares = batch.tensors('exp_avg_sq');
    aten._foreachMul_(averages, beta1);
    aten._foreachAdd_(averages, grads, { alpha: 1 - beta1 });
    aten._foreachMul_(squares, beta2);
    aten._foreachAddcmul_(squares, grads, grads, 1 - beta2);
    let variances = squares;
    if (amsgrad) {
      variances = batch.tensors('max_exp_avg_sq');
      aten._foreachMaximum_(variances, squares);
    }
    const steps = batch.countStep();
    const denominators = aten._foreachSqrt(variances);
    aten._foreachDiv_(
      denominators,
      steps.map((step) => Math.sqrt(1 - beta2 ** step)),
    );
    aten._foreachAdd_(denominators, eps);
    aten._foreachAddcdiv_(
      params,
      averages,
      denominators,
      steps.map((step) => -lr / (1 - beta1 ** step)),
    );
  }
}

const ADAM: AdamOptions = {
  lr: 1e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  amsgrad: false,
  maximize: false,
};

/** Adam with weight decay apart from the gradient (Loshchilov and Hutter 2019): first p ← p·(1 − lr·weightDecay). */
export class AdamW extends Adam {
  /** @param options lr defaults to 1e-3, weightDecay to 0.01 */
  constructor(params: ParamsInput<AdamOptions>, options: Partial<AdamOptions> = {}) {
    super(params, { weightDecay: 0.01, ...options });
  }

  protected override decay({ lr, weightDecay }: ParamGroup<AdamOptions>, batch: Batch): void {
    aten._foreachMul_(batch.params, 1 - lr * weightDecay);
  }
}
