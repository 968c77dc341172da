import { noGrad } from '../autograd.js';
import { aten } from '../operators.js';
import { tidy } from '../scope.js';
import type { Tensor } from '../tensor.js';

/** Forgets the gradients of `tensors`, or sets them to zero. */
export function zeroGrads(tensors: readonly Tensor[], setToNone: boolean): void {
  if (setToNone) {
    for (const tensor of tensors) tensor.grad = null;
    return;
  }
  noGrad(() =>
    tidy(() => {
      const grads = tensors.flatMap((tensor) => tensor.grad ?? []);
      for (const grad of grads) grad.detach_();
      if (grads.length > 0) aten._foreachZero_(grads);
    }),
  );
}
