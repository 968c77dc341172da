// One step: forward passes, the objective of all ranks' batches, the backward pass.

import { fromTypedArray, tidy } from '@mien/torch';
import type { Task } from '../labels/index.js';
import type { Network } from '../models/index.js';
import type { Random } from '../random/index.js';
import type { LoadedStep } from './batches.js';
import { forwardAll, type Numerics, picturesOf, type TaskInput } from './forward.js';
import {
  labelTensors,
  mixup,
  OUTPUTS,
  type Output,
  studentObjective,
  teacherObjective,
  type UncertaintyWeights,
} from './losses/index.js';
import type { PhaseRecipe } from './recipe.js';
import type { Replica, Team } from './team.js';

export interface StepContext {
  recipe: PhaseRecipe;
  /** Of the network. */
  tasks: readonly Task[];
  replica: Replica<Network>;
  teacher: Network | undefined;
  uncertainty: UncertaintyWeights | undefined;
  numerics: Numerics;
  team: Team;
}

/** Where the loss is. */
export interface StepOutcome {
  loss: number;
  /** Only when asked for: on a GPU every number that is looked at makes it wait. */
  parts: Partial<Record<Output, number>>;
}

/** Of less there are no batch statistics, unless other ranks have more. */
const SMALLEST_BATCH = 2;

function inputsOf(
  step: LoadedStep,
  { recipe, tasks, numerics, team }: StepContext,
  random: Random,
): TaskInput[] {
  const { model, input } = recipe;
  const { device } = numerics;
  const clips = model.sequence !== null;
  return step.batches.flatMap(({ task, pictures, labels }): TaskInput[] => {
    if (team.size === 1 && pictures.length < SMALLEST_BATCH) return [];
    const { counts } = pictures;
    const tensors = labelTensors(labels, { tasks, votes: input.votes, device, ...(clips && { counts }) });
    const mixed = mixup(picturesOf(pictures, clips, numerics), tensors, random, input.mixup);
    if (!clips) return [{ task, ...mixed }];
    return [{ task, ...mixed, counts: fromTypedArray(Float32Array.from(counts), undefined, { device }) }];
  });
}

/**
 * Adds the gradients of the step's objective, divided by `divisor`, to those there are.
 * @param random of mixup
 * @returns undefined when all batches were too small because their pictures did not open
 */
export function runStep(
  step: LoadedStep,
  context: StepContext,
  random: Random,
  { divisor, withParts }: { divisor: number; withParts: boolean },
): StepOutcome | undefined {
  const { recipe, replica, teacher, uncertainty, numerics, team } = context;
  return tidy(() => {
    const inputs = inputsOf(step, context, random);
    if (inputs.length === 0) return undefined;
    const soft = teacher && ((images: Parameters<Network['forward']>[0]) => teacher.forward(images));
    const batches = team.whole(forwardAll(inputs, replica.forward, soft, numerics));
    const { total, parts } =
      teacher === undefined
        ? teacherObjective(batches, recipe.loss, uncertainty)
        : studentObjective(batches, recipe.loss, recipe.distillation, uncertainty);
    const loss = total.item();
    if (Number.isFinite(loss)) total.mul(team.lossScale / divisor).backward();
    const read = OUTPUTS.flatMap((output) => {
      const part = withParts ? parts[output] : undefined;
      return part === undefined ? [] : [[output, part.item()] as const];
    });
    return { loss, parts: Object.fromEntries(read) };
  });
}
