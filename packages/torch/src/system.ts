// What the engine is, and its settings.
import { native } from './native.js';

/** What libtorch was found and what it can do. */
export interface TorchInfo {
  version: string;
  /** Instruction set that its kernels use: `DEFAULT`, `AVX2`, `AVX512`, `NO AVX`… */
  cpuCapability: string;
  cuda: boolean;
  cudaDevices: number;
  /** Threads inside one operator. */
  threads: number;
  interopThreads: number;
  mkldnn: boolean;
  openmp: boolean;
  c10d: { gloo: boolean; nccl: boolean };
  /** libtorch's own description of its build. */
  config: string;
}

/** @throws Error where the engine is not built; the message says what to run. */
export function torchInfo(): TorchInfo {
  const { gloo, nccl, ...info } = native.info();
  const cpuCapability = /CPU capability usage: (.+)/.exec(info.config)?.[1] ?? 'unknown';
  return { ...info, cpuCapability, c10d: { gloo, nccl } };
}

/** Threads that one operator may use on this thread. */
export function getNumThreads(): number {
  return native.getThreads();
}

/** Sets the threads that one operator may use. Default: the processor's cores, or `OMP_NUM_THREADS`. */
export function setNumThreads(threads: number): void {
  if (!Number.isInteger(threads) || threads < 1)
    throw new RangeError(`expected a number of threads ≥ 1, found ${threads}`);
  native.setThreads(threads);
}

/** Refuses (or, with `warnOnly`, warns of) operators that give different results from run to run, on CUDA mostly. */
export function useDeterministicAlgorithms(on: boolean, options: { warnOnly?: boolean } = {}): void {
  native.deterministic(on, options.warnOnly ?? false);
}

/** Tensors that are alive on this thread: what grows when something is not freed. */
export function liveTensors(): number {
  return native.liveTensors();
}

/**
 * Gives memory that freed tensors left behind back to the system. It is otherwise kept for the next tensors, which makes
 * a training step a quarter faster.
 */
export function releaseMemory(): void {
  native.releaseMemory();
}
