// Estimates of a test set's frames, for a submission.

import type { Manifest } from '../datasets/index.js';
import { decide, type EnsembleRule, type Estimates, truthOf } from '../judging/index.js';
import { ensembleTuningOf, tuningOf } from '../models/runners/index.js';
import { readFaces } from './crops.js';
import { ENSEMBLE, openMembers } from './members.js';

export interface TestSetOptions {
  /** Of several models; default `probabilities`. */
  how?: EnsembleRule | undefined;
  /** Of runs. */
  phase?: string | undefined;
  threads?: number | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Reads all test rows of a manifest with one model, or with several as one, and decides by the tuning that they carry.
 * @returns estimates of the rows
 * @throws DataError for what is no model, and for a picture that does not open
 */
export async function estimateTestSet(
  models: readonly string[],
  manifest: Manifest,
  { how, phase, threads, signal, onProgress }: TestSetOptions = {},
): Promise<{ estimates: Estimates; rows: Int32Array }> {
  const { faces } = manifest;
  const test = Int32Array.from({ length: faces.length }, (_, row) => row).filter(
    (row) => faces.split.get(row) === 'test',
  );
  const { members, runners, close } = await openMembers(models, {
    ...(phase !== undefined && { phase }),
    ...(threads !== undefined && { threads }),
  });
  try {
    const joining = runners.filter((_, i) => members[i]?.joins);
    const { rows, outputs } = await readFaces({
      manifest,
      rows: test,
      runners: joining,
      strict: true,
      ...(threads !== undefined && { threads }),
      ...(signal && { signal }),
      ...(onProgress && { onProgress }),
    });
    const infos = joining.map(({ info }) => info);
    const several = joining.length > 1;
    const estimates = decide(outputs, {
      ...(several && { name: ENSEMBLE }),
      how,
      memberTunings: infos.map(tuningOf),
      tuning: several
        ? ensembleTuningOf(
            infos,
            joining.map(({ hash }) => hash),
          )
        : undefined,
      truth: truthOf(faces, rows),
    });
    return { estimates, rows };
  } finally {
    await close();
  }
}
