// Weights between files and tensors: the checkpoints room deals in bytes, this is the way into the engine.
import { readPth, readSafetensors, type StateDictOptions, writeSafetensors } from './checkpoints/index.js';
import { fromBytes } from './creation.js';
import type { Tensor } from './tensor.js';
import { readBytes } from './typed-arrays.js';
import type { Device } from './values.js';

export interface LoadTensorsOptions extends StateDictOptions {
  /** Default: cpu. */
  device?: Device;
}

/**
 * The named tensors of a `.safetensors` file (by its name) or of a PyTorch `.pth` file (any other name).
 * @throws CheckpointError that names the file and says what was found and expected.
 */
export async function loadTensors(
  path: string,
  options: LoadTensorsOptions = {},
): Promise<Map<string, Tensor>> {
  const { device = 'cpu', ...stateDict } = options;
  const raw = path.endsWith('.safetensors')
    ? (await readSafetensors(path)).tensors
    : (await readPth(path)).stateDict(stateDict);
  return new Map(
    Array.from(raw, ([name, { dtype, shape, data }]) => [
      name,
      fromBytes(data, dtype, shape, { dtype, device }),
    ]),
  );
}

/** Writes tensors to a `.safetensors` file, atomically. Gradients, strides and devices are not kept. */
export async function saveTensors(
  path: string,
  tensors: ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>,
  options: { metadata?: Readonly<Record<string, string>> } = {},
): Promise<void> {
  const entries = tensors instanceof Map ? [...tensors] : Object.entries(tensors as Record<string, Tensor>);
  const raw = entries.map(([name, tensor]) => {
    const { dtype, shape } = tensor;
    return [name, { dtype, shape, data: readBytes(tensor) }] as const;
  });
  await writeSafetensors(path, new Map(raw), options);
}
