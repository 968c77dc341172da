// Whether a teacher suits its students: both must see the same pictures, and speak of the same labels.

import { DataError } from '../files/index.js';
import type { LabelSchema } from '../labels/index.js';
import { backboneOf, type ModelInfo } from '../models/index.js';
import type { PhaseData } from './phase-data.js';
import type { PhaseRecipe } from './recipe.js';

const kind = (sequence: unknown) => (sequence ? 'a network for clips' : 'a network for pictures');
const edge = (pixels: number) => `an input of ${pixels} pixels`;
const scale = (normalization: ModelInfo['input']['normalization']) =>
  `pixels normalised by ${JSON.stringify(normalization)}`;
const labels = ({ expressions, actionUnits }: LabelSchema) =>
  `labels ${[...expressions, ...actionUnits].join(', ')}`;

/** @param file the teacher's, for errors @throws DataError that says in what it differs */
export function checkTeacher(
  file: string,
  { network, input }: ModelInfo,
  { model }: PhaseRecipe,
  { schema }: PhaseData,
): void {
  const pairs = [
    [kind(network.sequence), kind(model.sequence)],
    [edge(network.inputSize), edge(model.inputSize)],
    [scale(input.normalization), scale(backboneOf(model.backbone).normalization)],
    [labels(network.schema), labels(schema)],
  ];
  for (const [found = '', expected] of pairs)
    if (found !== expected)
      throw new DataError({ file }, { found, expected: `${expected}, as its students have` });
}
