// Weights of the outputs that are learned together with the network.

import { nn, type Tensor, zeros } from '@mien/torch';

/** What has a loss of its own, in the order of logs and of learned weights. */
export const OUTPUTS = ['EXPR', 'AU', 'valence', 'arousal'] as const;

export type Output = (typeof OUTPUTS)[number];

/**
 * Each output's loss L becomes L·e^(−s) + s/2, s = ln σ² being learned (Kendall, Gal and Cipolla 2018, their form for
 * classification). s starts at 0, where nothing is changed. Give the parameter to the optimiser without weight decay.
 */
export class UncertaintyWeights extends nn.Module {
  /** s of each of `OUTPUTS` [4]. */
  log_variance = new nn.Parameter(zeros([OUTPUTS.length]));

  /** @param served 1 if the loss is of anything, else 0: then its s is left alone */
  forward(output: Output, loss: Tensor, served: Tensor): Tensor {
    const s = this.log_variance.select(0, OUTPUTS.indexOf(output)).to(loss.dtype);
    return loss.mul(s.neg().exp()).add(s.mul(served).mul(0.5));
  }
}
