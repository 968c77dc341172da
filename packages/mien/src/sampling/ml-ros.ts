// Multilabel random oversampling (ML-ROS, Charte et al. 2015) for action units: faces that show a rare unit are cloned
// until the unit is rare no more. Two forms: the reference's, and a fair one. Clones are counted, never made: counts
// per label are carried along, so that a round costs the same whatever the number of faces.

import { imbalance } from '../datasets/index.js';
import type { Random } from '../random/index.js';

export interface BinaryLabels {
  /** Labels a sample. */
  width: number;
  /** 1 where the label is known to be present, 0 where it is absent or missing [size, width]. */
  positive: Uint8Array;
}

export interface MlRosOptions {
  /** A label is rare while its IRLbl is above this; 0: above the MeanIR of the data. */
  threshold?: number;
  /** The most clones, as a share of the samples. */
  cap?: number;
}

export interface Oversampling {
  /** How often each sample was cloned [size]. */
  clones: Int32Array;
  /** Their sum. */
  total: number;
  /** Above this IRLbl a label was rare. */
  threshold: number;
  /** Positives of each label, samples and clones together. */
  positives: Float64Array;
  /** Labels that no sample shows: left out. */
  empty: number[];
  /** Labels that are still rare: the cap ended the cloning, or clones made for others raised the commonest label. */
  unfinished: number[];
}

/** The reference's threshold: a preset in the place of MeanIR. */
const THRESHOLD = 2;

/** The reference's cap: half as many clones as samples. */
const CAP = 0.5;

/** Clones that the reference draws before it looks again. */
const ROUND = 32;

/** The labels, and what cloning has done to them so far. */
class Cloning {
  readonly positives: Float64Array;
  readonly clones: Int32Array;
  readonly threshold: number;
  readonly #labels: BinaryLabels;
  total = 0;

  constructor(labels: BinaryLabels, threshold: number) {
    const { positive, width } = labels;
    this.#labels = labels;
    this.clones = new Int32Array(positive.length / width);
    this.positives = new Float64Array(width);
    for (let sample = 0; sample < this.size; sample++) this.#count(sample);
    const { mean } = imbalance(this.positives);
    this.threshold = threshold === 0 ? (mean ?? 1) : threshold;
  }

  get size(): number {
    return this.clones.length;
  }

  #count(sample: number): void {
    const { positive, width } = this.#labels;
    const { positives } = this;
    for (let k = 0, at = sample * width; k < width; k++, at++)
      positives[k] = (positives[k] as number) + (positive[at] as number);
  }

  clone(sample: number): void {
    this.clones[sample] = (this.clones[sample] as number) + 1;
    this.total++;
    this.#count(sample);
  }

  isEmpty(label: number): boolean {
    return this.positives[label] === 0;
  }

  isRare(label: number): boolean {
    let most = 0;
    for (const count of this.positives) if (count > most) most = count;
    return most / (this.positives[label] as number) > this.threshold && !this.isEmpty(label);
  }

  /** Labels for which `test` holds, ascending. */
  labels(test: (label: number) => boolean): number[] {
    return Array.from(this.positives.keys()).filter(test);
  }

  /** Samples that show the label, ascending. */
  bag(label: number): number[] {
    const { positive, width } = this.#labels;
    const bag: number[] = [];
    for (let sample = 0; sample < this.size; sample++)
      if (positive[sample * width + label] === 1) bag.push(sample);
    return bag;
  }

  result(): Oversampling {
    const { clones, total, threshold, positives } = this;
    return {
      clones,
      total,
      threshold,
      positives,
      empty: this.labels((label) => this.isEmpty(label)),
      unfinished: this.labels((label) => this.isRare(label)),
    };
  }
}

function checkThreshold(threshold: number): void {
  if (threshold !== 0 && !(threshold > 1))
    throw new RangeError(`ML-ROS threshold ${threshold}; expected more than 1, or 0 for MeanIR`);
}

/**
 * ML-ROS as the reference does it: rare labels in their order; each draws 32 samples at a time, with
 * replacement, from a bag into which the drawn ones go again, so that what was drawn is drawn more often; the first
 * ones may use up the cap. A label that no sample shows is left out (the reference crashes).
 * @param options.cap Infinity lifts it
 */
export function referenceMlRos(
  labels: BinaryLabels,
  random: Random,
  { threshold = THRESHOLD, cap = CAP }: MlRosOptions = {},
): Oversampling {
  checkThreshold(threshold);
  const cloning = new Cloning(labels, threshold);
  const most = cloning.size * cap;
  for (const label of cloning.labels((one) => cloning.isRare(one))) {
    const bag = cloning.bag(label);
    do {
      const drawn = Array.from({ length: ROUND }, () => bag[random.integer(bag.length)] as number);
      for (const sample of drawn) {
        cloning.clone(sample);
        bag.push(sample);
      }
    } while (cloning.isRare(label) && cloning.total < most);
    if (cloning.total >= most) break;
  }
  return cloning.result();
}

/**
 * ML-ROS with the cap shared: all labels that are rare at the moment take turns, one clone a turn, so that each gets
 * what it needs or an equal share. Within a label every sample is cloned once before any is cloned twice. A label that
 * cloning others has made rare joins in.
 * @param options.cap finite: with several rare labels on the same samples the ratios need not fall
 */
export function fairMlRos(
  labels: BinaryLabels,
  random: Random,
  { threshold = THRESHOLD, cap = CAP }: MlRosOptions = {},
): Oversampling {
  checkThreshold(threshold);
  if (!Number.isFinite(cap)) throw new RangeError('ML-ROS that shares its cap needs a finite one');
  const cloning = new Cloning(labels, threshold);
  const most = Math.floor(cloning.size * cap);
  const bags = new Map<number, { samples: number[]; next: number }>();
  const take = (label: number): number => {
    let bag = bags.get(label);
    if (bag === undefined) {
      bag = { samples: random.shuffle(cloning.bag(label)), next: 0 };
      bags.set(label, bag);
    }
    return bag.samples[bag.next++ % bag.samples.length] as number;
  };
  for (let before = -1; before < cloning.total; ) {
    before = cloning.total;
    for (let label = 0; label < labels.width && cloning.total < most; label++)
      if (cloning.isRare(label)) cloning.clone(take(label));
  }
  return cloning.result();
}
