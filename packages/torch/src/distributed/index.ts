// Many processes that train one model: process groups of c10d, gradients averaged over ranks, processes on this machine.
export { allGatherWithGradient } from './all-gather-with-gradient.js';
export { DistributedDataParallel, type DistributedDataParallelOptions } from './data-parallel.js';
export * from './default-group.js';
export { type LaunchSettings, readLaunchEnvironment } from './environment.js';
export * from './errors.js';
export {
  type AllReduceOptions,
  type Backend,
  ProcessGroup,
  type ProcessGroupOptions,
  type ReduceOp,
} from './process-group.js';
export * from './spawn.js';
export type { Work } from './work.js';
