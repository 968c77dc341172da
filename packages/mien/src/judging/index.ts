// How good predictions are.

export type { Estimates, ModelOutput } from './estimates.js';
export type * from './evaluation.js';
export * from './files/index.js';
export * from './metrics/index.js';
export * from './submissions/index.js';
export { type Grouping, type Truth, truthOf } from './truth.js';
