// What the trainer draws after each epoch, beside a member's metrics.

import { join } from 'node:path';
import { writeWhole } from '../files/index.js';
import type { Metrics } from '../learning/logs/index.js';

/**
 * Writes `losses.png`, and `scores.png` once there is an epoch.
 * @param folder the member's @param title such as `cnn/teacher`
 * @throws DataError when they cannot be written
 */
export async function drawRunPlots(metrics: Metrics, folder: string, title: string): Promise<void> {
  const { svgToPng } = await import('./png.js'); // with the figures a third of a second, which other reports need not wait for
  const { lossesFigure } = await import('./run-losses-figure.js');
  const { scoresFigure } = await import('./run-scores-figure.js');
  if (metrics.steps.length > 0)
    writeWhole(join(folder, 'losses.png'), await svgToPng(lossesFigure(metrics, title)));
  if (metrics.epochs.length > 0)
    writeWhole(join(folder, 'scores.png'), await svgToPng(scoresFigure(metrics, title)));
}
