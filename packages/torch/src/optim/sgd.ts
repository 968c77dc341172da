import { aten } from '../operators.js';
import { keep } from '../scope.js';
import type { Tensor } from '../tensor.js';
import type { Batch } from './batch.js';
import { type GroupOptions, Optimizer, type ParamGroup, type ParamsInput } from './optimizer.js';

export interface SGDOptions extends GroupOptions {
  /** Share of the last step's direction that is kept, ≥ 0. Default: 0. */
  momentum: number;
  /** Share of the gradient that does not enter the momentum. Default: 0. */
  dampening: number;
  /** Look ahead by the momentum (Nesterov). Default: false. */
  nesterov: boolean;
  /** Added to the gradient, times the parameter. Default: 0. */
  weightDecay: number;
}

const SGD_DEFAULTS: SGDOptions = {
  lr: 1e-3,
  momentum: 0,
  dampening: 0,
  nesterov: false,
  weightDecay: 0,
  maximize: false,
};

/**
 * Gradient descent, in PyTorch's form. With gradient g, plus weightDecay·p:
 *
 *     b ← g at the first step, else momentum·b + (1 − dampening)·g
 *     p ← p − lr·b,  or with Nesterov  p − lr·(g + momentum·b)
 */
export class SGD extends Optimizer<SGDOptions> {
  /** @param options lr defaults to 1e-3 */
  constructor(params: ParamsInput<SGDOptions>, options: Partial<SGDOptions> = {}) {
    super(params, SGD_DEFAULTS, options);
  }

  protected override checkOptions(options: SGDOptions): void {
    super.checkOptions(options);
    const { momentum, dampening, nesterov, weightDecay } = options;
    this.expect(momentum >= 0, 'momentum', 'at least 0', momentum);
    this.expect(weightDecay >= 0, 'weightDecay', 'at least 0', weightDecay);
    const lookAhead = !nesterov || (momentum > 0 && dampening === 0);
    this.expect(lookAhead, 'nesterov', 'off without momentum or with dampening', nesterov);
  }

  protected override stateNames({ momentum }: SGDOptions): string[] {
    return momentum === 0 ? [] : ['momentum_buffer'];
  }

  protected override update(group: ParamGroup<SGDOptions>, batch: Batch): void {
    const { lr, weightDecay, momentum, nesterov } = group;
    batch.countStep();
    if (weightDecay !== 0) batch.grads = aten._foreachAdd(batch.grads, batch.params, { alpha: weightDecay });
    let directions = batch.grads;
    if (momentum !== 0) {
      const buffers = accumulate(group, batch);
      directions = nesterov ? aten._foreachAdd(batch.grads, buffers, { alpha: momentum }) : buffers;
    }
    aten._foreachAdd_(batch.params, directions, { alpha: -lr });
  }
}

function accumulate({ momentum, dampening }: SGDOptions, { grads, states }: Batch): Tensor[] {
  const [older, olderGrads]: [Tensor[], Tensor[]] = [[], []];
  const buffers = states.map(({ tensors }, i) => {
    const grad = grads[i] as Tensor;
    const known = tensors.get('momentum_buffer');
    if (known !== undefined) {
      older.push(known);
      olderGrads.push(grad);
      return known;
    }
    const fresh = keep(grad.clone());
    tensors.set('momentum_buffer', fresh);
    return fresh;
  });
  if (older.length > 0) {
    aten._foreachMul_(older, momentum);
    aten._foreachAdd_(older, olderGrads, { alpha: 1 - dampening });
  }
  return buffers;
}
