// Test sets of a challenge, and estimates of their frames.

import { type FaceRow, FaceTable, type Manifest, type ManifestStep } from 'mien/datasets';
import type { Estimates } from 'mien/judging';
import type { LabelSchema, Task } from 'mien/labels';

/** @param videos name → number of frames; @param lists which of them each task's list names. Default: no lists */
export function testManifest(
  videos: Record<string, number>,
  schema: LabelSchema,
  lists?: Partial<Record<Task, string[]>>,
): Manifest {
  const faces = new FaceTable(schema);
  const rows: FaceRow[] = Object.entries(videos).flatMap(([clip, frames]) =>
    Array.from({ length: frames }, (_, frame) => ({
      dataset: 'aff-wild2',
      image: `${clip}/00001.jpg`, // one crop stands for all frames, as where no other face was found
      split: 'test' as const,
      clip,
      frame,
    })),
  );
  faces.push({ dataset: 'aff-wild2', image: 'other/00001.jpg', split: 'train', clip: 'other', frame: 0 });
  for (const row of rows) faces.push(row);
  const step: ManifestStep = {
    command: 'import aff-wild2-test',
    options: {
      lists: Object.fromEntries(
        Object.entries(lists ?? {}).map(([task, names]) => [task, { file: `${task}.txt`, videos: names }]),
      ),
    },
    tally: { kept: 1, dropped: {}, noted: {} },
  };
  return { file: 'test.parquet', faces, roots: new Map(), history: lists === undefined ? [] : [step] };
}

/** Estimates of n faces that differ from face to face. */
export function estimatesOf(n: number, schema: LabelSchema): Required<Omit<Estimates, 'disagreement'>> {
  const [C, K] = [schema.expressions.length, schema.actionUnits.length];
  return {
    name: 'model',
    schema,
    length: n,
    EXPR: { classes: Int32Array.from({ length: n }, (_, i) => i % C) },
    AU: {
      decisions: Uint8Array.from({ length: n * K }, (_, i) =>
        (Math.floor(i / K) + (i % K)) % 3 === 0 ? 1 : 0,
      ),
    },
    VA: { values: Float32Array.from({ length: n * 2 }, (_, i) => Math.sin(i)) },
  };
}
