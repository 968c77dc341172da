// What a recipe has done to pictures.

import { paperEdge, type TransformInput } from '../loading/index.js';
import { backboneOf } from '../models/index.js';
import type { PhaseRecipe } from './recipe.js';

const common = ({ model }: PhaseRecipe) => ({
  size: model.inputSize,
  normalization: backboneOf(model.backbone).normalization,
});

/** The reference's, for every network: shorter edge to int(1.2 · size), centre square. */
export const evaluationTransform = (recipe: PhaseRecipe): TransformInput => ({
  kind: 'evaluation',
  ...common(recipe),
  edge: paperEdge(recipe.model.inputSize),
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
