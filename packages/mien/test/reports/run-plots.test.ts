import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeRgb, type RgbImage } from 'mien/images';
import type { Metrics } from 'mien/learning/logs';
import { drawRunPlots } from 'mien/reports';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { metricsOf } from '../support/runs.js';

async function drawn(metrics: Metrics): Promise<{ losses: RgbImage; scores: RgbImage }> {
  const folder = folderWith({});
  await drawRunPlots(metrics, folder, 'cnn/teacher');
  const read = (name: string) => decodeRgb(join(folder, name));
  return { losses: await read('losses.png'), scores: await read('scores.png') };
}

/** How many pixels have a colour such as `#0072b2`. */
function pixels({ data }: RgbImage, colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((i) => Number.parseInt(colour.slice(i, i + 2), 16));
  let count = 0;
  for (let i = 0; i < data.length; i += 3)
    if (data[i] === red && data[i + 1] === green && data[i + 2] === blue) count++;
  return count;
}

/** Dark pixels in the rows where the title stands. */
const ink = ({ data, width }: RgbImage) =>
  Array.from({ length: 40 * width }, (_, i) => data[i * 3] as number).filter((red) => red < 60).length;

const TASK_COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7'];

describe('the plots of a member', () => {
  it('are pictures with a line for every task, and with their words', async () => {
    const { losses, scores } = await drawn(metricsOf({ epochs: 4, stepsPerEpoch: 30 }));
    expect({ width: losses.width, scores: scores.width }).toEqual({ width: 1320, scores: 1320 });
    for (const picture of [losses, scores]) {
      for (const colour of TASK_COLOURS) expect(pixels(picture, colour)).toBeGreaterThan(200);
      expect(ink(picture)).toBeGreaterThan(500);
    }
  });

  it('show a task only where there is one', async () => {
    const metrics = metricsOf({ epochs: 2, stepsPerEpoch: 30 });
    for (const { parts } of metrics.steps) delete parts.AU;
    for (const { scores } of metrics.epochs) delete scores.AU;
    const { losses, scores } = await drawn(metrics);
    for (const picture of [losses, scores]) {
      expect(pixels(picture, '#d55e00')).toBe(0);
      expect(pixels(picture, '#009e73')).toBeGreaterThan(200);
    }
  });

  it('keep within their frame when a loss is wild or no number', async () => {
    const metrics = metricsOf({ epochs: 4, stepsPerEpoch: 30 });
    const before = pixels((await drawn(metrics)).losses, '#0072b2');
    for (const [i, value] of [Number.NaN, Number.POSITIVE_INFINITY, 1e12].entries())
      (metrics.steps[40 + 5 * i] as Metrics['steps'][0]).parts.EXPR = value;
    const after = pixels((await drawn(metrics)).losses, '#0072b2');
    expect(after / before).toBeGreaterThan(0.8); // else the line would be flat, at the bottom
    expect(after / before).toBeLessThan(1.2);
  });

  it('are drawn from the first step on', async () => {
    const { steps } = metricsOf({ epochs: 1, stepsPerEpoch: 1 });
    const folder = folderWith({});
    await drawRunPlots({ steps, epochs: [] }, folder, 'cnn/teacher');
    expect(existsSync(join(folder, 'losses.png'))).toBe(true);
    expect(existsSync(join(folder, 'scores.png'))).toBe(false);
    await drawRunPlots({ steps: [], epochs: [] }, join(folder, 'none'), 'cnn/teacher');
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });

  it('mark the best epoch', async () => {
    const metrics = metricsOf({ epochs: 5, stepsPerEpoch: 4 });
    for (const record of metrics.epochs) record.best = record.epoch <= 3;
    const { data, width, height } = (await drawn(metrics)).scores;
    const grey = (x: number) =>
      Array.from({ length: height }, (_, y) => data[(y * width + x) * 3] as number).filter((red) => red < 120)
        .length;
    // The frame reaches from 60 to 696 of 880 pixels; epoch 3 of 5 stands in its middle.
    const at = Math.round(((60 + 696) / 2) * 1.5);
    expect(Math.max(grey(at - 1), grey(at), grey(at + 1))).toBeGreaterThan(200);
    const quarter = Math.round((60 + 636 * 0.7) * 1.5);
    expect(grey(quarter)).toBeLessThan(60);
  });

  it('come out the same each time', async () => {
    const metrics = metricsOf({ epochs: 2, stepsPerEpoch: 10 });
    const folder = folderWith({});
    await drawRunPlots(metrics, folder, 'a');
    const first = readFileSync(join(folder, 'losses.png'));
    await drawRunPlots(metrics, folder, 'a');
    expect(readFileSync(join(folder, 'losses.png'))).toEqual(first);
  });
});
