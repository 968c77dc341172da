// Models in ONNX Runtime.

import { INPUT, SOURCE_HASH_KEY, WEIGHTS_HASH_KEY } from '../onnx/metadata.js';
import { readOnnxInfo } from '../onnx/read.js';
import { openSession } from '../onnx/runtime.js';
import { type Opener, withLength } from './open.js';

/** @throws DataError when the file is no model that was exported here */
export const openOnnx: Opener = async (file, { threads, length }) => {
  const { info, metadata } = readOnnxInfo(file);
  const session = await openSession(file, threads === undefined ? {} : { threads });
  return {
    info: withLength(info, length),
    hash: metadata.get(SOURCE_HASH_KEY) ?? metadata.get(WEIGHTS_HASH_KEY) ?? '',
    async run(data, dims) {
      const outputs = await session.run({ [INPUT]: { dims, data } });
      return Object.fromEntries(info.network.tasks.map((task) => [task, outputs.get(task)?.data]));
    },
    close: () => session.close(),
  };
};
