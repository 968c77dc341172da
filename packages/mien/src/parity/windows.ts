// Windows of frames: the reference's own rules, its defects included.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { statIfThere } from '../files/index.js';
import { PAPER_WINDOW_USES, paperWindows } from '../loading/index.js';
import type { ParityCase, ParityPart } from './index.js';

const FOLDER = 'datasets/expected';
const ROWS = z.array(z.array(z.number()));
const CASES = z.array(
  z.object({
    n: z.number(),
    S: z.number(),
    train: ROWS,
    validation: ROWS,
    test: ROWS,
    inference: ROWS,
    api: ROWS,
  }),
);
const WINDOW = z.object({
  set: z.string(),
  split: z.string(),
  S: z.number(),
  video: z.string(),
  frames_ids: z.array(z.number()),
});
const FACES = z.object({
  rows: z.array(z.object({ set: z.string(), split: z.string(), video: z.string(), frame_id: z.number() })),
});

const read = async <T>(folder: string, name: string, type: z.ZodType<T>): Promise<T> =>
  type.parse(JSON.parse(await readFile(join(folder, FOLDER, name), 'utf8')));

/** How many windows differ. */
function compare(
  name: string,
  pairs: Iterable<{ where: string; ours: unknown; theirs: unknown }>,
): ParityCase {
  const different: string[] = [];
  for (const { where, ours, theirs } of pairs)
    if (JSON.stringify(ours) !== JSON.stringify(theirs)) different.push(where);
  const note = different.length === 0 ? {} : { note: `different: ${different.slice(0, 5).join(', ')}` };
  return { name, error: different.length, tolerance: 0, ...note };
}

export const WINDOWS: ParityPart = {
  name: 'windows',
  needs: [`${FOLDER}/windows.json`],
  async *check(folder) {
    const cases = await read(folder, 'windows.json', CASES);
    for (const use of PAPER_WINDOW_USES)
      yield compare(
        use,
        cases.map((one) => ({
          where: `n ${one.n}, S ${one.S}`,
          ours: paperWindows(one.n, one.S, use),
          theirs: one[use],
        })),
      );
    for (const name of ['windows_aff_wild2.json', 'aff_wild2_annotations.json'])
      if ((await statIfThere(join(folder, FOLDER, name))) === undefined) return;
    yield compare('Aff-Wild2 data sets', await affWild2(folder));
  },
};

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}

/** The reference's windows over its videos, beside ours over the same videos' frames. */
async function affWild2(folder: string) {
  const windows = await read(folder, 'windows_aff_wild2.json', z.array(WINDOW));
  const { rows } = await read(folder, 'aff_wild2_annotations.json', FACES);
  const key = (one: { set: string; split: string; video: string }) => `${one.set}/${one.split}/${one.video}`;
  const frames = groupBy(rows, key);
  const lengths = [...new Set(windows.map(({ S }) => S))];
  const theirs = groupBy(windows, (one) => `${key(one)} S ${one.S}`);
  return [...frames].flatMap(([video, faces]) =>
    lengths.map((S) => {
      const use = video.includes('/Training_Set/') ? 'train' : 'validation';
      const ids = paperWindows(faces.length, S, use).map((window) =>
        window.map((row) => faces[row]?.frame_id),
      );
      const where = `${video} S ${S}`;
      return { where, ours: ids, theirs: (theirs.get(where) ?? []).map((one) => one.frames_ids) };
    }),
  );
}
