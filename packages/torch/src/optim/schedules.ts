// Learning rates over time. A schedule computes each rate from the base rate and the number of steps, never from the rate
// before, so rounding does not add up and a resumed run has the same rates as one that was not interrupted.

/** What a schedule needs of an optimiser. */
export interface Scheduled {
  readonly paramGroups: readonly { lr: number }[];
}

/** A schedule's state: plain data. */
export interface ScheduleState {
  /** Steps made. */
  step: number;
  /** Learning rates that the optimiser's groups were given, one each. */
  baseLrs: number[];
}

/** Sets the learning rates of an optimiser's groups, at once and then at every `step`. */
export interface Schedule<State extends ScheduleState = ScheduleState> {
  /**
   * Counts one step, of whatever the schedule is stepped by (batches, epochs), after the optimiser's own, and sets the
   * rates for what comes next.
   * @param metric the quantity that is watched, where one is
   */
  step(metric?: number): void;
  stateDict(): State;
  /** @throws RangeError if it was saved for another number of groups */
  loadStateDict(state: State): void;
}

abstract class BaseSchedule implements Schedule {
  readonly #optimizer: Scheduled;
  #step = 0;
  #baseLrs: number[];

  /** @param optimizer its groups' present rates are the base rates */
  constructor(optimizer: Scheduled) {
    this.#optimizer = optimizer;
    this.#baseLrs = optimizer.paramGroups.map(({ lr }) => lr);
  }

  /** The rate after `step` steps. */
  abstract lrAt(step: number, baseLr: number): number;

  step(): void {
    this.#step++;
    this.apply();
  }

  protected apply(): void {
    const { paramGroups } = this.#optimizer;
    this.#checkGroups(this.#baseLrs.length);
    paramGroups.forEach((group, i) => {
      group.lr = this.lrAt(this.#step, this.#baseLrs[i] as number);
    });
  }

  #checkGroups(count: number): void {
    const { length } = this.#optimizer.paramGroups;
    if (count !== length)
      throw new RangeError(`the schedule is for ${count} parameter groups, the optimiser has ${length}`);
  }

  stateDict(): ScheduleState {
    return { step: this.#step, baseLrs: [...this.#baseLrs] };
  }

  loadStateDict(state: ScheduleState): void {
    this.#checkGroups(state.baseLrs.length);
    this.#step = state.step;
    this.#baseLrs = [...state.baseLrs];
    this.apply();
  }
}

export interface WarmUpOptions {
  /** Steps over which the rate rises linearly, from base / (warmUpSteps + 1) at the first. Default: 0. */
  warmUpSteps?: number;
}

/** Rises to 1 at `warmUpSteps`; never 0, so that no step is wasted. */
function warmUp(step: number, warmUpSteps: number): number {
  return Math.min(1, (step + 1) / (warmUpSteps + 1));
}

/** The base rate, after warming up. */
export class ConstantLr extends BaseSchedule {
  readonly #warmUpSteps: number;

  constructor(optimizer: Scheduled, { warmUpSteps = 0 }: WarmUpOptions = {}) {
    super(optimizer);
    this.#warmUpSteps = count('warmUpSteps', warmUpSteps);
    this.apply();
  }

  override lrAt(step: number, baseLr: number): number {
    return baseLr * warmUp(step, this.#warmUpSteps);
  }
}

export interface StepLrOptions {
  /** Steps between two drops. */
  stepSize: number;
  /** Factor of a drop. Default: 0.1. */
  gamma?: number;
}

/** base · gamma^⌊step / stepSize⌋. */
export class StepLr extends BaseSchedule {
  readonly #stepSize: number;
  readonly #gamma: number;

  constructor(optimizer: Scheduled, { stepSize, gamma = 0.1 }: StepLrOptions) {
    super(optimizer);
    this.#stepSize = count('stepSize', stepSize, 1);
    this.#gamma = gamma;
    this.apply();
  }

  override lrAt(step: number, baseLr: number): number {
    return baseLr * this.#gamma ** Math.floor(step / this.#stepSize);
  }
}

export interface CosineLrOptions extends WarmUpOptions {
  /** Steps until the minimum is reached, warm-up included; the rate stays there. */
  totalSteps: number;
  /** Default: 0. */
  minLr?: number;
}

/**
 * After warming up, half a cosine wave from the base rate down to the minimum (Loshchilov and Hutter 2017):
 * minLr + (base − minLr)·(1 + cos(π·(step − warmUpSteps) / (totalSteps − warmUpSteps))) / 2.
 */
export class CosineLr extends BaseSchedule {
  readonly #totalSteps: number;
  readonly #warmUpSteps: number;
  readonly #minLr: number;

  constructor(optimizer: Scheduled, { totalSteps, warmUpSteps = 0, minLr = 0 }: CosineLrOptions) {
    super(optimizer);
    this.#warmUpSteps = count('warmUpSteps', warmUpSteps);
    this.#totalSteps = count('totalSteps', totalSteps, warmUpSteps + 1);
    this.#minLr = minLr;
    this.apply();
  }

  override lrAt(step: number, baseLr: number): number {
    if (step < this.#warmUpSteps) return baseLr * warmUp(step, this.#warmUpSteps);
    const progress = Math.min(1, (step - this.#warmUpSteps) / (this.#totalSteps - this.#warmUpSteps));
    return this.#minLr + ((baseLr - this.#minLr) * (1 + Math.cos(Math.PI * progress))) / 2;
  }
}

export interface ReduceLrOnPlateauOptions {
  /** What is better. Default: `min`. */
  mode?: 'min' | 'max';
  /** Factor of a reduction, in (0, 1). Default: 0.1. */
  factor?: number;
  /** Steps without an improvement that are borne before a reduction. Default: 10. */
  patience?: number;
  /** What counts as an improvement. Default: 1e-4. */
  threshold?: number;
  /** `rel`: better by this share of the best; `abs`: by this much. Default: `rel`. */
  thresholdMode?: 'rel' | 'abs';
  /** Steps after a reduction during which nothing is counted. Default: 0. */
  cooldown?: number;
  minLr?: number;
}

export interface PlateauState extends ScheduleState {
  /** Best metric so far; null: none yet. */
  best: number | null;
  badSteps: number;
  cooldownLeft: number;
  reductions: number;
}

/** Multiplies the rates by `factor` whenever a metric has not improved for more than `patience` steps. */
export class ReduceLrOnPlateau extends BaseSchedule implements Schedule<PlateauState> {
  readonly #options: Required<ReduceLrOnPlateauOptions>;
  #best: number | null = null;
  #badSteps = 0;
  #cooldownLeft = 0;
  #reductions = 0;

  constructor(optimizer: Scheduled, options: ReduceLrOnPlateauOptions = {}) {
    super(optimizer);
    this.#options = { ...PLATEAU, ...options };
    const { factor, patience, cooldown } = this.#options;
    if (!(factor > 0 && factor < 1)) throw new RangeError(`expected factor to be in (0, 1), found ${factor}`);
    count('patience', patience);
    count('cooldown', cooldown);
  }

  override lrAt(_step: number, baseLr: number): number {
    const { factor, minLr } = this.#options;
    // A base rate below the minimum is not raised to it.
    return Math.min(baseLr, Math.max(minLr, baseLr * factor ** this.#reductions));
  }

  /** @throws TypeError without a metric; one that is not a number counts as no improvement */
  override step(metric?: number): void {
    if (metric === undefined) throw new TypeError('ReduceLrOnPlateau: step needs the metric to watch');
    const { patience, cooldown } = this.#options;
    if (this.#isBetter(metric)) {
      this.#best = metric;
      this.#badSteps = 0;
    } else {
      this.#badSteps++;
    }
    if (this.#cooldownLeft > 0) {
      this.#cooldownLeft--;
      this.#badSteps = 0;
    }
    if (this.#badSteps > patience) {
      this.#reductions++;
      this.#cooldownLeft = cooldown;
      this.#badSteps = 0;
    }
    super.step();
  }

  #isBetter(metric: number): boolean {
    if (this.#best === null) return !Number.isNaN(metric);
    const { mode, threshold, thresholdMode } = this.#options;
    const margin = thresholdMode === 'rel' ? Math.abs(this.#best) * threshold : threshold;
    return mode === 'min' ? metric < this.#best - margin : metric > this.#best + margin;
  }

  override stateDict(): PlateauState {
    const state = { best: this.#best, badSteps: this.#badSteps, cooldownLeft: this.#cooldownLeft };
    return { ...super.stateDict(), ...state, reductions: this.#reductions };
  }

  override loadStateDict(state: PlateauState): void {
    this.#best = state.best;
    this.#badSteps = state.badSteps;
    this.#cooldownLeft = state.cooldownLeft;
    this.#reductions = state.reductions;
    super.loadStateDict(state);
  }
}

const PLATEAU: Required<ReduceLrOnPlateauOptions> = {
  mode: 'min',
  factor: 0.1,
  patience: 10,
  threshold: 1e-4,
  thresholdMode: 'rel',
  cooldown: 0,
  minLr: 0,
};

function count(name: string, value: number, min = 0): number {
  if (!Number.isSafeInteger(value) || value < min) {
    throw new RangeError(`expected ${name} to be an integer of at least ${min}, found ${value}`);
  }
  return value;
}
