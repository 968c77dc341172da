// The training engine: which libtorch there is, and whether the addon is built for one and loads.

import type { TorchInfo } from '@mien/torch';
import type { Found } from './index.js';

interface LibtorchFacts {
  version: string;
  root: string;
  source: 'LIBTORCH' | 'system' | 'python';
  cuda: boolean;
  gloo: boolean;
  nccl: boolean;
}

export interface EngineFindings {
  libtorch: Found<LibtorchFacts>;
  /** Found when the addon is built and loads. */
  engine: Found<TorchInfo>;
}

const reasonOf = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';

/** The libtorch that a build would take now; the engine says itself which one it was built for. */
async function findLibtorchFacts(): Promise<EngineFindings['libtorch']> {
  try {
    const { findLibtorch } = await import('@mien/torch/find-libtorch');
    const result = findLibtorch();
    if (!result.ok) return { found: false, reason: result.message };
    const { version, root, source, cuda, gloo, nccl } = result.libtorch;
    return { found: true, version, root, source, cuda, gloo, nccl };
  } catch (error) {
    return { found: false, reason: reasonOf(error) };
  }
}

async function loadEngine(): Promise<EngineFindings['engine']> {
  try {
    // Importing never fails for want of a built addon; calling does.
    const { torchInfo } = await import('@mien/torch');
    return { found: true, ...torchInfo() };
  } catch (error) {
    return { found: false, reason: reasonOf(error) };
  }
}

export async function examineEngine(): Promise<EngineFindings> {
  return { libtorch: await findLibtorchFacts(), engine: await loadEngine() };
}
