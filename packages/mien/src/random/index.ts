// Randomness that can be repeated: every draw comes from a generator that was seeded by its user and whose state can be
// saved and restored. Nothing in Mien uses Math.random.

export { LegacyNumpyRandom } from './legacy-numpy.js';
export { Random, type RandomState } from './random.js';
