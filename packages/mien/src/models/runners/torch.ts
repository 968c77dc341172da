// Models in libtorch.

import { availableParallelism } from 'node:os';
import { DataError } from '../../files/index.js';
import { type Opener, withLength } from './open.js';

/** @throws DataError that says what to do where there is no libtorch */
async function loadEngine(file: string) {
  let problem: string | undefined;
  try {
    const torch = await import('@mien/torch');
    if (torch.isAvailable()) return torch;
  } catch (error) {
    problem = (error as Error).message;
  }
  throw new DataError(
    { file },
    {
      found: `a file of weights, which needs libtorch${problem === undefined ? '' : ` (${problem})`}`,
      expected: 'an ONNX file where there is no libtorch',
      hint: `Get libtorch: npm run setup -- train. Or where it is, export the model: mien export ${file} --out model.onnx`,
    },
  );
}

/** On a CUDA device where there is one. @throws DataError or CheckpointError when the file is no model */
export const openTorch: Opener = async (file, { threads, length }) => {
  const { fromTypedArray, inferenceMode, setNumThreads, tidy, torchInfo } = await loadEngine(file);
  setNumThreads(threads ?? availableParallelism());
  const { openModel } = await import('../open.js');
  const { network, info, hash } = await openModel(file, length === undefined ? {} : { length });
  const device = torchInfo().cuda ? 'cuda' : 'cpu';
  network.to({ device, memoryFormat: 'channels_last' });
  return {
    info: withLength(info, length),
    hash,
    async run(images, dims) {
      return tidy(() =>
        inferenceMode(() => {
          const { logits } = network.forward(fromTypedArray(images, dims, { device }));
          return Object.fromEntries(
            info.network.tasks.map((task) => [
              task,
              logits[task]?.float().cpu().contiguous().toTypedArray() as Float32Array,
            ]),
          );
        }),
      );
    },
    close: async () => network.dispose(),
  };
};
