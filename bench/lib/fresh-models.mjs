// Models with fresh weights, in libtorch and as files, since time does not depend on weights; and face crops for them.
import { join } from 'node:path';
import { fromTypedArray, manualSeed, nn, noGrad, tidy } from '@mien/torch';
import { FaceTable } from 'mien/datasets';
import { writeDemo } from 'mien/datasets/demo';
import { walkFiles } from 'mien/files';
import { ABAW1 } from 'mien/labels';
import { paperEdge } from 'mien/loading';
import { backboneOf, buildNetwork, saveModel } from 'mien/models';
import { drawPatches, exportOnnx } from 'mien/models/onnx';

/** Fresh weights, with the running statistics of such pictures: others let a deep network's numbers grow without bound. */
export function freshNetwork({ backbone, size, seed }) {
  manualSeed(seed);
  const spec = {
    backbone,
    inputSize: size,
    tasks: ['EXPR', 'AU', 'VA'],
    schema: ABAW1,
    hidden: 128,
    dropout: 0,
  };
  const network = buildNetwork(spec);
  for (const norm of network.modules()) if (norm instanceof nn.BatchNorm) norm.momentum = 1;
  tidy(() => {
    const patches = drawPatches(16, size, backboneOf(backbone).normalization, seed);
    noGrad(() => network.train().forward(fromTypedArray(patches, [16, 3, size, size])));
  });
  return network.eval();
}

/** Multiplications and additions of one picture, each pair counted once. */
function countMacs(network, size) {
  let macs = 0;
  const { Conv2d, Linear } = nn;
  const [convolve, multiply] = [Conv2d.prototype.forward, Linear.prototype.forward];
  Conv2d.prototype.forward = function (input) {
    const output = convolve.call(this, input);
    macs += output.numel() * (this.weight.numel() / this.outChannels);
    return output;
  };
  Linear.prototype.forward = function (input) {
    macs += (input.numel() / this.inFeatures) * this.weight.numel();
    return multiply.call(this, input);
  };
  try {
    tidy(() => network.forward(fromTypedArray(new Float32Array(3 * size * size), [1, 3, size, size])));
  } finally {
    Conv2d.prototype.forward = convolve;
    Linear.prototype.forward = multiply;
  }
  return macs;
}

/** Eight bits cost untrained networks, whose outputs hardly differ from picture to picture, more than trained ones. */
export const INT8_TOLERANCE = 1;

/** Writes members as weights and as ONNX, in float32 and in eight bits. @returns files of each kind, and multiplications of a picture */
export async function writeMembers(folder, { backbone, size, count }) {
  const files = { weights: [], fp32: [], int8: [] };
  const { normalization } = backboneOf(backbone);
  const pictures = (seed) => ({
    dims: [16, 3, size, size],
    data: drawPatches(16, size, normalization, seed),
  });
  const calibration = { fit: [pictures(101)], heldBack: [pictures(102)] };
  let macs = 0;
  for (let seed = 0; seed < count; seed++) {
    const network = freshNetwork({ backbone, size, seed });
    const input = { edge: paperEdge(size), normalization };
    const info = { version: 1, network: network.spec, input, decoding: 'endpoints' };
    files.weights.push(join(folder, `student_${seed}.safetensors`));
    await saveModel(files.weights[seed], network, info);
    for (const precision of ['fp32', 'int8']) {
      const file = join(folder, `student_${seed}-${precision}.onnx`);
      const options = { precision, calibration, int8Tolerance: INT8_TOLERANCE };
      await exportOnnx(file, { network, info, hash: '' }, options);
      files[precision].push(file);
    }
    macs = countMacs(network, size);
    network.dispose();
  }
  return { files, macs };
}

/** Face crops, drawn; as many as are wanted by taking them several times. */
export async function drawnCrops(folder, { size, count }) {
  await writeDemo(folder, { seed: 1, size, scale: 'small' });
  const pictures = [];
  for await (const path of walkFiles(folder)) if (/\.(jpg|png)$/.test(path)) pictures.push(path);
  const faces = new FaceTable(ABAW1);
  for (let i = 0; i < count; i++) faces.push({ dataset: 'crops', image: pictures[i % pictures.length] });
  return { file: folder, faces, roots: new Map([['crops', folder]]) };
}
