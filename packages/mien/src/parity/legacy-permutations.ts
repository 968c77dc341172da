// NumPy's legacy permutations with seed 0, of which the reference's splits are made.

import { LegacyNumpyRandom } from '../random/index.js';
import { compareLists, readGolden } from './compare.js';
import type { ParityPart } from './index.js';

const FILE = 'datasets/expected/legacy_permutations.json';

export const LEGACY_PERMUTATIONS: ParityPart = {
  name: 'legacy permutations',
  needs: [FILE],
  async *check(folder) {
    const golden = await readGolden<Record<string, number[]>>(folder, FILE);
    for (const [n, order] of Object.entries(golden))
      yield compareLists(`of ${n}`, new LegacyNumpyRandom(0).permutation(Number(n)), order);
  },
};
