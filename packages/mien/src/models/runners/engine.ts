// libtorch, where a model needs it.

import { DataError } from '../../files/index.js';

/** @param file the weights that need it @throws DataError that says what to do where there is no libtorch */
export async function loadEngine(file: string) {
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
