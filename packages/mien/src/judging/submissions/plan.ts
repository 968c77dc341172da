// Which files a submission has, and which frame each of their lines is: what the writer writes and the checker expects.

import { labelHeader, type Manifest, standardName, testListsOf } from '../../datasets/index.js';
import { DataError, show } from '../../files/index.js';
import { TASKS, type Task } from '../../labels/index.js';
import { SUBMISSION_EDITIONS, type SubmissionEdition, type SubmissionEditionName } from './editions.js';

export interface PlannedFile {
  /** Below the submission's folder, with `/`. */
  path: string;
  /** In the order of the columns. */
  tasks: readonly Task[];
  /** Of `videos`: the video. */
  video?: string;
  header: string;
  /** Rows of the manifest, a line each. */
  rows: Int32Array;
  /** Whether a line begins with its image. */
  images: boolean;
}

/** In the order of the multi-task file's columns. */
const TOGETHER: readonly Task[] = ['VA', 'EXPR', 'AU'];
const TOGETHER_HEADER = 'image,valence,arousal,expression,aus';

/** `VIDEO/00001.jpg`: the image of a frame as the challenges name it. */
export const imageName = ({ faces }: Manifest, row: number): string =>
  `${faces.clip.get(row)}/${standardName((faces.frame.get(row) ?? 0) + 1)}`;

/** Rows of each test video, by frame. */
function testVideos({ faces, file }: Manifest): Map<string, number[]> {
  const videos = new Map<string, number[]>();
  for (let row = 0; row < faces.length; row++) {
    if (faces.split.get(row) !== 'test') continue;
    const [clip, frame] = [faces.clip.get(row), faces.frame.get(row)];
    if (clip === undefined || frame === undefined || /[/\\,\0]/.test(clip))
      throw new DataError(
        { file, row: row + 1 },
        {
          found: `clip ${clip === undefined ? 'unknown' : show(clip)}, frame ${frame ?? 'unknown'}`,
          expected: 'both, and a clip that can be the name of a file',
        },
      );
    const rows = videos.get(clip);
    if (rows === undefined) videos.set(clip, [row]);
    else rows.push(row);
  }
  if (videos.size === 0)
    throw new DataError(
      { file },
      { found: 'no row of the split test', expected: 'the videos of a test set' },
    );
  for (const [clip, rows] of videos) {
    rows.sort((a, b) => (faces.frame.get(a) as number) - (faces.frame.get(b) as number));
    rows.forEach((row, i) => {
      const before = rows[i - 1];
      if (before !== undefined && faces.frame.get(row) === faces.frame.get(before))
        throw new DataError(
          { file, row: row + 1 },
          {
            found: `frame ${faces.frame.get(row)} of ${clip} for the second time`,
            expected: `one face per frame; the first is row ${before + 1}`,
          },
        );
    });
  }
  return videos;
}

/** @throws DataError where the rows are not the frames 0, 1, 2, … */
function checkWhole({ faces, file }: Manifest, clip: string, rows: readonly number[]): void {
  const gap = rows.findIndex((row, i) => faces.frame.get(row) !== i);
  if (gap < 0) return;
  throw new DataError(
    { file, row: (rows[gap] as number) + 1 },
    {
      found: `frame ${faces.frame.get(rows[gap] as number)} of ${clip}`,
      expected: `frame ${gap}: a line for every frame is wanted, also where there is no face`,
      hint: 'mien data import aff-wild2-test fills gaps',
    },
  );
}

/** The test videos of a task: its list's, else all. @throws DataError for a listed video without rows */
function videosOf(manifest: Manifest, task: Task, all: ReadonlyMap<string, number[]>): string[] | undefined {
  const lists = testListsOf(manifest.history);
  if (lists === undefined) return [...all.keys()];
  const list = lists[task];
  const missing = list?.videos.find((video) => !all.has(video));
  if (missing !== undefined)
    throw new DataError(
      { file: manifest.file },
      { found: `no frames of test video ${missing}`, expected: `some: ${list?.file} lists it` },
    );
  return list?.videos;
}

/**
 * @param tasks default: those that the manifest has test videos for
 * @throws DataError when the manifest has no test videos of a task, or a frame is missing or there twice
 */
export function planSubmission(
  name: SubmissionEditionName,
  manifest: Manifest,
  tasks?: readonly Task[],
): PlannedFile[] {
  const edition: SubmissionEdition = SUBMISSION_EDITIONS[name];
  const all = testVideos(manifest);
  if (edition.layout === 'together') {
    const rows: number[] = [];
    for (let row = 0; row < manifest.faces.length; row++)
      if (manifest.faces.split.get(row) === 'test') rows.push(row);
    const path = edition.path('VA', '');
    return [{ path, tasks: TOGETHER, header: TOGETHER_HEADER, rows: Int32Array.from(rows), images: true }];
  }
  return (tasks ?? TASKS).flatMap((task): PlannedFile[] => {
    const videos = videosOf(manifest, task, all);
    if (videos === undefined) {
      if (tasks === undefined) return [];
      throw new DataError(
        { file: manifest.file },
        { found: `no list of test videos for ${task}`, expected: 'one: it was imported without' },
      );
    }
    const rowsOf = (video: string) => all.get(video) as number[];
    for (const video of videos) checkWhole(manifest, video, rowsOf(video));
    const header = labelHeader(task, edition.schema);
    if (edition.layout === 'images')
      return [
        {
          path: edition.path(task, ''),
          tasks: [task],
          header: `image_location,${header}`,
          rows: Int32Array.from(videos.flatMap(rowsOf)),
          images: true,
        },
      ];
    return videos.map((video) => ({
      path: edition.path(task, video),
      tasks: [task],
      video,
      header,
      rows: Int32Array.from(rowsOf(video)),
      images: false,
    }));
  });
}
