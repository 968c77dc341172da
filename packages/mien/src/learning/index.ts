// Training: recipes, losses, teacher and students, and the runs that they leave behind.

export type { DataDescription } from './describe-data.js';
export type { MemberScores, TrainingEvent } from './events.js';
export * from './logs/index.js';
export { PHASE_RECIPE, type PhaseRecipe } from './recipe.js';
export { formatRecipe, type Recipe, readRecipe, resolveRecipe } from './recipe-files.js';
export type { Selection } from './run.js';
export { finishedMembers, type RunMember, TEACHER } from './run-folder.js';
export type { ReadSample } from './samples.js';
export type { Summary } from './summary.js';
export { type Launch, type TrainOptions, train } from './train.js';
