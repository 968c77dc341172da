// What a face can be labelled with: tasks, and schemas that say which action units and which expression classes in
// which order. Pure: runs in Node and in the browser.

export { canonicalExpression } from './expressions.js';
export {
  ABAW1,
  ABAW3,
  type ActionUnit,
  isActionUnit,
  type LabelSchema,
  LabelSchemaError,
  parseLabelSchema,
  SCHEMAS,
} from './schema.js';
export { TASKS, type Task, tasksOf } from './tasks.js';
export { unitName } from './unit-names.js';
