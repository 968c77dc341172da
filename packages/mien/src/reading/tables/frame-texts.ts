// Readings of a video as the challenges' text files: a line per frame in a file per task.

import { join } from 'node:path';
import { labelHeader } from '../../datasets/index.js';
import { DataError, formatFixed4, OutputFile } from '../../files/index.js';
import { SUBMISSION_EDITIONS } from '../../judging/index.js';
import type { LabelSchema, Task } from '../../labels/index.js';
import type { FaceReading, FrameReading } from '../frames.js';

const EDITIONS = [SUBMISSION_EDITIONS.fg2020, SUBMISSION_EDITIONS.abaw3];

export interface FrameTexts {
  /** Frame by frame, none left out. Of several faces the first counts. */
  write(frame: FrameReading): void;
  /** Gives the files their names. @throws DataError when no frame had a face */
  close(): void;
  /** Leaves no trace. */
  abort(): void;
  files: readonly string[];
}

export interface FrameTextOptions {
  schema: LabelSchema;
  tasks: readonly Task[];
  /** The video's file, for errors. Default: its name. */
  source?: string;
}

function lineOf(task: Task, { actionUnits, expressions }: LabelSchema, face: FaceReading): string {
  if (task === 'VA') return [face.valence, face.arousal].map((value) => formatFixed4(value as number)).join();
  if (task === 'EXPR') return String(expressions.indexOf(face.expression?.label ?? ''));
  return actionUnits.map((unit) => Number(face.actionUnits?.[unit]?.present ?? false)).join();
}

/** The edition whose files a schema's readings fill. @throws DataError for a schema of one's own */
function editionOf({ name, actionUnits, expressions }: LabelSchema, folder: string) {
  const labels = JSON.stringify([actionUnits, expressions]);
  const edition = EDITIONS.find(
    ({ schema }) => JSON.stringify([schema.actionUnits, schema.expressions]) === labels,
  );
  if (edition !== undefined) return edition;
  throw new DataError(
    { file: folder },
    {
      found: `labels of schema ${name}`,
      expected: `those of ${EDITIONS.map(({ schema }) => schema.name).join(' or ')}, which challenges have`,
    },
  );
}

/** @returns the files of a video, below the folder. @throws DataError as `openFrameTexts` */
export function frameTextFiles(
  folder: string,
  video: string,
  { schema, tasks }: { schema: LabelSchema; tasks: readonly Task[] },
): string[] {
  const edition = editionOf(schema, folder);
  return tasks.map((task) => join(folder, edition.path(task, video)));
}

/**
 * Begins the files of a video: `AU_Set/VIDEO.txt` and so on with labels of `abaw1`, `AU/VIDEO.txt` with those of `abaw3`. A frame without a
 * face has what the last one with a face has, or before the first the first one, as in the challenges' own test sets.
 * @throws DataError for labels that no edition has; while frames are written, for files that cannot be
 */
export function openFrameTexts(
  folder: string,
  video: string,
  { schema, tasks, source = video }: FrameTextOptions,
): FrameTexts {
  const { lastLineEnds } = editionOf(schema, folder);
  const files = frameTextFiles(folder, video, { schema, tasks });
  const outputs: OutputFile[] = [];
  const abort = () => {
    for (const output of outputs.splice(0)) output.discard();
  };
  const encoder = new TextEncoder();
  const append = (texts: readonly string[]) => {
    for (const [i, text] of texts.entries()) outputs[i]?.write(encoder.encode(text));
  };
  /** With the first face, so that a video without any leaves no folder. */
  const open = () => {
    for (const file of files) outputs.push(new OutputFile(file));
    append(tasks.map((task) => labelHeader(task, schema)));
  };
  /** Frames before the first face. */
  let waiting = 0;
  let last: string[] | undefined;
  return {
    files,
    write({ faces: [face] }) {
      if (face === undefined && last === undefined) {
        waiting++;
        return;
      }
      if (last === undefined) open();
      if (face !== undefined) last = tasks.map((task) => `\n${lineOf(task, schema, face)}`);
      append((last as string[]).map((line) => line.repeat(1 + waiting)));
      waiting = 0;
    },
    close() {
      if (last === undefined)
        throw new DataError(
          { file: source },
          { found: 'no face in any frame', expected: 'one: every frame needs a line' },
        );
      if (lastLineEnds) append(tasks.map(() => '\n'));
      for (const output of outputs.splice(0)) output.commit();
    },
    abort,
  };
}
