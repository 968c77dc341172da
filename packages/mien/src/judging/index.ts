// How good predictions are.

export * from './metrics/index.js';
