// The reference's three merged training sets as recipes: Aff-Wild2 with one other data set each. The validation part is
// Aff-Wild2's own, whole.

import { parseSettings } from '../../files/index.js';
import type { Task } from '../../labels/index.js';
import { MIX_RECIPE, type MixInput, type MixRecipe } from './recipe.js';

interface Preset {
  task: Task;
  /** Makes the training part of Aff-Wild2 smaller. */
  downSampling: Partial<Pick<MixInput, 'every' | 'thin'>>;
  /** The other data set. */
  external: string;
}

const PRESETS = {
  'mixed-au': { task: 'AU', downSampling: {}, external: 'DISFA' },
  'mixed-expr': {
    task: 'EXPR',
    downSampling: {
      thin: [
        { expression: 'neutral', every: 10 },
        { expression: 'happiness', every: 2 },
        { expression: 'sadness', every: 2 },
      ],
    },
    external: 'ExpW',
  },
  'mixed-va': { task: 'VA', downSampling: { every: 5 }, external: 'AFEW-VA' },
} as const satisfies Record<string, Preset>;

export type MixPreset = keyof typeof PRESETS;

export const MIX_PRESETS = Object.keys(PRESETS) as MixPreset[];

/** The recipe of a preset. @param affWild2, external manifests */
export function presetRecipe(preset: MixPreset, affWild2: string, external: string): MixRecipe {
  const { task, downSampling } = PRESETS[preset];
  const own = { manifest: affWild2, tasks: [task], complete: true };
  return parseSettings(
    {
      schema: 'abaw1',
      inputs: [
        { ...own, splits: ['train'], ...downSampling },
        { manifest: external, tasks: [task], complete: true, assign: 'train' },
        { ...own, splits: ['validation'] },
      ],
    },
    MIX_RECIPE,
    `preset ${preset}`,
  );
}
