// A short way to make crops in tests.

import { join } from 'node:path';
import { type CropsOptions, type CropsRun, makeCrops } from 'mien/datasets';
import { ABAW1 } from 'mien/labels';
import { fivePoints } from './faces.js';

export const RECIPE = { align: 'bilinear', size: 32, margin: 0, format: 'png', dataset: 'mine' } as const;

export const crop = (folder: string, options: Partial<CropsOptions>, run: Partial<CropsRun> = {}) =>
  makeCrops(
    { input: join(folder, 'in'), crops: join(folder, 'crops'), ...RECIPE, ...options },
    { schema: ABAW1, ...run },
  );

export const rowsOf = ({ manifest }: Awaited<ReturnType<typeof makeCrops>>) => [...manifest.faces.rows()];
export const imagesOf = (result: Awaited<ReturnType<typeof makeCrops>>) =>
  rowsOf(result).map(({ image }) => image);
export const points = (values: number[]) => values.join(',');
export const HEADER = points(fivePoints(0, 0).map((_, i) => i)).replace(
  /\d+/g,
  (n) => `${Number(n) % 2 ? 'y' : 'x'}${Number(n) >> 1}`,
);
