// The data set that ships: drawn faces with exact labels, made on the spot, for tests, examples and a first training run
// where there is no data. `docs/data-demo.md` says what is in it.

export {
  AFFECT_WEIGHTS,
  affectOf,
  EXPRESSION_RULES,
  expressionOf,
  occurrencesOf,
  PRESENT,
  RESTING,
} from './labels.js';
export { drawShot, renderShot } from './render.js';
export { drawSheet } from './sheet.js';
export { SETS, type SetName, type Shot } from './stills.js';
export {
  DEMO_SET,
  type DemoManifest,
  type DemoOptions,
  manifestsOf,
  planDemo,
  rowOf,
  SCALES,
  type Scale,
  writeDemo,
} from './write.js';
