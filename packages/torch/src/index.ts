// libtorch for TypeScript. Strata, each using only those before it: the addon and its tape, tensors and operators,
// autograd and modes, nn, optim, checkpoints, distributed.
export * from './autograd.js';
export * from './creation.js';
export { type Operator, op } from './dispatch.js';
export * from './dtypes.js';
export * from './errors.js';
export { defaultGenerator, Generator, generator, manualSeed } from './generator.js';
export type { AtenOperators, TensorMethods } from './generated/aten.js';
export { isAvailable } from './native.js';
export { aten } from './operators.js';
export { keep, openScope, Scope, tidy } from './scope.js';
export * from './sharing.js';
export * from './system.js';
export { type BackwardOptions, Tensor, type TensorLike, type ToOptions } from './tensor.js';
export type { NumericArray } from './typed-arrays.js';
export * from './values.js';
