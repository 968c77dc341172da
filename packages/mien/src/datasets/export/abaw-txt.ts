// A manifest's labels in the layout of the challenge: the opposite of the reader of Aff-Wild2.

import { basename, dirname, join } from 'node:path';
import { DataError, listFolder, show, writeFolder, writeWhole } from '../../files/index.js';
import type { LabelSchema, Task } from '../../labels/index.js';
import {
  cropNumber,
  labelHeader,
  NO_AFFECT,
  NO_LABEL,
  SET_FOLDERS,
  SET_ORDER,
  SPLIT_FOLDERS,
} from '../aff-wild2/index.js';
import type { FaceRow } from '../face-row.js';
import { type Manifest, pathOf } from '../manifest.js';
import { Tally, type TallyRecord } from '../tally.js';

const orSentinel = (value: number | undefined, sentinel: number): string =>
  value === undefined ? String(sentinel) : Object.is(value, -0) ? '-0' : String(value);

/** The line of a row; undefined where it has no label of the task. */
const LINES: Readonly<Record<Task, (row: FaceRow, schema: LabelSchema) => string | undefined>> = {
  AU: ({ actionUnits }) =>
    actionUnits?.some((unit) => unit !== undefined)
      ? actionUnits.map((unit) => orSentinel(unit, NO_LABEL)).join()
      : undefined,
  EXPR: ({ expression }, { expressions }) =>
    expression === undefined ? undefined : String(expressions.indexOf(expression)),
  VA: ({ valence, arousal }) =>
    valence === undefined && arousal === undefined
      ? undefined
      : `${orSentinel(valence, NO_AFFECT)},${orSentinel(arousal, NO_AFFECT)}`,
};

/** The line of a frame without a label. */
const emptyLine = (task: Task, { actionUnits }: LabelSchema): string =>
  task === 'AU'
    ? actionUnits.map(() => NO_LABEL).join()
    : task === 'VA'
      ? `${NO_AFFECT},${NO_AFFECT}`
      : String(NO_LABEL);

/** The labels of one video for one task; element i is the line of frame i. */
interface VideoFile {
  task: Task;
  split: 'train' | 'validation';
  clip: string;
  /** Row of the manifest that its first label came from. */
  row: number;
  lines: (string | undefined)[];
}

/** A name that stays itself as a file name, and when it is read back up to the first dot. */
const isVideoName = (clip: string): boolean => /^[^/\\.\0]+$/.test(clip);

function collect({ faces, file }: Manifest, tally: Tally): VideoFile[] {
  const { schema } = faces;
  const files = new Map<string, VideoFile>();
  const datasetOf = new Map<string, string>();
  for (let i = 0; i < faces.length; i++) {
    const row = faces.row(i);
    const { split, clip, frame, dataset } = row;
    const place = { file, row: i + 1 };
    const labelled = SET_ORDER.flatMap((task) => {
      const line = LINES[task](row, schema);
      return line === undefined ? [] : [{ task, line }];
    });
    if (labelled.length === 0 || split === undefined || split === 'test') {
      tally.drop(labelled.length === 0 ? 'no label' : 'in neither train nor validation', `row ${i + 1}`);
      continue;
    }
    if (clip === undefined || frame === undefined || !isVideoName(clip))
      throw new DataError(place, {
        found: `clip ${clip === undefined ? 'unknown' : show(clip)}, frame ${frame ?? 'unknown'}`,
        expected:
          'both, and a clip that can be a file name without dots: the layout has a file per video and a line per frame',
        hint: 'Export it as csv or jsonl',
      });
    const other = datasetOf.get(clip);
    if (other !== undefined && other !== dataset)
      throw new DataError(place, {
        found: `clip ${clip} of ${dataset}, and of ${other}`,
        expected: 'names of clips that differ between data sets',
      });
    datasetOf.set(clip, dataset);
    for (const { task, line } of labelled) {
      const key = `${task}\0${split}\0${clip}`;
      const target = files.get(key) ?? { task, split, clip, row: i, lines: [] };
      files.set(key, target);
      if (target.lines[frame] !== undefined)
        throw new DataError(place, {
          found: `${task} labels of frame ${frame} of ${clip} for the second time`,
          expected: 'one face per frame',
        });
      target.lines[frame] = line;
    }
    tally.keep();
  }
  return [...files.values()];
}

/** The number of a video's last crop, where its folder is there and its crops are numbered by frame. */
async function lastCrop(manifest: Manifest, row: number): Promise<number | undefined> {
  const path = pathOf(manifest, row);
  if (cropNumber(basename(path)) !== (manifest.faces.frame.get(row) ?? -1) + 1) return undefined;
  const { files } = await listFolder(dirname(path)).catch(() => ({ files: [] as string[] }));
  const numbers = files.map((name) => cropNumber(name) ?? 0);
  return numbers.length === 0 ? undefined : numbers.reduce((most, number) => Math.max(most, number), 0);
}

/**
 * Writes `{AU,EXPR,VA}_Set/{Training,Validation}_Set/VIDEO.txt`: a header, then a line per frame, sentinels where nothing
 * is known. A file ends with the last labelled frame, or with the last crop where the crops are there: a reader refuses
 * crops beyond the labels.
 * @returns rows kept and dropped: those without a label, and those in neither train nor validation
 * @throws DataError when a row has no clip and frame, two faces have labels for one frame, or the folder is not empty
 */
export async function exportAbawTxt(manifest: Manifest, out: string): Promise<TallyRecord> {
  const tally = new Tally();
  const { schema } = manifest.faces;
  await writeFolder(out, async (folder) => {
    for (const { task, split, clip, row, lines } of collect(manifest, tally)) {
      const crops = await lastCrop(manifest, row);
      if (crops === undefined) tally.note('files that end with their last label: crops not found', clip);
      const empty = emptyLine(task, schema);
      const length = Math.max(lines.length, crops ?? 0);
      const body = Array.from({ length }, (_, frame) => lines[frame] ?? empty);
      const file = join(folder, SET_FOLDERS[task][0], SPLIT_FOLDERS[split][0], `${clip}.txt`);
      writeWhole(file, `${[labelHeader(task, schema), ...body].join('\n')}\n`);
    }
  });
  return tally.record();
}
