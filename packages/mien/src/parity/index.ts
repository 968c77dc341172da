// Is Mien what the reference system is? Compares with the reference's real output, kept in a folder whose layout
// `docs/parity.md` describes. Each part of such a folder has one file here.

import { join } from 'node:path';
import { statIfThere } from '../files/index.js';
import { AFEW_VA, AFEW_VA_CROPS } from './afew-va.js';
import { AFF_WILD2_ANNOTATIONS, FRAME_MATCHING } from './aff-wild2.js';
import { TEST_PADDING, TEST_SET } from './aff-wild2-test.js';
import { CHECKPOINTS } from './checkpoints.js';
import { DISFA, DISFA_ODD_CASES } from './disfa.js';
import { EXPW } from './expw.js';
import { INFERENCE, INFERENCE_ONNX } from './inference.js';
import { LEGACY_PERMUTATIONS } from './legacy-permutations.js';
import { LOSSES } from './losses.js';
import { METRICS } from './metrics.js';
import { MIXED_SETS } from './mixed-sets.js';
import { SAMPLERS } from './samplers.js';
import { TEXT_FILES } from './text.js';
import { TRANSFORMS } from './transforms.js';
import { WINDOWS } from './windows.js';

/** One comparison. */
export interface ParityCase {
  name: string;
  /** The largest error seen; NaN when a comparison was not possible. */
  error: number;
  /** Errors up to this pass. */
  tolerance: number;
  /** Where the largest error is, or what is different by design. */
  note?: string;
}

/** Something of a part that could not be compared, since the folder lacks it. */
export interface ParityGap {
  name: string;
  /** Why, in a sentence. */
  missing: string;
}

type Compared = ParityCase | ParityGap;

export interface ParityPart {
  name: string;
  /** Files or folders, relative to the golden folder, without which the part cannot be checked. */
  needs: readonly string[];
  /** What this machine lacks to check the part, in a sentence; undefined: nothing. */
  lacking?(): Promise<string | undefined>;
  /** @param checkpoints the folder with the reference's weights */
  check(folder: string, checkpoints: string): AsyncIterable<Compared> | Iterable<Compared>;
}

export interface ParityOutcome extends ParityCase {
  part: string;
  passed: boolean;
}

/** Parts, in the order in which data flows. */
export const PARTS: readonly ParityPart[] = [
  LEGACY_PERMUTATIONS,
  AFF_WILD2_ANNOTATIONS,
  FRAME_MATCHING,
  TEST_PADDING,
  TEST_SET,
  DISFA,
  DISFA_ODD_CASES,
  EXPW,
  AFEW_VA,
  AFEW_VA_CROPS,
  ...MIXED_SETS,
  SAMPLERS,
  LOSSES,
  METRICS,
  TRANSFORMS,
  WINDOWS,
  TEXT_FILES,
  CHECKPOINTS,
  INFERENCE,
  INFERENCE_ONNX,
];

/** Of a golden folder, unless they lie elsewhere. */
const CHECKPOINTS_FOLDER = 'checkpoints';

/**
 * Runs every part whose files are there.
 * @param onSkip called for a part, or something of one, that cannot be checked, with the files that are missing, if that is why,
 * and the reason
 * @param checkpoints where the reference's weights lie; default: in the folder
 */
export async function* checkParity(
  folder: string,
  onSkip: (part: string, missing: readonly string[], reason: string) => void = () => {},
  parts: readonly ParityPart[] = PARTS,
  checkpoints = join(folder, CHECKPOINTS_FOLDER),
): AsyncGenerator<ParityOutcome> {
  for (const { name, needs, lacking, check } of parts) {
    const missing: string[] = [];
    for (const path of needs) {
      const place = path === CHECKPOINTS_FOLDER ? checkpoints : join(folder, path);
      if ((await statIfThere(place)) === undefined) missing.push(path);
    }
    const reason = missing.length > 0 ? `this folder has no ${missing.join(', ')}` : await lacking?.();
    if (reason !== undefined) {
      onSkip(name, missing, reason);
      continue;
    }
    try {
      for await (const one of check(folder, checkpoints))
        if ('missing' in one) onSkip(`${name}, ${one.name}`, [], one.missing);
        else yield { part: name, ...one, passed: one.error <= one.tolerance };
    } catch (error) {
      const note = error instanceof Error ? error.message : String(error);
      yield { part: name, name: 'stopped', error: Number.NaN, tolerance: 0, note, passed: false };
    }
  }
}
