// Balanced batches: how often each sample is drawn, and which samples stand in which batch of an epoch.

export { type AliasTable, aliasTable, drawWeighted } from './alias.js';
export { BALANCES, type Balance, type Balanced, balanceTask, expectedDraws } from './balance.js';
export {
  type BinaryLabels,
  fairMlRos,
  type MlRosOptions,
  type Oversampling,
  referenceMlRos,
} from './ml-ros.js';
export {
  type BatchOrder,
  type EpochLength,
  type EpochPlan,
  epochPlan,
  type PlanOptions,
  type PlanState,
  type PlanStep,
  type TaskSource,
} from './plan.js';
export { cloneWeights, inverseCountWeights, referenceCloneWeights } from './weights.js';
