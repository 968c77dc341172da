// Pictures that an eight-bit model is fitted to, and others that it is judged by.

import type { Manifest } from '../../datasets/index.js';
import { DataError } from '../../files/index.js';
import { batchesOf, clipsOf, createLoader, windowsOf } from '../../loading/index.js';
import { Random } from '../../random/index.js';
import type { ModelInfo } from '../info.js';
import type { Floats } from './runtime.js';

export interface Calibration {
  /** Inputs of the network. */
  fit: readonly Floats[];
  /** Others, none of which is among `fit`. */
  heldBack: readonly Floats[];
}

export interface CalibrationOptions {
  /** About how many pictures to load; a third is held back. Default: 384. */
  pictures?: number;
  seed?: number;
}

const BATCH = 16;
/** Frames of a clip at most: activations hardly depend on how long it is. */
const LONGEST_CLIP = 16;

/**
 * Draws pictures, or windows of clips for sequences, and prepares them as the model wants them.
 * @throws DataError when there are too few, or none that can be loaded
 */
export async function loadCalibration(
  manifest: Manifest,
  { network, input }: Pick<ModelInfo, 'network' | 'input'>,
  { pictures = 384, seed = 1 }: CalibrationOptions = {},
): Promise<Calibration> {
  const { inputSize, sequence } = network;
  const frames = Math.min(LONGEST_CLIP, sequence?.length ?? 1);
  const windows = sequence === undefined ? undefined : windowsOf(clipsOf(manifest), frames, 'evaluation');
  const samples = Random.keyed(seed)
    .permutation(windows?.count ?? manifest.faces.length)
    .subarray(0, Math.ceil(pictures / frames));
  const perBatch = Math.max(1, Math.min(Math.floor(BATCH / frames), Math.floor(samples.length / 3)));
  const order = batchesOf(samples, perBatch);
  const { edge, normalization } = input;
  const loader = createLoader({
    manifest,
    order,
    ...(windows && { windows }),
    transform: { kind: 'evaluation', size: inputSize, edge, normalization },
  });
  const calibration = { fit: [] as Floats[], heldBack: [] as Floats[] };
  for await (const { step, length, images, release } of loader) {
    const dims = [length, ...(windows ? [frames] : []), 3, inputSize, inputSize];
    const copy = { dims, data: Float32Array.from(images) };
    release();
    if (length > 0) calibration[step % 3 === 2 ? 'heldBack' : 'fit'].push(copy);
  }
  if (calibration.heldBack.length === 0)
    throw new DataError(
      { file: manifest.file },
      {
        found: `${samples.length} ${windows ? 'windows of clips' : 'pictures'} that open`,
        expected:
          'at least 3, and better some hundred, to fit eight-bit numbers to some and judge them by others',
      },
    );
  return calibration;
}
