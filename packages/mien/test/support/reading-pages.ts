// The page of made-up readings, and ways to look into it.

import { parseHTML } from 'linkedom';
import { ABAW3, TASKS, type Task } from 'mien/labels';
import type { ModelInfo } from 'mien/models';
import type { FrameReading } from 'mien/reading';
import { createReadingSummary, type ReadingPageOptions, readingPage } from 'mien/reports';

/** What a model says about itself. */
export const INFO: ModelInfo = {
  version: 1,
  network: { backbone: 'compact', inputSize: 64, tasks: [...TASKS], schema: ABAW3, hidden: 128, dropout: 0 },
  input: { edge: 67, normalization: { mean: [0, 0, 0], std: [1, 1, 1], scale: 1 } },
  decoding: 'endpoints',
  thresholds: { AU1: 0.4 },
  tunedOn: 'the validation side',
  training: {
    mien: '0.1.0',
    member: 'student_0',
    phase: 'cnn',
    seed: 3,
    epoch: 7,
    data: { EXPR: ['drawn-faces'], AU: ['drawn-faces'], VA: ['drawn-faces'] },
    scores: { mean: 0.7, EXPR: { f1: 0.712, accuracy: 0.75 } },
  },
  licence: 'MIT',
};

export const pageOf = async (
  frames: Iterable<FrameReading>,
  options: Partial<ReadingPageOptions> & { tasks?: readonly Task[]; thumbnails?: boolean } = {},
) => {
  const { tasks = TASKS, thumbnails = true, ...page } = options;
  const summary = createReadingSummary({ schema: ABAW3, tasks, thumbnails });
  for (const frame of frames) summary.add(frame);
  const html = await readingPage(summary, {
    title: 'Reading of made.mp4',
    source: '/videos/made.mp4',
    models: [{ name: 'small', info: INFO }],
    ...page,
  });
  const { document } = parseHTML(html);
  const texts = (selector: string) =>
    [...document.querySelectorAll(selector)].map((one) => (one.textContent ?? '').trim());
  /** A table's row by its first cell, of the table with that caption. */
  const row = (caption: string, name: string) =>
    [...document.querySelectorAll('table')]
      .filter((table) => table.querySelector('caption')?.textContent === caption)
      .flatMap((table) => [...table.querySelectorAll('tr')])
      .map((line) => [...line.querySelectorAll('td')].map((cell) => (cell.textContent ?? '').trim()))
      .find(([first]) => first === name);
  return { html, document, texts, row };
};
