// The reference's text files, byte for byte.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { ABAW1, TASKS } from '../labels/index.js';
import { firstOccurrences, formatText } from '../reading/index.js';
import { readGolden } from './compare.js';
import type { ParityPart } from './index.js';

const FOLDER = 'datasets/expected';
const CASES = z.array(
  z.object({
    file: z.string(),
    /** The program that wrote it. */
    tool: z.enum(['test_cnn', 'test_rnn', 'inference']),
    task: z.enum(TASKS),
    dtype: z.enum(['int64', 'float32', 'float64']),
    frames_ids: z.array(z.number()),
    /** Numbers of classes, or rows. */
    predictions: z.array(z.union([z.number(), z.array(z.number())])),
  }),
);

/** At which byte two texts part, or undefined. */
function firstDifference(ours: Buffer, theirs: Buffer): number | undefined {
  if (ours.equals(theirs)) return undefined;
  const at = ours.findIndex((byte, i) => byte !== theirs[i]);
  return at < 0 ? ours.length : at;
}

export const TEXT_FILES: ParityPart = {
  name: 'text files',
  needs: [`${FOLDER}/text/index.json`],
  async *check(folder) {
    const cases = CASES.parse(await readGolden(folder, `${FOLDER}/text/index.json`));
    for (const { file, tool, task, dtype, frames_ids, predictions } of cases) {
      const text = formatText({
        task,
        schema: ABAW1,
        content: dtype === 'int64' ? 'decisions' : 'numbers',
        values: predictions.flat(),
        ...(tool !== 'test_cnn' && { rows: firstOccurrences(frames_ids) }),
      });
      const at = firstDifference(Buffer.from(text), await readFile(join(folder, FOLDER, file)));
      const note = at === undefined ? {} : { note: `first difference at byte ${at}` };
      yield { name: file, error: at === undefined ? 0 : 1, tolerance: 0, ...note };
    }
  },
};
