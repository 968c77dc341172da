// What an eight-bit model costs: how far its predictions are from the float model's, in the units that users see.

import type { Task } from '../../labels/index.js';
import { sigmoid, softmax, valenceArousalOf } from '../decoding.js';
import type { Decoding, ModelInfo } from '../info.js';
import type { ByTask } from '../network.js';
import { INPUT } from './metadata.js';
import { type Floats, openSession } from './runtime.js';

/** Differences of predictions: of probabilities (EXPR, AU), of valence and arousal, which go from −1 to 1 (VA). */
export interface Difference {
  mean: number;
  largest: number;
}

/** What a task's logits say. @param logits of one frame */
function predictionsOf(task: Task, logits: Float32Array, decoding: Decoding): ArrayLike<number> {
  if (task === 'EXPR') return softmax(logits);
  if (task === 'AU') return logits.map(sigmoid);
  return valenceArousalOf(logits, decoding);
}

class Differences {
  #sum = 0;
  #count = 0;
  #largest = 0;

  add(one: ArrayLike<number>, two: ArrayLike<number>): void {
    for (let i = 0; i < one.length; i++) {
      const error = Math.abs((one[i] as number) - (two[i] as number));
      this.#sum += error;
      this.#largest = Math.max(this.#largest, error);
    }
    this.#count += one.length;
  }

  compute(): Difference {
    return { mean: this.#sum / this.#count, largest: this.#largest };
  }
}

/**
 * Runs two models on the same inputs.
 * @param reference and @param other bytes of ONNX files
 * @param batches inputs, at least one
 */
export async function compareModels(
  reference: Uint8Array,
  other: Uint8Array,
  { decoding, network }: Pick<ModelInfo, 'decoding' | 'network'>,
  batches: readonly Floats[],
): Promise<ByTask<Difference>> {
  const sessions = [await openSession(reference), await openSession(other)];
  const differences = new Map(network.tasks.map((task) => [task, new Differences()] as const));
  try {
    for (const batch of batches) {
      const results = await Promise.all(sessions.map((session) => session.run({ [INPUT]: batch })));
      for (const [task, difference] of differences) {
        const [one, two] = results.map((result) => result.get(task)) as [Floats, Floats];
        const width = one.dims.at(-1) as number;
        const predictions = ({ data }: Floats, at: number) =>
          predictionsOf(task, data.subarray(at, at + width), decoding);
        for (let at = 0; at < one.data.length; at += width)
          difference.add(predictions(one, at), predictions(two, at));
      }
    }
  } finally {
    for (const session of sessions) await session.close();
  }
  return Object.fromEntries([...differences].map(([task, one]) => [task, one.compute()]));
}
