// The training of one member of a run: a teacher, from labels, or a student, from labels and a teacher.

import { join } from 'node:path';
import { manualSeed, optim } from '@mien/torch';
import { statIfThere, writeWhole } from '../files/index.js';
import { type BrokenImage, paperEdge, type TransformInput } from '../loading/index.js';
import { backboneOf, type ModelInfo, type Network, saveModel } from '../models/index.js';
import { Random } from '../random/index.js';
import { epochPlan } from '../sampling/index.js';
import { loadSteps } from './batches.js';
import { generatorState, loadCheckpoint, type Position, saveCheckpoint } from './checkpoint.js';
import { readValidation } from './evaluate.js';
import { UncertaintyWeights } from './losses/index.js';
import { type MemberJob, numericsOf, Stopped, type Workplace } from './member-job.js';
import { openMemberLog } from './member-log.js';
import { makeOptimizer, makeSchedule, Trainee } from './optimisation.js';
import { scoreReadings } from './score.js';
import { runStep } from './step.js';
import { sourceOf } from './task-data.js';

export const BEST = 'best.safetensors';
export const LAST = 'last.safetensors';
const CHECKPOINT = 'checkpoint.safetensors';
/** Written last: the member is complete. */
export const DONE = 'done.json';

/** An epoch's steps are logged in so many lines at most. */
const LINES_PER_EPOCH = 200;
/** Pictures a forward pass of evaluation. */
const EVALUATION_PICTURES = 128;
const PROGRESS_EVERY_MS = 250;
const MS_PER_MINUTE = 60_000;

/** The loss is no number any more: the learning rate is too high, or the labels are broken. */
class Diverged extends Error {
  override readonly name = 'Diverged';
}

/** What `transform` of a recipe means for the loader. */
function transformsOf({ recipe }: MemberJob) {
  const { model, input, quirks } = recipe;
  const common = { size: model.inputSize, normalization: backboneOf(model.backbone).normalization };
  const evaluation: TransformInput = { kind: 'evaluation', ...common, edge: paperEdge(model.inputSize) };
  const v = quirks.sharedRandomNumber;
  const training: Record<typeof input.transform, TransformInput> = {
    augmented: { kind: 'augmented', ...common, augmentation: input.augmentation },
    paper: { kind: 'paper', ...common, ...(v !== null && { sharedRandomNumber: v }) },
    none: evaluation,
  };
  return { training: training[input.transform], evaluation };
}

/** A fresh start. */
const START: Omit<Position, 'plan'> = {
  version: 1,
  epoch: 0,
  step: 0,
  updates: 0,
  best: null,
  seconds: 0,
  logs: {},
  broken: [],
};

/**
 * Trains a member to its end, from its checkpoint where there is one. Files: see `docs/runs.md`.
 * @throws Stopped when it was asked to stop; DataError when data or files are wrong; Diverged when the loss is no number
 */
export async function trainMember(job: MemberJob, place: Workplace): Promise<void> {
  const { recipe, data, folder, phase, member, epochs } = job;
  const { team, pool, emit } = place;
  const numerics = numericsOf(recipe, place);
  const { batch, patience } = recipe;
  const name = `${phase}/${member}`;
  const file = (base: string) => join(folder, base);

  // Everything that is drawn follows from the job's seed: weights here, then order, augmentation, dropout and mixup.
  manualSeed(job.seed);
  const { network, info } = await job.build();
  const uncertainty = recipe.loss.learnedWeights ? new UncertaintyWeights() : undefined;
  const module = new Trainee(network, uncertainty);
  module.to({ device: numerics.device, memoryFormat: 'channels_last' });
  const replica = team.join(module);
  const optimizer = makeOptimizer(module, recipe);
  const average = recipe.weightAverage
    ? new optim.WeightAverage(module, { decay: recipe.weightAverage.decay, warmUp: true })
    : undefined;
  const plan = epochPlan({
    tasks: Object.fromEntries(data.tasks.map((one) => [one.task, sourceOf(one, batch.perTask)])),
    seed: Random.keyed(job.seed, 1).uint32(),
    length: batch.epoch,
    rank: team.rank,
    ranks: team.size,
  });
  const updatesPerEpoch = Math.max(1, Math.floor(plan.stepsPerEpoch / batch.accumulate));
  const schedule = makeSchedule(optimizer, recipe, epochs, updatesPerEpoch);
  const trained = { module, optimizer, schedule, average, device: numerics.device };
  const transforms = transformsOf(job);

  let position: Position = { ...START, plan: plan.state(0, 0) };
  let lastCheckpoint: string | undefined;
  if ((await statIfThere(file(CHECKPOINT))) !== undefined) {
    position = await loadCheckpoint(file(CHECKPOINT), trained, team.rank);
    plan.fromState(position.plan); // refuses other data
    lastCheckpoint = file(CHECKPOINT);
  }
  const log = team.rank === 0 ? openMemberLog(folder, position.logs) : undefined;
  const begun = performance.now() - 1000 * position.seconds;
  const broken = new Set(position.broken);
  const onBroken = ({ path, reason }: BrokenImage) => {
    if (!broken.has(path)) emit({ kind: 'message', text: `left out ${path}: ${reason}` });
    broken.add(path);
  };
  emit({
    kind: 'begin',
    phase,
    member,
    epochs,
    stepsPerEpoch: updatesPerEpoch,
    epoch: position.epoch,
    step: Math.floor(position.step / batch.accumulate),
  });

  async function checkpoint(): Promise<void> {
    const generators = team.collect(generatorState(numerics.device));
    await team.first(async () => {
      position.seconds = (performance.now() - begun) / 1000;
      position.logs = log?.lengths() ?? {};
      position.broken = [...broken];
      await saveCheckpoint(file(CHECKPOINT), trained, position, generators);
      return null;
    });
    lastCheckpoint = file(CHECKPOINT);
  }

  /** Scores the network, with averaged weights where there are some; keeps it when it is the best so far. */
  async function judge(epoch: number): Promise<Pick<Position, 'best'>> {
    using _ = average?.swap();
    network.eval();
    return team.first(async () => {
      const readings = await readValidation(network, data.tasks, {
        numerics,
        transform: transforms.evaluation,
        pool,
        decoding: recipe.loss.decoding,
        pictures: EVALUATION_PICTURES,
        onBroken,
      });
      const scores = scoreReadings(readings, data);
      const best = readings.length === 0 || position.best === null || scores.total > position.best.total;
      if (best && !Number.isNaN(scores.total)) {
        position.best = { total: scores.total, epoch: epoch + 1, scores };
        await saveModel(file(BEST), network, described(info, epoch + 1));
      }
      const seconds = (performance.now() - begun) / 1000;
      const record = {
        kind: 'epoch' as const,
        epoch: epoch + 1,
        step: position.updates,
        seconds,
        scores,
        best,
      };
      log?.epoch(record);
      emit({ kind: 'epoch', record });
      return { best: position.best };
    });
  }

  const described = (about: ModelInfo, epoch: number): ModelInfo => ({
    ...about,
    ...(about.training && {
      training: { ...about.training, epoch, ...(position.best && { scores: position.best.scores }) },
    }),
  });

  const logEvery = Math.ceil(updatesPerEpoch / LINES_PER_EPOCH);
  const checkpointEvery = recipe.checkpointMinutes * MS_PER_MINUTE;
  let savedAt = performance.now();
  const context = {
    recipe,
    tasks: info.network.tasks,
    replica: { ...replica, forward: replica.forward as (images: never) => ReturnType<Network['forward']> },
    teacher: job.teacher,
    uncertainty,
    numerics,
    team,
  };

  try {
    for (let epoch = position.epoch; epoch < epochs; epoch++) {
      module.train();
      let [images, waited, shown] = [0, 0, 0];
      let timed = performance.now();
      const steps = loadSteps({
        data: data.tasks,
        plan,
        epoch,
        start: position.step,
        transform: transforms.training,
        seed: Random.keyed(job.seed, 2).uint32(),
        pool,
        onBroken,
      });
      for await (const step of steps) {
        const [inGroup, last] = [step.step % batch.accumulate, batch.accumulate - 1];
        if (inGroup === 0) optimizer.zeroGrad();
        const nextUpdate = position.updates + 1;
        const logged = nextUpdate % logEvery === 0;
        const due = logged || performance.now() - shown > PROGRESS_EVERY_MS;
        const random = Random.keyed(job.seed, 3, epoch, step.step, team.rank);
        const outcome = runStep(step, context, random, { divisor: batch.accumulate, withParts: due });
        images += step.batches.reduce((sum, { pictures }) => sum + pictures.rows.length, 0);
        waited += step.waited;
        step.release();
        if (outcome !== undefined && !Number.isFinite(outcome.loss))
          throw new Diverged(
            `${name}: the loss is ${outcome.loss} in epoch ${epoch + 1}, step ${step.step + 1}; ${
              lastCheckpoint ? `the last good checkpoint is ${lastCheckpoint}` : 'there is no checkpoint yet'
            }. A lower optimizer.lr may help`,
          );
        position.step = step.step + 1;
        if (inGroup < last) continue;

        replica.reduceGradients();
        const { clipNorm } = recipe.optimizer;
        const norm = clipNorm === null ? undefined : optim.clipGradNorm_(module.parameters(), clipNorm);
        const lr = optimizer.paramGroups[0]?.lr ?? 0;
        optimizer.step();
        schedule.step();
        average?.update();
        position.updates = nextUpdate;

        if (due && outcome !== undefined) {
          const seconds = (performance.now() - timed) / 1000;
          const record = {
            kind: 'step' as const,
            step: nextUpdate,
            epoch: epoch + 1,
            lr,
            loss: outcome.loss,
            parts: outcome.parts,
            imagesPerSecond: (team.size * images) / seconds,
            waiting: Math.min(1, waited / seconds),
            ...(norm !== undefined && { gradientNorm: norm }),
          };
          if (logged) {
            log?.step(record);
            [images, waited, timed] = [0, 0, performance.now()];
          }
          emit({ kind: 'step', record });
          shown = performance.now();
        }
        const stop = team.any(place.stopRequested());
        if (stop || team.any(performance.now() - savedAt > checkpointEvery)) {
          position.plan = plan.state(epoch, position.step);
          await checkpoint();
          savedAt = performance.now();
          if (stop) throw new Stopped(file(CHECKPOINT));
        }
        if (position.step + batch.accumulate > plan.stepsPerEpoch) break;
      }
      const { best } = await judge(epoch);
      position = { ...position, best, epoch: epoch + 1, step: 0, plan: plan.state(epoch + 1, 0) };
      const enough = patience !== null && epoch + 1 - (best?.epoch ?? 0) >= patience;
      if (enough) position.epoch = epochs;
      await checkpoint();
      savedAt = performance.now();
      if (enough) {
        emit({ kind: 'message', text: `${name}: no better score for ${patience} epochs: ends here` });
        break;
      }
      if (team.any(place.stopRequested())) throw new Stopped(file(CHECKPOINT));
    }
    await team.first(async () => {
      using _ = average?.swap();
      await saveModel(file(LAST), network, described(info, epochs));
      if ((await statIfThere(file(BEST))) === undefined)
        await saveModel(file(BEST), network, described(info, epochs));
      writeWhole(file(DONE), `${JSON.stringify({ best: position.best, broken: [...broken] })}\n`);
      return null;
    });
  } finally {
    log?.close();
    average?.dispose();
    optimizer.dispose();
    module.dispose();
  }
}
