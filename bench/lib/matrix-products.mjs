// How fast this machine multiplies float32 matrices: by libtorch and by ONNX Runtime, each at the size where it is fastest.
import { inferenceMode, randn, setNumThreads, tidy } from '@mien/torch';
import ort from 'onnxruntime-node';
import { writeOnnx } from '../../packages/mien/dist/models/onnx/write.js';
import { fastest } from './measure.mjs';

const SIZES = [
  [512, 512, 512],
  [1024, 1024, 1024],
  [2048, 2048, 2048],
  [1568, 512, 2048],
  [3136, 1152, 128],
];

/** An ONNX file that multiplies [m, k] by a constant [k, n], as the layers of a network do. */
function productFile([m, k, n]) {
  const data = Float32Array.from({ length: k * n }, (_, i) => Math.sin(i));
  const node = { name: 'product', op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'], attributes: {} };
  const weights = { name: 'w', type: 'float32', dims: [k, n], data };
  const port = (name, shape) => ({ name, type: 'float32', shape });
  const graph = {
    nodes: [node],
    initialisers: new Map([['w', weights]]),
    inputs: [port('x', [m, k])],
    outputs: [port('y', [m, n])],
  };
  return writeOnnx(graph, new Map());
}

async function byOnnx(size, { threads, rounds }) {
  const [m, k] = size;
  const session = await ort.InferenceSession.create(productFile(size), { intraOpNumThreads: threads });
  const x = new ort.Tensor(
    'float32',
    Float32Array.from({ length: m * k }, (_, i) => Math.cos(i)),
    [m, k],
  );
  const seconds = await fastest(rounds, () => session.run({ x }));
  await session.release();
  return seconds;
}

async function byTorch([m, k, n], { threads, rounds }) {
  setNumThreads(threads);
  const [x, w] = [randn([m, k]), randn([k, n])];
  const seconds = await fastest(rounds, async () => tidy(() => inferenceMode(() => void x.mm(w))));
  for (const one of [x, w]) one.dispose();
  return seconds;
}

/** @returns 10⁹ operations a second, two for each multiplication, of each engine, with the size of its fastest product */
export async function matrixProductRates(options) {
  const rates = {};
  for (const [engine, run] of [
    ['onnx', byOnnx],
    ['libtorch', byTorch],
  ])
    for (const size of SIZES) {
      const gflops = (2 * size[0] * size[1] * size[2]) / (await run(size, options)) / 1e9;
      if (!(gflops < (rates[engine]?.gflops ?? 0)))
        rates[engine] = { gflops: Math.round(gflops), size: size.join('×') };
    }
  return rates;
}
