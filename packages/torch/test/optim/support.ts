import { aten, nn, noGrad, type optim, type Tensor, tidy } from '@mien/torch';
import { normal } from '../nn/support.js';

/** Parameters of several shapes, float64 unless said otherwise. */
export function someParameters(seed: number, shapes = [[3, 2], [4], [1], [2, 1, 3]]): nn.Parameter[] {
  return tidy(() => shapes.map((shape, i) => new nn.Parameter(normal(shape, seed + i))));
}

/** Gives every parameter a gradient that depends on the seed alone. */
export function setGradients(params: readonly Tensor[], seed: number, scale = 1): void {
  noGrad(() =>
    tidy(() => {
      params.forEach((p, i) => {
        p.grad = normal(p.shape, 1000 * seed + i)
          .mul(scale)
          .to({ dtype: p.dtype });
      });
    }),
  );
}

/** Steps by gradients that depend on the step's number alone. */
export function steps(optimizer: optim.Optimizer, params: readonly Tensor[], from: number, to: number): void {
  for (let step = from; step < to; step++) {
    setGradients(params, step);
    optimizer.step();
  }
}

/** A copy of an optimiser's state, as a checkpoint would hold it. */
export function snapshot({ state, paramGroups }: optim.OptimizerState): optim.OptimizerState {
  return {
    state: new Map(
      Array.from(state, ([number, values]) => [
        number,
        Object.fromEntries(
          Object.entries(values).map(([name, value]) => [
            name,
            typeof value === 'number' ? value : aten.clone(value as Tensor),
          ]),
        ) as typeof values,
      ]),
    ),
    paramGroups: structuredClone(paramGroups),
  };
}
