// What is told of steps: every one would be too many.

import type { StepRecord } from './logs/index.js';
import type { StepOutcome } from './step.js';

/** An epoch's steps are logged in so many lines at most. */
const LINES_PER_EPOCH = 200;
const SHOW_EVERY_MS = 250;

export interface StepReport {
  record: StepRecord;
  /** Whether it goes into the logs too, which does not depend on the time. */
  logged: boolean;
}

/** Measures the steps of one epoch. */
export class StepRecords {
  readonly #every: number;
  readonly #ranks: number;
  #images = 0;
  #waited = 0;
  #since = performance.now();
  #shown = 0;

  constructor({ updatesPerEpoch, ranks }: { updatesPerEpoch: number; ranks: number }) {
    this.#every = Math.ceil(updatesPerEpoch / LINES_PER_EPOCH);
    this.#ranks = ranks;
  }

  #isLogged(update: number): boolean {
    return update % this.#every === 0;
  }

  /** Whether anybody will be told of it: only then are its numbers looked at. */
  isDue(update: number): boolean {
    return this.#isLogged(update) || performance.now() - this.#shown > SHOW_EVERY_MS;
  }

  /** @param images of this rank @param waited seconds */
  count(images: number, waited: number): void {
    this.#images += images;
    this.#waited += waited;
  }

  report(
    outcome: StepOutcome,
    step: Pick<StepRecord, 'step' | 'epoch' | 'lr'> & { gradientNorm: number | undefined },
  ): StepReport {
    const seconds = (performance.now() - this.#since) / 1000;
    const { gradientNorm, ...rest } = step;
    const record: StepRecord = {
      kind: 'step',
      ...rest,
      loss: outcome.loss,
      parts: outcome.parts,
      imagesPerSecond: (this.#ranks * this.#images) / seconds,
      waiting: Math.min(1, this.#waited / seconds),
      ...(gradientNorm !== undefined && { gradientNorm }),
    };
    const logged = this.#isLogged(step.step);
    if (logged) [this.#images, this.#waited, this.#since] = [0, 0, performance.now()];
    this.#shown = performance.now();
    return { record, logged };
  }
}
