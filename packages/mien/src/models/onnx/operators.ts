// How each operator of libtorch is said in ONNX. An operator that is not here is refused by name.

import type { Arguments } from './arguments.js';
import { type GraphBuilder, ints } from './builder.js';
import type { Initialiser, Node } from './graph.js';
import { emitGru } from './gru.js';
import type { Call, Value } from './pair.js';
import { OnnxExportError } from './write.js';

/** @returns the name of the first result; undefined when nothing may read it. Other results cannot be read */
type Emit = (builder: GraphBuilder, args: Arguments, call: Call) => string | undefined;

export interface Conversion {
  parameters: readonly string[];
  emit: Emit;
  /** The result is the first argument's memory, or may be. */
  view?: true;
}

/** Of a layer's weight `stem.weight`: the stem, which the node is called by. */
const stemOf = (weight: string) => weight.replace(/\.[^.]*$/, '');

const first = (call: Call): Value => call.results[0] as Value;

function unary(op: string, attributes: Node['attributes'] = {}): Conversion {
  return {
    parameters: ['self'],
    emit: (builder, args) => builder.emit(op, [builder.nameOf(args.tensor('self'))], attributes),
  };
}

/** An operator that hands its first argument on. */
const PASS: Emit = (builder, args) => builder.nameOf(args.tensor('self'));

/** x through `gate`, times x. */
function gated(gate: string, attributes: Node['attributes'] = {}): Conversion {
  return {
    parameters: ['self'],
    emit(builder, args) {
      const x = builder.nameOf(args.tensor('self'));
      return builder.emit('Mul', [x, builder.emit(gate, [x], attributes)]);
    },
  };
}

function arithmetic(op: string, parameters: readonly string[]): Conversion {
  return {
    parameters,
    emit(builder, args) {
      if (parameters.includes('alpha') && args.number('alpha', 1) !== 1) args.refuse('alpha');
      const other = args.get('other');
      const right =
        typeof other === 'number'
          ? builder.floats('number', [], [other])
          : builder.nameOf(args.tensor('other'));
      return builder.emit(op, [builder.nameOf(args.tensor('self')), right]);
    },
  };
}

const RESHAPE: Emit = (builder, args, call) =>
  builder.reshape(builder.nameOf(args.tensor('self')), first(call).shape);

/** max(0, min(1, x / 6 + 1 / 2)) */
const HARD_SIGMOID = { alpha: { float: 1 / 6 }, beta: { float: 0.5 } };

const CONV2D: Emit = (builder, args) => {
  const weight = builder.weightOf(args.tensor('weight'));
  const bias = args.optionalTensor('bias');
  const kernel = weight.dims.slice(2);
  const dilations = args.numbers('dilation', 2, 1);
  const padding = args.get('padding');
  const pads =
    typeof padding === 'string'
      ? namedPads(padding, kernel, dilations)
      : symmetric(args.numbers('padding', 2, 0));
  const inputs = [builder.nameOf(args.tensor('input')), weight.name];
  if (bias !== undefined) inputs.push(builder.nameOf(bias));
  const attributes = {
    kernel_shape: ints(kernel),
    strides: ints(args.numbers('stride', 2, 1)),
    pads: ints(pads),
    dilations: ints(dilations),
    group: { int: args.number('groups', 1) },
  };
  return builder.emit('Conv', inputs, attributes, stemOf(weight.name));
};

const symmetric = (pads: readonly number[]) => [...pads, ...pads];

/** `same` puts the odd pixel behind, as libtorch does. */
function namedPads(padding: string, kernel: readonly number[], dilations: readonly number[]): number[] {
  const totals = kernel.map((size, i) => (padding === 'same' ? (dilations[i] as number) * (size - 1) : 0));
  return [...totals.map((total) => total >> 1), ...totals.map((total) => (total + 1) >> 1)];
}

const BATCH_NORM: Emit = (builder, args) => {
  if (args.flag('training', false))
    throw new OnnxExportError('batch normalisation by statistics of the batch; put the network into eval()');
  const mean = builder.weightOf(args.tensor('runningMean'));
  const variance = builder.weightOf(args.tensor('runningVar'));
  const stem = stemOf(mean.name);
  const given = (name: string, value: number): string => {
    const one = args.optionalTensor(name);
    if (one !== undefined) return builder.nameOf(one);
    return builder.floats(`${stem}.${name}`, mean.dims, new Float32Array(mean.data.length).fill(value));
  };
  const inputs = [
    builder.nameOf(args.tensor('input')),
    given('weight', 1),
    given('bias', 0),
    mean.name,
    variance.name,
  ];
  // The rank is no attribute of ONNX: folding, which takes all these nodes away, reads it.
  const rank = args.tensor('input').shape.length;
  return builder.emit(
    'BatchNormalization',
    inputs,
    { epsilon: { float: args.number('eps') }, rank: { int: rank } },
    stem,
  );
};

function pooling(op: string, parameters: readonly string[]): Conversion {
  return {
    parameters,
    emit(builder, args) {
      const kernel = args.numbers('kernelSize', 2);
      const stride = args.get('stride');
      const strides = stride == null || (Array.isArray(stride) && stride.length === 0) ? kernel : undefined;
      if (args.get('divisorOverride') != null) args.refuse('divisorOverride');
      const attributes: Node['attributes'] = {
        kernel_shape: ints(kernel),
        strides: ints(strides ?? args.numbers('stride', 2)),
        pads: ints(symmetric(args.numbers('padding', 2, 0))),
        ceil_mode: { int: Number(args.flag('ceilMode', false)) },
        ...(op === 'MaxPool' && { dilations: ints(args.numbers('dilation', 2, 1)) }),
        ...(op === 'AveragePool' && {
          count_include_pad: { int: Number(args.flag('countIncludePad', true)) },
        }),
      };
      return builder.emit(op, [builder.nameOf(args.tensor('self'))], attributes);
    },
  };
}

/** To one pixel, or to a size that divides the map's. */
const ADAPTIVE_AVG_POOL2D: Emit = (builder, args) => {
  const input = args.tensor('self');
  const sizes = args.numbers('outputSize', 2);
  const x = builder.nameOf(input);
  if (sizes.every((size) => size === 1)) return builder.emit('GlobalAveragePool', [x]);
  const kernel = input.shape.slice(-2).map((dim, i) => Number(dim) / (sizes[i] as number));
  if (!kernel.every(Number.isInteger))
    throw new OnnxExportError(
      `adaptive pooling from ${input.shape.slice(-2)} to ${sizes}: windows of unequal size`,
    );
  return builder.emit('AveragePool', [x], { kernel_shape: ints(kernel), strides: ints(kernel) });
};

const MEAN: Emit = (builder, args) => {
  const input = args.tensor('self');
  const dims = args.get('dim');
  const axes = args
    .numbers('dim', Array.isArray(dims) ? dims.length : 1)
    .map((dim) => (dim < 0 ? dim + input.shape.length : dim));
  const keep = args.flag('keepdim', false);
  const x = builder.nameOf(input);
  if (keep && input.shape.length === 4 && [...axes].sort().join() === '2,3')
    return builder.emit('GlobalAveragePool', [x]);
  return builder.emit('ReduceMean', [x], { axes: ints(axes), keepdims: { int: Number(keep) } });
};

function transposed({ dims, data }: Initialiser): Float32Array {
  const [rows, columns] = dims as [number, number];
  const turned = new Float32Array(data.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      turned[column * rows + row] = data[row * columns + column] as number;
  return turned;
}

const LINEAR: Emit = (builder, args) => {
  const input = args.tensor('input');
  const weight = builder.weightOf(args.tensor('weight'));
  const bias = args.optionalTensor('bias');
  const biases = bias === undefined ? [] : [builder.nameOf(bias)];
  const x = builder.nameOf(input);
  const stem = stemOf(weight.name);
  if (input.shape.length === 2)
    return builder.emit('Gemm', [x, weight.name, ...biases], { transB: { int: 1 } }, stem);
  const [outputs, inputs] = weight.dims as [number, number];
  const matrix = builder.floats(`${stem}.weight.transposed`, [inputs, outputs], transposed(weight));
  const product = builder.emit('MatMul', [x, matrix], {}, stem);
  return bias === undefined ? product : builder.emit('Add', [product, ...biases], {}, `${stem}.add`);
};

const DROPOUT: Emit = (builder, args) => {
  const off = !args.flag('train', true) || args.number('p') === 0;
  if (!off) throw new OnnxExportError('dropout in training mode; put the network into eval()');
  return builder.nameOf(args.tensor('input'));
};

/** Nothing in the graph: the operators that begin at zero do so by themselves. */
const ZEROS: Emit = (builder, _, call) => {
  builder.markZero(first(call));
  return undefined;
};

const CAT: Emit = (builder, args) => {
  const tensors = args.get('tensors') as Value[];
  const inputs = tensors.map((one) => builder.nameOf(one));
  return builder.emit('Concat', inputs, { axis: { int: args.number('dim', 0) } });
};

const HARDTANH: Emit = (builder, args) => {
  const bound = (name: string, fallback: number) => builder.floats(name, [], [args.number(name, fallback)]);
  return builder.emit('Clip', [builder.nameOf(args.tensor('self')), bound('minVal', -1), bound('maxVal', 1)]);
};

/** By names without `aten::`; the same operator in place has `_` behind its name and is the same here. */
export const CONVERSIONS: Readonly<Record<string, Conversion>> = {
  conv2d: {
    parameters: ['input', 'weight', 'bias', 'stride', 'padding', 'dilation', 'groups'],
    emit: CONV2D,
  },
  batch_norm: {
    parameters: [
      ...['input', 'weight', 'bias', 'runningMean', 'runningVar'],
      ...['training', 'momentum', 'eps', 'cudnnEnabled'],
    ],
    emit: BATCH_NORM,
  },
  linear: { parameters: ['input', 'weight', 'bias'], emit: LINEAR },
  gru: {
    parameters: [
      ...['input', 'hx', 'params', 'hasBiases', 'numLayers'],
      ...['dropout', 'train', 'bidirectional', 'batchFirst'],
    ],
    emit: emitGru,
  },
  zeros: { parameters: ['size', 'dtype', 'layout', 'device', 'pinMemory'], emit: ZEROS },
  relu: unary('Relu'),
  sigmoid: unary('Sigmoid'),
  tanh: unary('Tanh'),
  hardsigmoid: unary('HardSigmoid', HARD_SIGMOID),
  hardswish: gated('HardSigmoid', HARD_SIGMOID),
  silu: gated('Sigmoid'),
  hardtanh: { parameters: ['self', 'minVal', 'maxVal'], emit: HARDTANH },
  add: arithmetic('Add', ['self', 'other', 'alpha']),
  sub: arithmetic('Sub', ['self', 'other', 'alpha']),
  mul: arithmetic('Mul', ['self', 'other']),
  div: arithmetic('Div', ['self', 'other']),
  max_pool2d: pooling('MaxPool', ['self', 'kernelSize', 'stride', 'padding', 'dilation', 'ceilMode']),
  avg_pool2d: pooling('AveragePool', [
    ...['self', 'kernelSize', 'stride', 'padding', 'ceilMode'],
    ...['countIncludePad', 'divisorOverride'],
  ]),
  adaptive_avg_pool2d: { parameters: ['self', 'outputSize'], emit: ADAPTIVE_AVG_POOL2D },
  mean: { parameters: ['self', 'dim', 'keepdim'], emit: MEAN },
  cat: { parameters: ['tensors', 'dim'], emit: CAT },
  flatten: { parameters: ['self', 'startDim', 'endDim'], emit: RESHAPE, view: true },
  reshape: { parameters: ['self', 'shape'], emit: RESHAPE, view: true },
  view: { parameters: ['self', 'size'], emit: RESHAPE, view: true },
  squeeze: { parameters: ['self', 'dim'], emit: RESHAPE, view: true },
  unsqueeze: { parameters: ['self', 'dim'], emit: RESHAPE, view: true },
  contiguous: { parameters: ['self', 'memoryFormat'], emit: PASS, view: true },
  detach: { parameters: ['self'], emit: PASS, view: true },
  clone: { parameters: ['self', 'memoryFormat'], emit: PASS },
  dropout: { parameters: ['input', 'p', 'train'], emit: DROPOUT, view: true },
};
