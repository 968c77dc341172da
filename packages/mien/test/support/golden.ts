// Where golden data lies: small parts are kept with the tests; the whole folder may stand beside the checkout.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../../../../test/folders.js';

/** Golden data kept with the tests, laid out like the whole folder. */
export const GOLDEN = fileURLToPath(new URL('../fixtures/golden', import.meta.url));

const beside = join(ROOT, '../shared');

/** The folder with all golden data and data sets, or undefined: tests that need it say that they were skipped. */
export const SHARED = existsSync(join(beside, 'golden')) ? beside : undefined;
