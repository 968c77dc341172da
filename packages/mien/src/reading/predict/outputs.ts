// Which files are written for what is read: one for everything, or one for each video and each folder of pictures.

import { extname, join } from 'node:path';
import { DataError, statIfThere } from '../../files/index.js';
import type { LabelSchema, Task } from '../../labels/index.js';
import { frameTextFiles, type ReadingFormat, readingFormatOf } from '../tables/index.js';
import type { Job } from './jobs.js';

/** Formats of `--out`: tables, and the challenges' text files. */
export type OutputFormat = ReadingFormat | 'abaw-txt';

export interface OutputPaths {
  /** A table's file, or a folder for tables. */
  table?: string | undefined;
  /** Default: by the file's ending; in a folder `csv`. */
  format?: OutputFormat | undefined;
  /** A video's file, or a folder for videos. */
  video?: string | undefined;
  /** A page's file, or a folder for pages. */
  report?: string | undefined;
}

/** Where an output goes: one file for everything, or files in a folder. */
export type Place = { file: string } | { folder: string };

export interface OutputPlan {
  format: OutputFormat;
  table?: Place;
  video?: Place;
  report?: Place;
}

/** Options that contradict each other, or what is read: wrong usage. */
export class PredictUsageError extends Error {
  override readonly name = 'PredictUsageError';
}

const VIDEO_ENDINGS = ['.mp4', '.m4v', '.mov', '.mkv', '.webm'];
const PAGE_ENDINGS = ['.html', '.htm'];

async function placeOf(
  path: string | undefined,
  isFile: (ending: string) => boolean,
): Promise<Place | undefined> {
  if (path === undefined) return undefined;
  const found = await statIfThere(path);
  if (found?.isDirectory() || path.endsWith('/')) return { folder: path };
  if (isFile(extname(path).toLowerCase())) return { file: path };
  if (found !== undefined)
    throw new DataError({ file: path }, { found: 'a file', expected: 'a folder for outputs' });
  return { folder: path };
}

/** @throws PredictUsageError for a format that does not fit its path; DataError for a file where a folder should be */
export async function planOutputs({ table, format, video, report }: OutputPaths): Promise<OutputPlan> {
  const ending = table === undefined ? undefined : readingFormatOf(table);
  const place = await placeOf(table, () => ending !== undefined);
  const isFile = place !== undefined && 'file' in place;
  if (isFile && format !== undefined && format !== ending)
    throw new PredictUsageError(
      format === 'abaw-txt'
        ? `--format abaw-txt writes a folder of files; expected a folder, found --out ${table}`
        : `--format ${format} and --out ${table} contradict each other`,
    );
  if (format !== undefined && table === undefined) throw new PredictUsageError('--format needs --out');
  const videoPlace = await placeOf(video, (one) => VIDEO_ENDINGS.includes(one));
  const reportPlace = await placeOf(report, (one) => PAGE_ENDINGS.includes(one));
  return {
    format: (isFile ? ending : format) ?? 'csv',
    ...(place && { table: place }),
    ...(videoPlace && { video: videoPlace }),
    ...(reportPlace && { report: reportPlace }),
  };
}

/** @throws PredictUsageError where one file would have to hold several videos or pages */
export function checkPlan({ table, video, report }: OutputPlan, jobs: readonly Job[]): void {
  const videos = jobs.filter(({ kind }) => kind === 'video').length;
  if (video !== undefined && videos === 0)
    throw new PredictUsageError('--video-out needs a video; expected one, found pictures');
  if (video !== undefined && 'file' in video && videos > 1)
    throw new PredictUsageError(
      `--video-out ${video.file} is one video, and there are ${videos} to be read; expected a folder`,
    );
  if (report !== undefined && 'file' in report && jobs.length > 1)
    throw new PredictUsageError(
      `--report ${report.file} is one page, and there are ${jobs.length} videos or folders of pictures to be read; expected a folder`,
    );
  const files = [table, video, report].flatMap((place) => (place && 'file' in place ? [place.file] : []));
  const source = jobs.flatMap(({ sources }) => sources).find(({ file }) => files.includes(file));
  if (source !== undefined)
    throw new PredictUsageError(
      `${source.file} would be read and written; expected another name for the output`,
    );
}

/** What a job's own files are called; outputs that all jobs share are left out. */
export interface JobFiles {
  table?: string;
  texts?: { folder: string; files: string[] };
  video?: string;
  report?: string;
}

export function filesOf(
  { format, table, video, report }: OutputPlan,
  { name, kind }: Job,
  labels: { schema: LabelSchema; tasks: readonly Task[] },
): JobFiles {
  const below = (place: Place | undefined, ending: string) =>
    place && 'folder' in place ? join(place.folder, `${name}${ending}`) : undefined;
  const own = (place: Place | undefined, ending: string) =>
    place && 'file' in place ? place.file : below(place, ending);
  const files: JobFiles = {};
  if (table && 'folder' in table) {
    if (format === 'abaw-txt')
      files.texts = { folder: table.folder, files: frameTextFiles(table.folder, name, labels) };
    else files.table = below(table, `.${format}`) as string;
  }
  const [videoFile, reportFile] = [kind === 'video' ? own(video, '.mp4') : undefined, own(report, '.html')];
  return {
    ...files,
    ...(videoFile !== undefined && { video: videoFile }),
    ...(reportFile !== undefined && { report: reportFile }),
  };
}
