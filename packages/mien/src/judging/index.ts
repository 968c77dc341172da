// How good predictions are.

export type { Estimates, ModelOutput } from './estimates.js';
export * from './evaluate/index.js';
export type * from './evaluation.js';
export * from './metrics/index.js';
export { breakEvenThreshold } from './thresholds/break-even.js';
export { type Grouping, type Truth, truthOf } from './truth.js';
