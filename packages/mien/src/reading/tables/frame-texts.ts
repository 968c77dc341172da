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
 * @throws DataError for labels that no edition has, or files that cannot be written
 */
export function openFrameTexts(
  folder: string,
  video: string,
  { schema, tasks }: { schema: LabelSchema; tasks: readonly Task[] },
): FrameTexts {
  const { lastLineEnds } = editionOf(schema, folder);
  const files = frameTextFiles(folder, video, { schema, tasks });
  const outputs: OutputFile[] = [];
  const abort = () => {
    for (const output of outputs) output.discard();
  };
  const encoder = new TextEncoder();
  const append = (text: (task: Task) => string) => {
    for (const [i, task] of tasks.entries()) outputs[i]?.write(encoder.encode(text(task)));
  };
  try {
    for (const file of files) outputs.push(new OutputFile(file));
    append((task) => labelHeader(task, schema));
  } catch (error) {
    abort();
    throw error;
  }
  /** Frames before the first face. */
  let waiting = 0;
  let last: string[] | undefined;
  return {
    files,
    write({ faces: [face] }) {
      if (face !== undefined) last = tasks.map((task) => `\n${lineOf(task, schema, face)}`);
      if (last === undefined) {
        waiting++;
        return;
      }
      const lines = last;
      append((task) => (lines[tasks.indexOf(task)] as string).repeat(1 + waiting));
      waiting = 0;
    },
    close() {
      if (last === undefined) {
        abort();
        throw new DataError(
          { file: video },
          { found: 'no face in any frame', expected: 'one: every frame needs a line' },
        );
      }
      if (lastLineEnds) append(() => '\n');
      for (const output of outputs) output.commit();
    },
    abort,
  };
}
