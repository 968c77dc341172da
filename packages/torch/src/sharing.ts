// Tensors pass between workers by reference: all threads of a process see the same memory.
import { native } from './native.js';
import { Tensor } from './tensor.js';

/** A tensor on its way to another worker; plain data, made for `postMessage`. */
export interface SharedTensor {
  readonly sharedTensor: number;
}

/**
 * Offers a tensor's memory to another worker of this process: nothing is copied, and both sides see each other's
 * writes. The offer holds the memory until `receiveTensor` takes it, once, or `dropSharedTensor` withdraws it.
 * The receiver's tensor is detached from this one's graph.
 */
export function shareTensor(tensor: Tensor): SharedTensor {
  return { sharedTensor: native.shareTensor(tensor._handle) };
}

/** Takes a tensor that another worker offered. */
export function receiveTensor(offer: SharedTensor): Tensor {
  return new Tensor(native.receiveTensor(offer.sharedTensor));
}

/** Withdraws an offer; false if it was taken already. */
export function dropSharedTensor(offer: SharedTensor): boolean {
  return native.dropShared(offer.sharedTensor);
}
