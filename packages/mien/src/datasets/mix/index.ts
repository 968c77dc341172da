// Mixing: several manifests become one training set, by a recipe or one of the reference's presets.

export { findLeaks, type Leak } from './leaks.js';
export { type Mixture, mixManifests, readMixRecipe, writeMixture } from './mix.js';
export { MIX_PRESETS, type MixPreset, presetRecipe } from './presets.js';
export { type GroupSplit, MIX_RECIPE, type MixInput, type MixRecipe } from './recipe.js';
export { splitGroups } from './split.js';
export { describeMixture } from './summary.js';
