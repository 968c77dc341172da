// Opens a model's file with what runs it: ONNX Runtime, or libtorch.

import { basename, dirname } from 'node:path';
import { DataError, NO_SUCH_FILE, statIfThere } from '../../files/index.js';
import type { ImportOptions } from '../import.js';
import type { ModelInfo } from '../info.js';
import type { ByTask } from '../network.js';

/** What runs a model; `auto`: ONNX Runtime for `.onnx`, libtorch for weights; `onnx`: weights exported first, and kept so. */
export const BACKENDS = ['auto', 'onnx', 'torch'] as const;
export type Backend = (typeof BACKENDS)[number];

/** What a checkpoint of the reference does not say about itself; the length of its windows aside. */
export type CheckpointOptions = Omit<ImportOptions, 'length'>;

export interface RunnerOptions {
  /** Threads that compute. Default: one for each core. */
  threads?: number;
  /** Frames of a window, instead of what the file says; means nothing for a model of pictures. */
  length?: number;
  /** Default: auto. */
  backend?: Backend;
  /** Default: by the file's name. */
  name?: string;
  /** Means nothing for files that describe themselves. */
  checkpoint?: CheckpointOptions;
  /** Folder that keeps what was exported; false: nothing is kept. Default: `models` in `cacheFolder()`. */
  cache?: string | false;
  /** Told what takes time or does not work as it might, in a line. */
  onNotice?: (message: string) => void;
}

/** A model that is ready to read. */
export interface ModelRunner {
  readonly name: string;
  readonly file: string;
  readonly info: ModelInfo;
  /** SHA-256 of the weights that it was trained to; an exported model keeps that of the model it was made of. */
  readonly hash: string;
  /**
   * @param images normalised as the info says, row-major; not kept
   * @param dims [n, 3, S, S], or of sequences [n, t, 3, S, S]
   * @returns logits of each of the model's tasks [n, C], or [n, t, C]
   */
  run(images: Float32Array, dims: readonly number[]): Promise<ByTask<Float32Array>>;
  close(): Promise<void>;
}

/** What the two kinds of runner are made by. */
export type Opener = (file: string, options: RunnerOptions) => Promise<Omit<ModelRunner, 'name' | 'file'>>;

/** Such as `student_0` for `run/cnn/student_0/best.safetensors`, `mine` for `models/mine.onnx`. */
export function modelNameOf(file: string): string {
  const name = basename(file).replace(/\.(onnx|safetensors|pth)$/, '');
  return name === 'best' || name === 'last' ? basename(dirname(file)) : name;
}

/** The info, with another length of windows. */
export function withLength(info: ModelInfo, length: number | undefined): ModelInfo {
  const { sequence } = info.network;
  if (sequence === undefined || length === undefined) return info;
  return { ...info, network: { ...info.network, sequence: { ...sequence, length } } };
}

async function openerOf(isOnnx: boolean, backend: Backend): Promise<Opener> {
  if (isOnnx) return (await import('./onnx.js')).openOnnx;
  return backend === 'onnx'
    ? (await import('./cached.js')).openCached
    : (await import('./torch.js')).openTorch;
}

/**
 * Opens a model: an exported one (`.onnx`), one that was saved here (`.safetensors`), or a checkpoint of the reference
 * system (`.pth`). The last two need libtorch; with the backend `onnx` once only, since what is exported is kept.
 * @throws DataError or CheckpointError when the file is no such model, or cannot be run here
 */
export async function openRunner(file: string, options: RunnerOptions = {}): Promise<ModelRunner> {
  const { backend = 'auto', name = modelNameOf(file) } = options;
  if (!(await statIfThere(file))?.isFile())
    throw new DataError({ file }, { found: NO_SUCH_FILE, expected: 'a model: .onnx, .safetensors or .pth' });
  const isOnnx = file.endsWith('.onnx');
  if (isOnnx && backend === 'torch')
    throw new DataError({ file }, { found: 'an ONNX file', expected: 'weights, which libtorch runs' });
  return { name, file, ...(await (await openerOf(isOnnx, backend))(file, options)) };
}
