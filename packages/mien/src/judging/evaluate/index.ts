// From estimates and truth to an evaluation.

export { MOST_BLOCKS } from './blocks.js';
export { type BootstrapOptions, type EvaluateOptions, evaluate } from './evaluate.js';
export { type Risks, risksOf } from './risks.js';
