// What is wrong with a run's data is said before a step is made, and names the file.

import type { FaceRow } from 'mien/datasets';
import { ABAW3 } from 'mien/labels';
import { expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { manifestOf } from '../support/manifests.js';
import { PATIENCE, type Settings, trained } from './support.js';

const rows = (label: Partial<FaceRow>, n = 6): FaceRow[] =>
  Array.from({ length: n }, (_, i) => ({ dataset: 'a', image: `${i}.jpg`, split: 'train', ...label }));

/** Manifests whose pictures are nowhere. */
function manifests() {
  const folder = folderWith({});
  const happy = { expression: 'happiness' };
  return {
    folder,
    expr: manifestOf(folder, 'expr.parquet', rows(happy)),
    abaw3: manifestOf(folder, 'abaw3.parquet', rows(happy), { schema: ABAW3 }),
    va: manifestOf(folder, 'va.parquet', rows({ valence: 0.5, arousal: 0.5 })),
    elsewhere: manifestOf(folder, 'elsewhere.parquet', rows(happy), { roots: { a: '/elsewhere' } }),
    validation: manifestOf(folder, 'validation.parquet', rows({ ...happy, split: 'validation' })),
  };
}

type Files = ReturnType<typeof manifests>;

it.each<[string, (files: Files) => Settings, RegExp]>([
  ['no data', () => ({ data: {} }), /recipe\.yaml: found no data; .*--set data\.EXPR=/],
  [
    'a task without data',
    ({ expr }) => ({ data: { EXPR: expr }, tasks: ['EXPR', 'AU'] }),
    /recipe\.yaml: found no data\.AU; expected a manifest, since tasks names it/,
  ],
  [
    'a manifest that is not there',
    () => ({ data: { AU: '/none/au.parquet' } }),
    /^\/none\/au\.parquet: found no such file/,
  ],
  [
    'a manifest without labels of its task',
    ({ va }) => ({ data: { AU: va } }),
    /va\.parquet: found no training row with AU labels/,
  ],
  [
    'nothing to train on',
    ({ validation }) => ({ data: { EXPR: validation } }),
    /validation\.parquet: found no training row with EXPR labels/,
  ],
  [
    'fewer samples than a batch has',
    ({ expr }) => ({ data: { EXPR: expr }, batch: { perTask: 7 } }),
    /expr\.parquet: found 6 training samples for EXPR; expected at least a batch of 7/,
  ],
  [
    'fewer samples of one task than its batch has',
    ({ expr, va }) => ({ data: { EXPR: expr, VA: va }, batch: { perTask: { EXPR: 7, VA: 2 } } }),
    /expr\.parquet: found 6 training samples for EXPR; expected at least a batch of 7/,
  ],
  [
    'a shorter epoch than what is put together',
    ({ expr }) => ({ data: { EXPR: expr }, batch: { perTask: 2, epoch: 3, accumulate: 4 } }),
    /batch\.accumulate: found 4 steps; expected at most the epoch's 3/,
  ],
  [
    'tasks of different label schemas',
    ({ abaw3, va }) => ({ data: { EXPR: abaw3, VA: va } }),
    /va\.parquet: found label schema abaw1; expected abaw3, as in .*abaw3\.parquet\. Say which/,
  ],
  [
    'manifests of one task with different label schemas',
    ({ expr, abaw3 }) => ({ data: { EXPR: [expr, abaw3] } }),
    /abaw3\.parquet: found label schema abaw3; expected abaw1, .*mien data mix/,
  ],
  [
    'manifests that have one data set in two folders',
    ({ expr, elsewhere }) => ({ data: { EXPR: [expr, elsewhere] } }),
    /elsewhere\.parquet: found data set "a" in \/elsewhere; expected \/data\/a/,
  ],
  [
    'an unknown label schema',
    ({ expr }) => ({ data: { EXPR: expr }, schema: 'abaw9' }),
    /recipe\.yaml: found schema abaw9; expected abaw1, abaw3/,
  ],
])('%s', PATIENCE, async (_, settings, message) => {
  const files = manifests();
  await expect(trained(`${files.folder}/run`, settings(files))).rejects.toThrow(message);
});
