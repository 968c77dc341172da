// libtorch's GRU in ONNX. Both reset after the product with the state, but the rows of their gates stand in another order.

import type { Arguments } from './arguments.js';
import type { GraphBuilder } from './builder.js';
import type { Initialiser } from './graph.js';
import type { Value } from './pair.js';
import { OnnxExportError } from './write.js';

/** Rows r, z, n of libtorch as ONNX wants them: z, r, h. */
function reorderGates({ data }: Initialiser): Float32Array {
  const gate = data.length / 3;
  const [r, z, n] = [0, 1, 2].map((i) => (data as Float32Array).subarray(i * gate, (i + 1) * gate));
  const reordered = new Float32Array(data.length);
  [z, r, n].forEach((rows, i) => {
    reordered.set(rows as Float32Array, i * gate);
  });
  return reordered;
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The last state is not among the results: nothing here reads it. */
export function emitGru(builder: GraphBuilder, args: Arguments): string {
  if (!builder.isZero(args.tensor('hx'))) throw new OnnxExportError('a GRU that does not begin at zero');
  if (!args.flag('hasBiases', true))
    throw new OnnxExportError('a GRU without biases has no known counterpart in ONNX');
  if (args.flag('train', false) && args.number('dropout', 0) > 0)
    throw new OnnxExportError('a GRU in training mode; put the network into eval()');
  const directions = args.flag('bidirectional', false) ? 2 : 1;
  const batchFirst = args.flag('batchFirst', false);
  const weights = (args.get('params') as Value[]).map((one) => builder.weightOf(one));
  let x = builder.nameOf(args.tensor('input'));
  if (batchFirst) x = builder.emit('Transpose', [x], { perm: { ints: [1, 0, 2] } });
  const layers = args.number('numLayers', 1);
  for (let layer = 0; layer < layers; layer++) {
    const own = weights.slice(layer * 4 * directions, (layer + 1) * 4 * directions);
    x = emitLayer(builder, x, own, directions);
  }
  return batchFirst ? builder.emit('Transpose', [x], { perm: { ints: [1, 0, 2] } }) : x;
}

/** @param x [T, B, inputs] @param weights of each direction: input, state, and the bias of each @returns [T, B, D·H] */
function emitLayer(
  builder: GraphBuilder,
  x: string,
  weights: readonly Initialiser[],
  directions: number,
): string {
  const [input, state] = weights as [Initialiser, Initialiser];
  const stem = input.name.replace(/\.[^.]*$/, '');
  const pick = (...kinds: number[]) =>
    joined(
      Array.from({ length: directions }, (_, d) =>
        kinds.map((kind) => reorderGates(weights[4 * d + kind] as Initialiser)),
      ).flat(),
    );
  const [gates, hidden] = state.dims as [number, number];
  const inputs = input.dims[1] as number;
  const output = builder.emit(
    'GRU',
    [
      x,
      builder.floats(`${stem}.W`, [directions, gates, inputs], pick(0)),
      builder.floats(`${stem}.R`, [directions, gates, hidden], pick(1)),
      builder.floats(`${stem}.B`, [directions, 2 * gates], pick(2, 3)),
    ],
    {
      hidden_size: { int: hidden },
      direction: { text: directions === 2 ? 'bidirectional' : 'forward' },
      linear_before_reset: { int: 1 },
    },
    stem,
  );
  // [T, D, B, H] → [T, B, D, H] → [T, B, D·H]; a 0 leaves the size as it is.
  const beside = builder.emit('Transpose', [output], { perm: { ints: [0, 2, 1, 3] } });
  return builder.emit('Reshape', [beside, builder.integers([0, 0, directions * hidden])]);
}
