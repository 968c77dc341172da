// What a recipe has done to pictures.

import type { TransformInput } from '../loading/index.js';
import { backboneOf } from '../models/index.js';
import type { PhaseRecipe } from './recipe.js';

const common = ({ model }: PhaseRecipe) => ({
  size: model.inputSize,
  normalization: backboneOf(model.backbone).normalization,
});

/** What the shorter edge is brought to, in evaluation, pixels. */
export const evaluationEdge = ({ model, input }: PhaseRecipe): number =>
  Math.trunc(input.enlarge * model.inputSize);

export const evaluationTransform = (recipe: PhaseRecipe): TransformInput => ({
  kind: 'evaluation',
  ...common(recipe),
  edge: evaluationEdge(recipe),
});

export function trainingTransform(recipe: PhaseRecipe): TransformInput {
  const { input, quirks } = recipe;
  const v = quirks.sharedRandomNumber;
  const transforms: Record<typeof input.transform, () => TransformInput> = {
    augmented: () => ({ kind: 'augmented', ...common(recipe), augmentation: input.augmentation }),
    paper: () => ({ kind: 'paper', ...common(recipe), ...(v !== null && { sharedRandomNumber: v }) }),
    none: () => evaluationTransform(recipe),
  };
  return transforms[input.transform]();
}
