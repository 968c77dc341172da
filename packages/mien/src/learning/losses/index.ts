// Losses, and the objectives of teacher and students. Pure functions of tensors: labels that are not known have no part in
// them, and nothing depends on anything but the arguments. Formulas: docs/losses.md.

export { actionUnitLoss } from './action-units.js';
export { BINS, binsOf, decodeValenceArousal } from './bins.js';
export { classDivergence, unitCrossEntropy } from './distillation.js';
export { expressionLoss } from './expression.js';
export { type LabelOptions, type LabelTensors, labelTensors } from './labels.js';
export type { Label } from './masked.js';
export { mixup, symmetricBeta } from './mixup.js';
export { type Objective, studentObjective, type TaskBatch, teacherObjective } from './objective.js';
export { DISTILLATION, type DistillationSettings, LOSS, type LossSettings } from './settings.js';
export { OUTPUTS, type Output, UncertaintyWeights } from './uncertainty.js';
export { dimensionLoss, discordance } from './valence-arousal.js';
