// libtorch for TypeScript. Strata, each using only those before it: the addon and its tape, tensors and operators,
// autograd and modes, nn, optim, checkpoints, distributed.
export * from './autograd.js';
export * from './checkpoints/index.js';
export * from './creation.js';
export { type Operator, type OpOptions, op } from './dispatch.js';
export * as distributed from './distributed/index.js';
export * from './dtypes.js';
export * from './errors.js';
export type { AtenOperators, TensorMethods } from './generated/aten.js';
export { defaultGenerator, Generator, generator, manualSeed } from './generator.js';
export { isAvailable } from './native.js';
export * as nn from './nn/index.js';
export { aten } from './operators.js';
export * as optim from './optim/index.js';
export { keep, openScope, Scope, tidy } from './scope.js';
export * from './sharing.js';
export * from './system.js';
export { type BackwardOptions, Tensor, type TensorLike, type ToOptions } from './tensor.js';
export * from './tensor-files.js';
export * from './trace.js';
export type { NumericArray } from './typed-arrays.js';
export * from './values.js';
