// Scores of valence and arousal: their concordance with the truth.

import { rowsIn } from './inputs.js';
import { concordance, joinMoments, type Moments, momentsOf, NO_MOMENTS } from './moments.js';

export interface ValenceArousalResult {
  /** −1 … 1; 0 where not defined. */
  cccValence: number;
  cccArousal: number;
  /** Rows of which either is known. */
  samples: number;
}

export class ValenceArousalMetric {
  /** With `samples`, all there is to send to another process. */
  valence: Moments = NO_MOMENTS;
  arousal: Moments = NO_MOMENTS;
  samples = 0;

  /**
   * @param predicted valence and arousal [n, 2], row-major
   * @param truth [n, 2]
   * @param known [n, 2], 0 leaves one of the two out. Default: all
   * @throws RangeError for arrays of different lengths
   */
  update(predicted: ArrayLike<number>, truth: ArrayLike<number>, known?: ArrayLike<number>): void {
    const rows = rowsIn(2, predicted, truth, known);
    const pairs: [number[], number[]] = [[], []];
    for (let row = 0; row < rows; row++) {
      let any = false;
      for (const dimension of [0, 1] as const) {
        const i = 2 * row + dimension;
        if (known && !known[i]) continue;
        any = true;
        pairs[dimension].push(predicted[i] as number, truth[i] as number);
      }
      if (any) this.samples++;
    }
    this.valence = joinMoments(this.valence, momentsOf(pairs[0]));
    this.arousal = joinMoments(this.arousal, momentsOf(pairs[1]));
  }

  /** Adds what another has seen. */
  merge(other: Readonly<Pick<ValenceArousalMetric, 'valence' | 'arousal' | 'samples'>>): void {
    this.valence = joinMoments(this.valence, other.valence);
    this.arousal = joinMoments(this.arousal, other.arousal);
    this.samples += other.samples;
  }

  compute(): ValenceArousalResult {
    return {
      cccValence: concordance(this.valence),
      cccArousal: concordance(this.arousal),
      samples: this.samples,
    };
  }
}
