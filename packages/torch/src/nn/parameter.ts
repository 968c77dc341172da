import { noGrad } from '../autograd.js';
import type { Handle } from '../native.js';
import { native } from '../native.js';
import { keep } from '../scope.js';
import { Tensor } from '../tensor.js';

/**
 * A tensor that training changes: a leaf with `requiresGrad`, found by the `Module` that holds it. It belongs to no scope
 * (a module made inside `tidy` keeps its parameters); the module's `dispose()` frees it.
 */
export class Parameter extends Tensor {
  /**
   * @param data shares its memory with the parameter; the tensor itself stays with its owner
   * @throws TorchError if gradients are wanted of a dtype that has none
   */
  constructor(data: Tensor, { requiresGrad = true }: { requiresGrad?: boolean } = {}) {
    super(detachedHandle(data));
    keep(this);
    try {
      if (requiresGrad) this.requiresGrad_();
    } catch (error) {
      this.dispose();
      throw error;
    }
  }
}

function detachedHandle(data: Tensor): Handle {
  using detached = noGrad(() => data.detach());
  return native.alias(detached._handle);
}
