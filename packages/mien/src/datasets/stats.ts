// What is in a manifest: faces, subjects and clips of each part, and which labels they carry.

import { DataError, show } from '../files/index.js';
import { type LabelSchema, TASKS, type Task } from '../labels/index.js';
import type { Split } from './face-row.js';
import { type FaceTable, voteColumn } from './face-table.js';
import type { Manifest } from './manifest.js';
import { type SplitOrNone, taskTest } from './samples.js';

export interface Extent {
  faces: number;
  /** Distinct within their data sets; 0 where the manifest does not tell. */
  subjects: number;
  clips: number;
}

export interface FaceCounts extends Extent {
  /** Data sets in order of appearance, splits in the order train, validation, test, none (null). */
  parts: (Extent & { dataset: string; split: Split | null })[];
  tasks: Record<Task, Extent>;
  /** How many faces carry labels of exactly these tasks; the empty list: of none. */
  combinations: { tasks: Task[]; faces: number }[];
  /** Raters' votes: faces that have them, and the mean share of each expression; undefined where no face has any. */
  votes: { faces: number; shares: Record<string, number> } | undefined;
}

/** @throws DataError when the manifests' schemas differ */
export function commonSchema(manifests: readonly Pick<Manifest, 'file' | 'faces'>[]): LabelSchema {
  const [first, ...others] = manifests;
  if (first === undefined) throw new RangeError('no manifest');
  const { schema } = first.faces;
  for (const { file, faces } of others)
    if (JSON.stringify(faces.schema) !== JSON.stringify(schema))
      throw new DataError(
        { file },
        {
          found: `label schema ${show(faces.schema.name)}`,
          expected: `${show(schema.name)}, the schema of ${first.file}`,
          hint: 'Import both with the same --schema',
        },
      );
  return schema;
}

/** Counts faces, and distinct subjects and clips, of one part of the data. */
class Counter {
  faces = 0;
  readonly #names = { subjects: new Set<string>(), clips: new Set<string>() };

  add(kind: 'subjects' | 'clips', name: string): void {
    this.#names[kind].add(name);
  }

  extent(): Extent {
    return { faces: this.faces, subjects: this.#names.subjects.size, clips: this.#names.clips.size };
  }
}

/** Adds one table's rows to counters; a name is looked up as text only where its code is seen for the first time. */
function tableCounter(faces: FaceTable) {
  const seen = new Map<Counter, Set<number>>();
  return (counter: Counter, row: number): void => {
    counter.faces++;
    const codes = seen.get(counter) ?? new Set();
    seen.set(counter, codes);
    const dataset = faces.dataset.code(row) ?? 0;
    for (const [kind, column, sign] of [
      ['subjects', faces.subject, 0],
      ['clips', faces.clip, 1],
    ] as const) {
      const code = column.code(row);
      if (code === undefined) continue;
      const key = (code * faces.dataset.names.length + dataset) * 2 + sign;
      if (codes.has(key)) continue;
      codes.add(key);
      counter.add(kind, `${faces.dataset.names[dataset]}\0${column.names[code]}`);
    }
  };
}

const SPLIT_ORDER: readonly SplitOrNone[] = ['train', 'validation', 'test', undefined];

/** Counts one or more tables together. Rows are counted, not pictures: one that two tables name counts twice. */
export function countFaces(tables: readonly FaceTable[]): FaceCounts {
  const all = new Counter();
  const parts = new Map<string, Map<SplitOrNone, Counter>>();
  const tasks = { EXPR: new Counter(), AU: new Counter(), VA: new Counter() };
  const combinations = new Float64Array(2 ** TASKS.length);
  for (const faces of tables) {
    const add = tableCounter(faces);
    const serves = TASKS.map((task) => taskTest(faces, task));
    const partOf = partFinder(faces, parts);
    for (let row = 0; row < faces.length; row++) {
      add(all, row);
      add(partOf(row), row);
      let combination = 0;
      TASKS.forEach((task, k) => {
        if (serves[k]?.(row) !== true) return;
        combination |= 1 << k;
        add(tasks[task], row);
      });
      combinations[combination] = (combinations[combination] as number) + 1;
    }
  }
  return {
    ...all.extent(),
    parts: [...parts].flatMap(([dataset, splits]) =>
      SPLIT_ORDER.flatMap((split) => {
        const counter = splits.get(split);
        return counter === undefined ? [] : [{ dataset, split: split ?? null, ...counter.extent() }];
      }),
    ),
    tasks: { EXPR: tasks.EXPR.extent(), AU: tasks.AU.extent(), VA: tasks.VA.extent() },
    combinations: Array.from(combinations, (count, bits) => ({
      tasks: TASKS.filter((_, k) => bits & (1 << k)),
      faces: count,
    })).filter(({ faces }) => faces > 0),
    votes: countVotes(tables),
  };
}

function partFinder(faces: FaceTable, parts: Map<string, Map<SplitOrNone, Counter>>) {
  const found = new Map<number, Counter>();
  return (row: number): Counter => {
    const key = (faces.dataset.code(row) ?? 0) * 8 + (faces.split.code(row) ?? 7);
    let counter = found.get(key);
    if (counter !== undefined) return counter;
    const [dataset, split] = [faces.dataset.get(row) ?? '', faces.split.get(row) as SplitOrNone];
    const splits = parts.get(dataset) ?? new Map<SplitOrNone, Counter>();
    parts.set(dataset, splits);
    counter = splits.get(split) ?? new Counter();
    splits.set(split, counter);
    found.set(key, counter);
    return counter;
  };
}

function countVotes(tables: readonly FaceTable[]): FaceCounts['votes'] {
  const names = tables[0]?.schema.expressions ?? [];
  const sums = names.map(() => 0);
  let count = 0;
  for (const faces of tables) {
    const columns = names.map((name) => faces.optional(voteColumn(name)));
    if (columns.every((column) => column === undefined)) continue;
    for (let row = 0; row < faces.length; row++) {
      const votes = columns.map((column) => column?.get(row));
      if (votes.every((vote) => vote === undefined)) continue;
      count++;
      votes.forEach((vote = 0, k) => {
        sums[k] = (sums[k] as number) + vote;
      });
    }
  }
  if (count === 0) return undefined;
  return {
    faces: count,
    shares: Object.fromEntries(names.map((name, k) => [name, (sums[k] as number) / count])),
  };
}
