// The training of one member of a run: a teacher, from labels, or a student, from labels and a teacher.

import { optim } from '@mien/torch';
import { loadSteps } from './batches.js';
import { Diverged, type MemberJob, Stopped, type Workplace } from './member-job.js';
import { Session } from './session.js';
import { runStep } from './step.js';
import { StepRecords } from './step-records.js';
import { trainingTransform } from './transforms.js';

const MS_PER_MINUTE = 60_000;

/** Makes what ended a member's training say where it can go on: after a full disk, say, or a loss that is no number. */
function nameCheckpoint(error: unknown, { lastCheckpoint }: Session): void {
  if (error instanceof Error && !(error instanceof Stopped) && lastCheckpoint !== undefined)
    error.message += `; the last good checkpoint is ${lastCheckpoint}`;
}

/**
 * Trains a member to its end, from its checkpoint where there is one. Files: see `docs/runs.md`.
 * @throws Stopped when it was asked to stop; DataError when data or files are wrong; Diverged when the loss is no number
 */
export async function trainMember(job: MemberJob, place: Workplace): Promise<void> {
  const { phase, member, epochs, epochsAfter, recipe } = job;
  const session = await Session.open(job, place);
  try {
    const { updatesPerEpoch, position } = session;
    place.emit({
      kind: 'begin',
      phase,
      member,
      epochs,
      stepsPerEpoch: updatesPerEpoch,
      stepsAfter: epochsAfter * updatesPerEpoch,
      epoch: position.epoch,
      step: Math.floor(position.step / recipe.batch.accumulate),
    });
    while (position.epoch < epochs) {
      session.beginEpoch();
      await trainEpoch(session);
      position.epoch++;
      position.step = 0;
      await session.judge();
      const { patience } = recipe;
      const enough = patience !== null && position.epoch - (position.best?.epoch ?? 0) >= patience;
      if (enough) {
        const text = `${session.name}: no better score for ${patience} epochs; it ends after ${position.epoch}`;
        place.emit({ kind: 'message', text });
        position.epoch = epochs;
      }
      position.plan = session.plan.state(position.epoch, 0);
      const file = await session.checkpoint();
      if (place.team.any(place.stopRequested())) throw new Stopped(file);
    }
    await session.finish();
  } catch (error) {
    nameCheckpoint(error, session);
    throw error;
  } finally {
    session.close();
  }
}

const where = (epoch: number, step: number) => `epoch ${epoch + 1}, step ${step + 1}`;

/** The steps that are left of the present epoch. @throws as `trainMember` */
async function trainEpoch(session: Session): Promise<void> {
  const { name, job, place, plan, position, replica, trained, uncertainty, numerics, updatesPerEpoch } =
    session;
  const { recipe, data, teacher } = job;
  const { team, pool } = place;
  const { module, optimizer, schedule, average } = trained;
  const { accumulate } = recipe.batch;
  const { clipNorm } = recipe.optimizer;
  const { epoch } = position;
  const tasks = data.tasks.map(({ task }) => task);
  const context = { recipe, tasks, replica, teacher, uncertainty, numerics, team };
  const records = new StepRecords({ updatesPerEpoch, ranks: team.size });
  let saved = performance.now();

  module.train();
  const steps = loadSteps({
    data: data.tasks,
    plan,
    epoch,
    start: position.step,
    end: updatesPerEpoch * accumulate,
    transform: trainingTransform(recipe),
    seed: session.augmentationSeed,
    pool,
    onBroken: session.onBroken,
  });
  for await (const loaded of steps) {
    const { step } = loaded;
    const update = position.updates + 1;
    const due = records.isDue(update);

    // Gradients of the step, added to those of the steps before in the same update.
    if (step % accumulate === 0) optimizer.zeroGrad();
    const random = session.mixupRandom(epoch, step);
    const outcome = runStep(loaded, context, random, { divisor: accumulate, withParts: due });
    records.count(loaded.images, loaded.waited);
    loaded.release();
    if (outcome !== undefined && !Number.isFinite(outcome.loss))
      throw new Diverged(name, `the loss is ${outcome.loss} in ${where(epoch, step)}`);
    position.step = step + 1;
    if (position.step % accumulate !== 0) continue;

    // The update.
    replica.reduceGradients();
    uncertainty?.log_variance.grad?.div_(team.lossScale); // every rank had the gradient of the whole batch
    const gradientNorm = clipNorm === null ? undefined : optim.clipGradNorm_(module.parameters(), clipNorm);
    if (gradientNorm !== undefined && !Number.isFinite(gradientNorm))
      throw new Diverged(name, `the gradient's norm is ${gradientNorm} in ${where(epoch, step)}`);
    const lr = optimizer.paramGroups[0]?.lr ?? 0;
    optimizer.step();
    schedule.step();
    average?.update();
    position.updates = update;

    if (due && outcome !== undefined) {
      const { record, logged } = records.report(outcome, {
        step: update,
        epoch: epoch + 1,
        lr,
        gradientNorm,
      });
      if (logged) session.log?.append(record);
      place.emit({ kind: 'step', record });
    }
    const stop = team.any(place.stopRequested());
    const overdue = performance.now() - saved > recipe.checkpointMinutes * MS_PER_MINUTE;
    if (stop || team.any(overdue)) {
      position.plan = plan.state(epoch, position.step);
      const file = await session.checkpoint();
      if (stop) throw new Stopped(file);
      saved = performance.now();
    }
  }
}
