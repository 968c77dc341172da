// All that a member's training consists of: made by the recipe, or put back as a checkpoint has it.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { manualSeed, optim } from '@mien/torch';
import { DataError, statIfThere, writeWhole } from '../files/index.js';
import type { Task } from '../labels/index.js';
import type { BrokenImage } from '../loading/index.js';
import { type ModelInfo, type Network, saveModel } from '../models/index.js';
import { Random } from '../random/index.js';
import { type EpochPlan, epochPlan } from '../sampling/index.js';
import { generatorState, loadCheckpoint, type Position, saveCheckpoint, type Trained } from './checkpoint.js';
import { readValidation } from './evaluate.js';
import type { Numerics } from './forward.js';
import { MemberLog } from './logs/index.js';
import { UncertaintyWeights } from './losses/index.js';
import { Diverged, type MemberJob, numericsOf, type Workplace } from './member-job.js';
import { makeOptimizer, makeSchedule, Trainee } from './optimisation.js';
import { BEST, DONE, LAST } from './run-folder.js';
import { scoreReadings } from './score.js';
import { sourceOf } from './task-data.js';
import type { Replica } from './team.js';
import { evaluationTransform } from './transforms.js';

const CHECKPOINT = 'checkpoint.safetensors';

/** Pictures a forward pass of evaluation. */
export const EVALUATION_PICTURES = 128;

/** What a member's seed is split into, so that one draw does not move another. */
const DRAWS = { order: 1, augmentation: 2, mixup: 3, dropout: 4 } as const;

const seedFor = (seed: number, draw: keyof typeof DRAWS, ...keys: number[]) =>
  Random.keyed(seed, DRAWS[draw], ...keys);

/** Before the first step. */
const START: Omit<Position, 'plan'> = {
  version: 1,
  epoch: 0,
  step: 0,
  updates: 0,
  best: null,
  broken: [],
};

/** The parts that follow from recipe and seed alone. */
async function assemble({ build, recipe, data, seed, epochs }: MemberJob, place: Workplace) {
  const { team } = place;
  const numerics = numericsOf(recipe, place);
  manualSeed(seed); // first weights, then dropout
  const { network, info } = await build();
  const uncertainty = recipe.loss.learnedWeights ? new UncertaintyWeights() : undefined;
  const module = new Trainee(network, uncertainty);
  module.to({ device: numerics.device, memoryFormat: 'channels_last' });
  const replica = team.join(module);
  if (team.rank > 0) manualSeed(seedFor(seed, 'dropout', team.rank).uint32()); // ranks do not drop alike
  const optimizer = makeOptimizer(module, recipe);
  const decay = recipe.weightAverage?.decay;
  const average = decay === undefined ? undefined : new optim.WeightAverage(module, { decay, warmUp: true });
  const { perTask } = recipe.batch;
  const sizeOf = (task: Task) => (typeof perTask === 'number' ? perTask : perTask[task]);
  const plan = epochPlan({
    tasks: Object.fromEntries(data.tasks.map((one) => [one.task, sourceOf(one, sizeOf(one.task))])),
    seed: seedFor(seed, 'order').uint32(),
    length: recipe.batch.epoch,
    rank: team.rank,
    ranks: team.size,
  });
  const least = Math.min(...data.tasks.map(({ task }) => sizeOf(task)));
  if (recipe.model.sequence === null && least < 2)
    throw new DataError(
      { file: 'batch.perTask' },
      {
        found: least.toString(),
        expected: 'at least 2, since one picture has no batch statistics',
      },
    );
  const updatesPerEpoch = Math.floor(plan.stepsPerEpoch / recipe.batch.accumulate);
  if (updatesPerEpoch === 0)
    throw new DataError(
      { file: 'batch.accumulate' },
      { found: `${recipe.batch.accumulate} steps`, expected: `at most the epoch's ${plan.stepsPerEpoch}` },
    );
  const schedule = makeSchedule(optimizer, recipe, epochs, updatesPerEpoch);
  const trained: Trained = { module, optimizer, schedule, average, device: numerics.device };
  return { numerics, network, info, uncertainty, module, replica, plan, updatesPerEpoch, trained };
}

export class Session {
  /** `cnn/teacher`. */
  readonly name: string;
  readonly numerics: Numerics;
  readonly network: Network;
  readonly uncertainty: UncertaintyWeights | undefined;
  readonly replica: Replica<Network>;
  readonly plan: EpochPlan;
  readonly updatesPerEpoch: number;
  readonly trained: Trained;
  /** Where training is. */
  position: Position;
  /** The file, once there is one. */
  lastCheckpoint: string | undefined;
  readonly log: MemberLog | undefined;
  readonly #info: ModelInfo;
  readonly #broken: Set<string>;
  #epochBegun = performance.now();

  private constructor(
    readonly job: MemberJob,
    readonly place: Workplace,
    parts: Awaited<ReturnType<typeof assemble>>,
    position: Position | undefined,
  ) {
    this.name = `${job.phase}/${job.member}`;
    this.numerics = parts.numerics;
    this.network = parts.network;
    this.uncertainty = parts.uncertainty;
    this.replica = parts.replica as Replica<Network>;
    this.plan = parts.plan;
    this.updatesPerEpoch = parts.updatesPerEpoch;
    this.trained = parts.trained;
    this.#info = parts.info;
    this.position = position ?? { ...START, plan: parts.plan.state(0, 0) };
    this.lastCheckpoint = position && this.#file(CHECKPOINT);
    const clock = () => Date.now() / 1000;
    const leads = place.team.rank === 0;
    // Without a checkpoint there may be logs of a start that saved nothing.
    if (leads && position === undefined) rmSync(job.folder, { recursive: true, force: true });
    this.log = leads ? new MemberLog(job.folder, { clock, resume: position?.logs }) : undefined;
    this.#broken = new Set(this.position.broken);
  }

  /** @throws DataError or CheckpointError when its checkpoint is damaged, or of other data */
  static async open(job: MemberJob, place: Workplace): Promise<Session> {
    const parts = await assemble(job, place);
    const file = join(job.folder, CHECKPOINT);
    if ((await statIfThere(file)) === undefined) return new Session(job, place, parts, undefined);
    const position = await loadCheckpoint(file, parts.trained, place.team.rank);
    try {
      parts.plan.fromState(position.plan);
    } catch (cause) {
      const hint = 'A run goes on with what it began with; begin another one for other data';
      throw new DataError({ file }, { found: (cause as Error).message, hint, cause });
    }
    return new Session(job, place, parts, position);
  }

  #file(name: string): string {
    return join(this.job.folder, name);
  }

  /** Seconds of the present epoch are counted from now. */
  beginEpoch(): void {
    this.#epochBegun = performance.now();
  }

  get augmentationSeed(): number {
    return seedFor(this.job.seed, 'augmentation').uint32();
  }

  mixupRandom(epoch: number, step: number): Random {
    return seedFor(this.job.seed, 'mixup', epoch, step, this.place.team.rank);
  }

  /** Notes a picture that did not open; each is told once. */
  readonly onBroken = ({ path, reason }: BrokenImage): void => {
    if (!this.#broken.has(path)) this.place.emit({ kind: 'message', text: `left out ${path}: ${reason}` });
    this.#broken.add(path);
  };

  /** Saves everything, over the checkpoint before. */
  async checkpoint(): Promise<string> {
    const { place, position, log, trained } = this;
    const file = this.#file(CHECKPOINT);
    const generators = place.team.collect(generatorState(trained.device));
    await place.team.first(async () => {
      position.logs = log?.state();
      position.broken = [...this.#broken];
      await saveCheckpoint(file, trained, position, generators);
      return null;
    });
    this.lastCheckpoint = file;
    return file;
  }

  /**
   * Scores the network, with averaged weights where there are some, and keeps it when it is the best so far.
   * @throws Diverged when it gives no numbers
   */
  async judge(): Promise<void> {
    const { job, place, network, numerics, position, trained } = this;
    using _ = trained.average?.swap();
    network.eval();
    position.best = await place.team.first(async () => {
      const readings = await readValidation(network, job.data.tasks, {
        numerics,
        transform: evaluationTransform(job.recipe),
        pool: place.pool,
        decoding: job.recipe.loss.decoding,
        pictures: EVALUATION_PICTURES,
        onBroken: this.onBroken,
      });
      const epoch = position.epoch;
      if (readings.some(({ values }) => values.some(Number.isNaN)))
        throw new Diverged(this.name, `the network reads NaN after epoch ${epoch}`);
      const scores = scoreReadings(readings, job.data);
      const unscored = readings.length === 0; // then the last one is kept
      const best = unscored || scores.total > (position.best?.total ?? Number.NEGATIVE_INFINITY);
      if (best) {
        position.best = { total: scores.total, epoch, scores };
        await saveModel(this.#file(BEST), network, this.#described());
      }
      const record = {
        kind: 'epoch' as const,
        epoch,
        step: position.updates,
        seconds: (performance.now() - this.#epochBegun) / 1000,
        scores,
        best,
      };
      this.log?.append(record);
      place.emit({ kind: 'epoch', record });
      return position.best;
    });
  }

  #described(): ModelInfo {
    const { best, epoch } = this.position;
    const training = this.#info.training && {
      ...this.#info.training,
      epoch,
      ...(best && { scores: best.scores }),
    };
    return { ...this.#info, ...(training && { training }) };
  }

  /** Writes the last network, and that the member is done. */
  async finish(): Promise<void> {
    const { place, network, trained, position } = this;
    await place.team.first(async () => {
      using _ = trained.average?.swap();
      await saveModel(this.#file(LAST), network, this.#described());
      if (position.best === null) await saveModel(this.#file(BEST), network, this.#described());
      const done = { best: position.best, broken: [...this.#broken] };
      writeWhole(this.#file(DONE), `${JSON.stringify(done)}\n`);
      rmSync(this.#file(CHECKPOINT), { force: true });
      return null;
    });
  }

  close(): void {
    const { log, trained } = this;
    log?.close();
    trained.average?.dispose();
    trained.optimizer.dispose();
    trained.module.dispose();
  }
}
