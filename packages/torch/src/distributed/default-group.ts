// The one group that most programs have, under the names of `torch.distributed`.
import type { Tensor } from '../tensor.js';
import { type AllReduceOptions, ProcessGroup, type ProcessGroupOptions } from './process-group.js';
import type { Work } from './work.js';

/** Belongs to the thread: a worker meets the others for itself. */
let current: ProcessGroup | undefined;

/**
 * Meets the other processes and makes the group the default of this thread. Without options it believes the environment
 * that torchrun, or `spawnProcesses`, sets.
 * @throws LaunchEnvironmentError, RendezvousError
 */
export function initProcessGroup(options: ProcessGroupOptions = {}): ProcessGroup {
  if (isInitialized()) {
    throw new Error(
      'initProcessGroup: this thread has a process group already; call destroyProcessGroup first',
    );
  }
  current = new ProcessGroup(options);
  return current;
}

/** Leaves the default group, if there is one. */
export function destroyProcessGroup(): void {
  current?.destroy();
  current = undefined;
}

/** Whether this thread has a default group. */
export function isInitialized(): boolean {
  return current !== undefined && !current.isDestroyed;
}

/** The default group. */
export function defaultGroup(): ProcessGroup {
  if (current === undefined || current.isDestroyed)
    throw new Error('this thread has no process group; call initProcessGroup first');
  return current;
}

/** Which of the processes this is: 0 … worldSize − 1. */
export function getRank(): number {
  return defaultGroup().rank;
}

/** How many processes work together. */
export function getWorldSize(): number {
  return defaultGroup().worldSize;
}

/** `ProcessGroup.allReduce` of the default group. */
export function allReduce(tensor: Tensor, options?: AllReduceOptions & { async?: false }): Tensor;
export function allReduce(tensor: Tensor, options: AllReduceOptions & { async: true }): Work<Tensor>;
export function allReduce(
  tensor: Tensor,
  { async, ...options }: AllReduceOptions = {},
): Tensor | Work<Tensor> {
  return async
    ? defaultGroup().allReduce(tensor, { ...options, async: true })
    : defaultGroup().allReduce(tensor, options);
}

/** `ProcessGroup.broadcast` of the default group. */
export function broadcast<T extends Tensor | readonly Tensor[]>(tensors: T, src = 0): T {
  return defaultGroup().broadcast(tensors, src);
}

/** `ProcessGroup.allGather` of the default group. */
export function allGather(tensor: Tensor): Tensor[] {
  return defaultGroup().allGather(tensor);
}

/** `ProcessGroup.barrier` of the default group. */
export function barrier(): void {
  defaultGroup().barrier();
}

/** `ProcessGroup.broadcastObject` of the default group. */
export function broadcastObject<T>(value: T, src = 0): T {
  return defaultGroup().broadcastObject(value, src);
}

/** `ProcessGroup.allGatherObject` of the default group. */
export function allGatherObject<T>(value: T): T[] {
  return defaultGroup().allGatherObject(value);
}
