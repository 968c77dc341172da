// Aff-Wild2: the annotations, matching of crops and labels, gap filling of test videos.

import { join, relative } from 'node:path';
import {
  AFF_WILD2,
  type FaceRow,
  importFaces,
  type Manifest,
  matchFrames,
  pathOf,
  readAffWild2,
  SET_FOLDERS,
  SPLIT_FOLDERS,
  standardName,
} from '../datasets/index.js';
import { isDataError } from '../files/index.js';
import { ABAW1, type Task, tasksOf } from '../labels/index.js';
import { compareLists, readGolden } from './compare.js';
import type { ParityCase, ParityPart } from './index.js';

export const RAW = 'datasets/raw';
const ANNOTATIONS = `${RAW}/aff_wild2/annotations`;
export const CROPS = `${RAW}/aff_wild2/cropped_aligned`;
export const EXPECTED = 'datasets/expected';

/** @param partial `drop` is what the reference does: a frame with any label missing is dropped */
export function importGolden(folder: string, partial: 'keep' | 'drop'): Promise<Omit<Manifest, 'file'>> {
  const [annotations, crops] = [join(folder, ANNOTATIONS), join(folder, CROPS)];
  return importFaces({
    command: 'parity',
    read: readAffWild2,
    options: { annotations, crops, partial, join: false },
    schema: ABAW1,
    roots: { [AFF_WILD2]: crops },
  });
}

/** The labels of one task as the golden files write them. */
export function goldenLabel({ actionUnits, expression, valence, arousal }: FaceRow, task: Task): unknown {
  if (task === 'AU') return actionUnits;
  return task === 'VA' ? [valence, arousal] : ABAW1.expressions.indexOf(expression ?? '');
}

/** A row's picture, relative to the raw trees. */
export const goldenPath = (manifest: Omit<Manifest, 'file'>, row: number, folder: string): string =>
  relative(join(folder, RAW), pathOf(manifest, row));

interface GoldenRow {
  set: string;
  split: string;
  video: string;
  frame_id: number;
  path: string;
  label: unknown;
}

async function* checkAnnotations(folder: string): AsyncGenerator<ParityCase> {
  const golden = await readGolden<{ rows: GoldenRow[]; videos: { video: string; rows: number }[] }>(
    folder,
    `${EXPECTED}/aff_wild2_annotations.json`,
  );
  const manifest = await importGolden(folder, 'drop');
  const ours = [...manifest.faces.rows()].map((row, i): GoldenRow => {
    const task = tasksOf(row, ABAW1)[0] ?? 'EXPR';
    return {
      set: SET_FOLDERS[task][0],
      split: SPLIT_FOLDERS[row.split === 'train' ? 'train' : 'validation'][0],
      video: row.clip ?? '',
      frame_id: row.frame ?? -1,
      path: goldenPath(manifest, i, folder),
      label: goldenLabel(row, task),
    };
  });
  const order = ({ set, split, video, frame_id, path, label }: GoldenRow) => [
    set,
    split,
    video,
    frame_id,
    path,
    label,
  ];
  yield compareLists('rows', ours.map(order), golden.rows.map(order));
}

interface MatchingCase {
  lines: number;
  sentinel_lines: number[];
  crop_numbers: number[];
  refused?: string;
  frames_ids?: number[];
  files?: string[];
  labels?: number[];
}

/** What is kept of a case: [frame, file, label] each; undefined when it is refused or nothing can be kept. */
function matchCase({ lines, sentinel_lines, crop_numbers }: MatchingCase): unknown[] | undefined {
  const labels = Array.from({ length: lines }, (_, i) => (sentinel_lines.includes(i) ? undefined : i / 10));
  const crops = {
    folder: 'crops',
    numbers: crop_numbers,
    name: (i: number) => standardName(crop_numbers[i] as number),
  };
  if (crop_numbers.length === 0) return undefined; // the reader counts and drops such a video
  try {
    return matchFrames(crops, labels, 'labels')
      .filter(({ label }) => label !== undefined)
      .map(({ frame, name, label }) => [frame, name, label]);
  } catch (error) {
    if (isDataError(error)) return undefined;
    throw error;
  }
}

async function* checkMatching(folder: string): AsyncGenerator<ParityCase> {
  const cases = await readGolden<MatchingCase[]>(folder, `${EXPECTED}/aff_wild2_frame_matching_cases.json`);
  const golden = cases.map(({ refused, frames_ids = [], files = [], labels = [] }) =>
    refused === undefined ? frames_ids.map((frame, i) => [frame, files[i], labels[i]]) : 'refused',
  );
  yield compareLists(
    'cases',
    cases.map((one) => matchCase(one) ?? 'refused'),
    golden,
  );
}

export const AFF_WILD2_ANNOTATIONS: ParityPart = {
  name: 'aff-wild2 annotations',
  needs: [ANNOTATIONS, CROPS, `${EXPECTED}/aff_wild2_annotations.json`],
  check: checkAnnotations,
};

export const FRAME_MATCHING: ParityPart = {
  name: 'aff-wild2 frame matching',
  needs: [`${EXPECTED}/aff_wild2_frame_matching_cases.json`],
  check: checkMatching,
};
