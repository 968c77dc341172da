// Networks to export, and where to put them.

import { join } from 'node:path';
import { fromTypedArray, inferenceMode, manualSeed, nn, noGrad, randn, type Tensor, tidy } from '@mien/torch';
import { paperEdge } from 'mien/loading';
import { backboneOf, buildNetwork, type ModelInfo, type Network, type NetworkSpec } from 'mien/models';
import { drawPatches, type ExportOptions, type ExportReport, exportOnnx, ONNX_INPUT } from 'mien/models/onnx';
import { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import { folderWith } from '../../../../../test/folders.js';
import { spec } from '../networks.js';

export function infoOf(network: NetworkSpec): ModelInfo {
  const { normalization } = backboneOf(network.backbone);
  return {
    version: 1,
    network,
    input: { edge: paperEdge(network.inputSize), normalization },
    decoding: 'endpoints',
  };
}

/** Random statistics of about 0 and 1. */
function statistics(size: readonly number[]): Map<string, Tensor> {
  return new Map([
    ['running_mean', randn(size).mul(0.1)],
    ['running_var', randn(size).mul(0.2).add(1).abs()],
  ]);
}

/**
 * Fresh weights, and running statistics that folding cannot miss: in the backbone those of such pictures as the check shows,
 * since a deep network of random weights grows others without bound; in the heads random ones, since features of random weights hardly differ.
 */
export function settledNetwork(over: Partial<NetworkSpec> = {}): Network {
  manualSeed(5);
  const network = buildNetwork(spec(over));
  const { inputSize, backbone, sequence } = network.spec;
  const norms = network.modules().filter((one): one is nn.BatchNorm => one instanceof nn.BatchNorm);
  for (const norm of norms) Object.assign(norm, { momentum: 1 });
  tidy(() => {
    const { normalization } = backboneOf(backbone);
    const shape = [...(sequence === undefined ? [24] : [6, 4]), 3, inputSize, inputSize];
    const images = fromTypedArray(drawPatches(24, inputSize, normalization, 9), shape);
    noGrad(() => network.train().forward(images));
    for (const norm of norms)
      if (norm instanceof nn.BatchNorm1d)
        norm.loadStateDict(statistics([norm.numFeatures]), { strict: false });
  });
  return network.eval();
}

/** A network of one task that is only a layer, for tests of operators. */
export class LayerNetwork extends nn.Module implements Network {
  readonly #spec: NetworkSpec;

  constructor(
    readonly layer: { forward(images: Tensor): Tensor } & nn.Module,
    inputSize = 16,
  ) {
    super();
    this.#spec = spec({ inputSize, tasks: ['EXPR'] });
  }

  get spec(): NetworkSpec {
    return this.#spec;
  }

  forward(images: Tensor) {
    return { logits: { EXPR: this.layer.forward(images) }, features: {} };
  }
}

/** Exports into a new folder. @returns the report, whose file lasts as long as the tests */
export function exportTo(
  network: Network,
  options: ExportOptions = {},
  info = infoOf(network.spec),
): Promise<ExportReport> {
  const file = join(folderWith({}), 'model.onnx');
  return exportOnnx(file, { network: network as never, info, hash: 'a'.repeat(64) }, options);
}

/** What a file gives for some input, and what the network gives. */
export async function runBoth(
  file: string,
  network: Network,
  images: Tensor,
): Promise<Record<string, { onnx: Float32Array; torch: Float32Array; dims: readonly number[] }>> {
  const session = await InferenceSession.create(file);
  const data = images.toTypedArray() as Float32Array;
  const found = await session.run({ [ONNX_INPUT]: new OnnxTensor('float32', data, images.shape) });
  await session.release();
  return tidy(() => {
    const { logits, features } = inferenceMode(() => network.forward(images));
    const named = Object.entries(features).map(([task, tensor]) => [`${task}_features`, tensor] as const);
    const expected = new Map([...Object.entries(logits), ...named]);
    return Object.fromEntries(
      Object.entries(found).map(([name, { data: onnx, dims }]) => [
        name,
        {
          onnx: onnx as Float32Array,
          torch: (expected.get(name) as Tensor).toTypedArray() as Float32Array,
          dims,
        },
      ]),
    );
  });
}
