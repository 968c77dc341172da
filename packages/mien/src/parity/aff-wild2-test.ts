// Aff-Wild2's test videos: gap filling by hand-made cases, and the lists of a small tree.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  AFF_WILD2,
  AFF_WILD2_TEST_COMMAND,
  containerFrameCount,
  fillGapsAsReference,
  importFaces,
  readAffWild2Test,
  readTestList,
  SET_FOLDERS,
  SET_ORDER,
  type TestLists,
} from '../datasets/index.js';
import { ABAW1, type Task } from '../labels/index.js';
import { CROPS, EXPECTED, goldenPath, RAW } from './aff-wild2.js';
import { compareLists, readGolden } from './compare.js';
import type { ParityCase, ParityPart } from './index.js';

const PADDING = `${EXPECTED}/aff_wild2_test_padding_cases.json`;
const TEST = `${EXPECTED}/aff_wild2_test_set.json`;
const VIDEOS = `${RAW}/aff_wild2/videos`;
const LISTS = `${RAW}/aff_wild2/test_set`;

const LIST_FILES: Readonly<Record<Task, string>> = {
  AU: 'aus_test_set.txt',
  EXPR: 'expression_test_set.txt',
  VA: 'va_test_set.txt',
};

interface PaddingCase {
  crop_numbers: number[];
  container_frame_count: number;
  result_crop_numbers: number[];
}

export const TEST_PADDING: ParityPart = {
  name: 'aff-wild2 test padding',
  needs: [PADDING],
  async *check(folder) {
    const cases = await readGolden<PaddingCase[]>(folder, PADDING);
    yield compareLists(
      'cases',
      cases.map(({ crop_numbers, container_frame_count }) =>
        fillGapsAsReference(crop_numbers, container_frame_count),
      ),
      cases.map(({ result_crop_numbers }) => result_crop_numbers),
    );
  },
};

interface GoldenVideo {
  set: string;
  video: string;
  raw_video: string;
  container_frame_count: number;
  frames_ids: number[];
  path: string[];
}

async function* checkTestSet(folder: string): AsyncGenerator<ParityCase> {
  const golden = await readGolden<GoldenVideo[]>(folder, TEST);
  const lists: TestLists = {};
  for (const task of SET_ORDER) {
    const file = join(folder, LISTS, LIST_FILES[task]);
    if (existsSync(file)) lists[task] = await readTestList(file);
  }
  const crops = join(folder, CROPS);
  const manifest = await importFaces({
    command: AFF_WILD2_TEST_COMMAND,
    read: readAffWild2Test,
    options: { lists, crops, videos: join(folder, VIDEOS), length: 'reference' as const },
    schema: ABAW1,
    roots: { [AFF_WILD2]: crops },
  });
  const frames = new Map<string, { ids: number[]; paths: string[] }>();
  [...manifest.faces.rows()].forEach(({ clip = '', frame = -1 }, row) => {
    const video = frames.get(clip) ?? { ids: [], paths: [] };
    frames.set(clip, video);
    video.ids.push(frame);
    video.paths.push(goldenPath(manifest, row, folder));
  });
  const ours = SET_ORDER.flatMap((task) =>
    (lists[task]?.videos ?? []).map((video) => [SET_FOLDERS[task][0], video, frames.get(video)]),
  );
  yield compareLists(
    'videos',
    ours,
    golden.map(({ set, video, frames_ids: ids, path: paths }) => [set, video, { ids, paths }]),
  );
  const raw = new Map(golden.map((one) => [one.raw_video, one.container_frame_count]));
  const counts: [string, number][] = [];
  for (const video of raw.keys()) counts.push([video, await containerFrameCount(join(folder, RAW, video))]);
  yield compareLists('frame counts of containers', counts, [...raw]);
}

export const TEST_SET: ParityPart = {
  name: 'aff-wild2 test set',
  needs: [TEST, LISTS, VIDEOS, CROPS],
  check: checkTestSet,
};
