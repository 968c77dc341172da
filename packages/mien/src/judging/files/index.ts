// Predictions and labels in files that anybody made.

export { type Paired, type PairedOptions, readPaired } from './paired.js';
