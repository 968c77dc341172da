// What a member's training is given.

import type { Device } from '@mien/torch';
import type { LoaderPool } from '../loading/index.js';
import type { ModelInfo, Network } from '../models/index.js';
import type { TrainingEvent } from './events.js';
import type { Numerics } from './forward.js';
import type { PhaseData } from './phase-data.js';
import type { PhaseRecipe } from './recipe.js';
import type { Team } from './team.js';

/** A member of a phase: `teacher`, or `student_{i}`. */
export interface MemberJob {
  phase: string;
  member: string;
  /** Of everything that is drawn: weights, order, augmentation, dropout. */
  seed: number;
  recipe: PhaseRecipe;
  data: PhaseData;
  epochs: number;
  /** Of the phase's members that come after it. */
  epochsAfter: number;
  /** Where its files lie. */
  folder: string;
  /** Makes the network as it starts, from the engine's generator, and says what it is. */
  build(): Promise<{ network: Network; info: ModelInfo }>;
  /** For a student; in evaluation mode. */
  teacher?: Network;
}

/** Where training takes place. */
export interface Workplace {
  team: Team;
  device: Device;
  pool: LoaderPool;
  emit(event: TrainingEvent): void;
  stopRequested(): boolean;
}

/** How a recipe's numbers are computed here. */
export const numericsOf = ({ precision, batch }: PhaseRecipe, { device }: Workplace): Numerics => ({
  device,
  bf16: precision === 'bf16',
  joint: batch.forward === 'joint',
});

/** It was asked to stop, and saved what there is. */
export class Stopped extends Error {
  override readonly name = 'Stopped';

  constructor(readonly checkpoint: string) {
    super(`stopped; ${checkpoint} holds what there is`);
  }
}

/** Numbers are none any more: the learning rate is too high, or the labels are broken. */
export class Diverged extends Error {
  override readonly name = 'Diverged';

  /** @param member such as `cnn/teacher` */
  constructor(member: string, what: string) {
    super(`${member}: ${what}, which a lower optimizer.lr may prevent`);
  }
}
