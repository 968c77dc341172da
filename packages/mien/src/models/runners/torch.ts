// Models in libtorch.

import { availableParallelism } from 'node:os';
import { loadEngine } from './engine.js';
import { type Opener, withLength } from './open.js';

/** On a CUDA device where there is one. @throws DataError or CheckpointError when the file is no model */
export const openTorch: Opener = async (file, { threads, length, checkpoint }) => {
  const { fromTypedArray, inferenceMode, setNumThreads, tidy, torchInfo } = await loadEngine(file);
  setNumThreads(threads ?? availableParallelism());
  const { openModel } = await import('../open.js');
  const { network, info, hash } = await openModel(file, {
    ...checkpoint,
    ...(length !== undefined && { length }),
  });
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
