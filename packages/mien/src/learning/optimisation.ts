// The optimiser and the schedule that a recipe asks for.

import { nn, optim } from '@mien/torch';
import type { PhaseRecipe } from './recipe.js';

/** Weight decay is for weights: biases and the scales of normalisation are left alone. */
function groupsOf(module: nn.Module) {
  const trained = module.parameters().filter(({ requiresGrad }) => requiresGrad);
  const [weights, others] = [trained.filter(({ ndim }) => ndim > 1), trained.filter(({ ndim }) => ndim <= 1)];
  return [{ params: weights }, { params: others, weightDecay: 0 }].filter(({ params }) => params.length > 0);
}

export function makeOptimizer(module: nn.Module, { optimizer }: PhaseRecipe): optim.Optimizer {
  const { kind, lr, betas, momentum, weightDecay } = optimizer;
  const groups = groupsOf(module);
  if (kind === 'sgd') return new optim.SGD(groups, { lr, momentum, weightDecay });
  const Kind = kind === 'adam' ? optim.Adam : optim.AdamW;
  return new Kind(groups, { lr, betas, weightDecay });
}

/** @param epochs of the member; @param stepsPerEpoch of the optimiser */
export function makeSchedule(
  optimizer: optim.Optimizer,
  { schedule, optimizer: { lr } }: PhaseRecipe,
  epochs: number,
  stepsPerEpoch: number,
): optim.Schedule {
  const { kind, warmUp, final, everyEpochs, gamma } = schedule;
  const totalSteps = epochs * stepsPerEpoch;
  if (kind === 'step') return new optim.StepLr(optimizer, { stepSize: everyEpochs * stepsPerEpoch, gamma });
  const warmUpSteps = Math.min(totalSteps - 1, Math.round(warmUp * totalSteps));
  if (kind === 'constant') return new optim.ConstantLr(optimizer, { warmUpSteps });
  return new optim.CosineLr(optimizer, { totalSteps, warmUpSteps, minLr: final * lr });
}

/** What a member trains: its network, and the learned weights of tasks where there are some. */
export class Trainee<N extends nn.Module, W extends nn.Module> extends nn.Module {
  constructor(
    readonly network: N,
    readonly weights: W | undefined,
  ) {
    super();
  }

  override forward(...inputs: Parameters<N['forward']>): ReturnType<N['forward']> {
    return this.network.forward(...(inputs as never[])) as ReturnType<N['forward']>;
  }
}
