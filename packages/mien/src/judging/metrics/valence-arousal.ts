// Scores of valence and arousal: how closely they follow the truth.

import { meanOf, ratio } from './f1.js';
import { rowsIn } from './inputs.js';
import {
  concordance,
  joinMoments,
  type Moments,
  momentsOf,
  NO_MOMENTS,
  pearson,
  rootMeanSquare,
} from './moments.js';

/** Of valence, or of arousal. What is not defined is 0. */
export interface DimensionResult {
  /** Concordance, −1 … 1. */
  ccc: number;
  /** Correlation, −1 … 1. */
  pearson: number;
  rmse: number;
  /** Share of rows whose sign is right (SAGR); 0 is a sign of its own. */
  signAgreement: number;
  /** Rows in which it is known. */
  samples: number;
}

export interface ValenceArousalResult {
  valence: DimensionResult;
  arousal: DimensionResult;
  /** Mean of the CCCs: of those of the two of which any label is known. */
  ccc: number;
  /** Rows of which either is known. */
  samples: number;
}

/** What is kept of one of the two: moments of prediction and truth, and how often their signs agree. */
export interface DimensionState {
  moments: Moments;
  agreeing: number;
}

const dimensionResult = ({ moments, agreeing }: DimensionState): DimensionResult => ({
  ccc: concordance(moments),
  pearson: pearson(moments),
  rmse: rootMeanSquare(moments),
  signAgreement: ratio(agreeing, moments.n),
  samples: moments.n,
});

export function valenceArousalResult(
  ofValence: DimensionState,
  ofArousal: DimensionState,
  samples: number,
): ValenceArousalResult {
  const [valence, arousal] = [dimensionResult(ofValence), dimensionResult(ofArousal)];
  const known = [valence, arousal].filter((one) => one.samples > 0);
  return { valence, arousal, ccc: meanOf(known.map(({ ccc }) => ccc)), samples };
}

const join = (one: DimensionState, other: DimensionState): DimensionState => ({
  moments: joinMoments(one.moments, other.moments),
  agreeing: one.agreeing + other.agreeing,
});

export class ValenceArousalMetric {
  /** With `samples`, all there is to send to another process. */
  valence: DimensionState = { moments: NO_MOMENTS, agreeing: 0 };
  arousal: DimensionState = { moments: NO_MOMENTS, agreeing: 0 };
  samples = 0;

  /**
   * @param predicted valence and arousal [n, 2], row-major
   * @param truth [n, 2]
   * @param known [n, 2], 0 leaves one of the two out. Default: all
   * @throws RangeError for arrays of different lengths
   */
  update(predicted: ArrayLike<number>, truth: ArrayLike<number>, known?: ArrayLike<number>): void {
    const rows = rowsIn(2, predicted, truth, known);
    for (let row = 0; row < rows; row++) if (!known || known[2 * row] || known[2 * row + 1]) this.samples++;
    const stateOf = (dimension: 0 | 1): DimensionState => {
      const pairs = new Float64Array(2 * rows);
      let [length, agreeing] = [0, 0];
      for (let i = dimension; i < 2 * rows; i += 2) {
        if (known && !known[i]) continue;
        const guess = predicted[i] as number;
        const fact = truth[i] as number;
        pairs[length++] = guess;
        pairs[length++] = fact;
        if (Math.sign(guess) === Math.sign(fact)) agreeing++;
      }
      return { moments: momentsOf(pairs.subarray(0, length)), agreeing };
    };
    this.valence = join(this.valence, stateOf(0));
    this.arousal = join(this.arousal, stateOf(1));
  }

  /** Adds what another has seen. */
  merge(other: Readonly<Pick<ValenceArousalMetric, 'valence' | 'arousal' | 'samples'>>): void {
    this.valence = join(this.valence, other.valence);
    this.arousal = join(this.arousal, other.arousal);
    this.samples += other.samples;
  }

  compute(): ValenceArousalResult {
    return valenceArousalResult(this.valence, this.arousal, this.samples);
  }
}
