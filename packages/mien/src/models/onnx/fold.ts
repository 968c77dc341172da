// Batch normalisation in evaluation mode is x·s + t per channel: it goes into the weights of the convolution or linear layer
// before or behind it. What is left becomes a product and a sum.

import {
  addInitialiser,
  consumersIn,
  type Graph,
  type Initialiser,
  type Node,
  producersIn,
  prune,
} from './graph.js';

/** s and t, in double precision. */
interface Affine {
  scale: Float64Array;
  shift: Float64Array;
}

function affineOf(graph: Graph, node: Node): Affine {
  const [weight, bias, mean, variance] = node.inputs
    .slice(1)
    .map((name) => (graph.initialisers.get(name) as Initialiser).data as Float32Array) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const { float: epsilon } = node.attributes.epsilon as { float: number };
  const scale = Float64Array.from(weight, (one, c) => one / Math.sqrt((variance[c] as number) + epsilon));
  const shift = Float64Array.from(bias, (one, c) => one - (mean[c] as number) * (scale[c] as number));
  return { scale, shift };
}

/** The weights of a Conv or Gemm node and its biases, zeros where it has none; undefined when they are computed. */
function weightsOf(graph: Graph, node: Node): { weight: Initialiser; bias: Float32Array } | undefined {
  const weight = graph.initialisers.get(node.inputs[1] as string);
  const name = node.inputs[2];
  const bias = name === undefined ? undefined : graph.initialisers.get(name);
  if (weight === undefined || (name !== undefined && bias === undefined)) return undefined;
  return { weight, bias: (bias?.data as Float32Array) ?? new Float32Array(weight.dims[0] as number) };
}

/** Gives a node weights of its own: others may share the ones that it had. */
function setWeights(
  graph: Graph,
  node: Node,
  dims: readonly number[],
  weight: Float32Array,
  bias: Float32Array,
) {
  const add = (suffix: string, size: readonly number[], data: Float32Array) =>
    addInitialiser(graph, { name: `${node.name}.folded.${suffix}`, type: 'float32', dims: size, data });
  node.inputs = [node.inputs[0] as string, add('weight', dims, weight), add('bias', [bias.length], bias)];
}

/** y·s + t of y = W·x + b: rows of W times s, b·s + t. */
function foldIntoBefore(graph: Graph, before: Node, { scale, shift }: Affine): boolean {
  const weights = weightsOf(graph, before);
  if (weights === undefined) return false;
  const { weight, bias } = weights;
  const data = weight.data as Float32Array;
  const row = data.length / scale.length;
  const folded = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++)
    folded[i] = (data[i] as number) * (scale[Math.floor(i / row)] as number);
  const shifted = Float32Array.from(bias, (one, c) => one * (scale[c] as number) + (shift[c] as number));
  setWeights(graph, before, weight.dims, folded, shifted);
  return true;
}

/** W·(x·s + t) + b: columns of W times s, b + W·t. */
function foldIntoBehind(graph: Graph, behind: Node, { scale, shift }: Affine): void {
  const { weight, bias } = weightsOf(graph, behind) as { weight: Initialiser; bias: Float32Array };
  const data = weight.data as Float32Array;
  const columns = scale.length;
  const folded = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) folded[i] = (data[i] as number) * (scale[i % columns] as number);
  const shifted = Float32Array.from(bias, (one, row) =>
    shift.reduce((sum, t, column) => sum + t * (data[row * columns + column] as number), one),
  );
  setWeights(graph, behind, weight.dims, folded, shifted);
}

/** Makes `node` hand its input on. */
function bypass(graph: Graph, node: Node): void {
  const [from, to] = [node.inputs[0] as string, node.outputs[0] as string];
  for (const other of graph.nodes) other.inputs = other.inputs.map((input) => (input === to ? from : input));
  graph.nodes = graph.nodes.filter((other) => other !== node);
}

/** Says it as a product and a sum. */
function lower(graph: Graph, node: Node, { scale, shift }: Affine): void {
  const { int: rank } = node.attributes.rank as { int: number };
  const dims = [scale.length, ...Array.from({ length: rank - 2 }, () => 1)];
  const add = (suffix: string, values: Float64Array) =>
    addInitialiser(graph, {
      name: `${node.name}.${suffix}`,
      type: 'float32',
      dims,
      data: Float32Array.from(values),
    });
  const scaled = `${node.name}.scaled`;
  const product: Node = {
    name: scaled,
    op: 'Mul',
    inputs: [node.inputs[0] as string, add('scale', scale)],
    outputs: [scaled],
    attributes: {},
  };
  const sum: Node = {
    name: node.name,
    op: 'Add',
    inputs: [scaled, add('shift', shift)],
    outputs: node.outputs,
    attributes: {},
  };
  graph.nodes.splice(graph.nodes.indexOf(node), 1, product, sum);
}

/** Takes all batch normalisation away. */
export function foldBatchNorms(graph: Graph): void {
  for (const node of graph.nodes.filter(({ op }) => op === 'BatchNormalization')) foldOne(graph, node);
  prune(graph);
}

function foldOne(graph: Graph, node: Node): void {
  const affine = affineOf(graph, node);
  const before = producersIn(graph).get(node.inputs[0] as string);
  const consumers = consumersIn(graph);
  const isOutput = (name: string) => graph.outputs.some((output) => output.name === name);
  const from = node.inputs[0] as string;
  const alone = consumers.get(from)?.length === 1 && !isOutput(from);
  if (alone && (before?.op === 'Conv' || before?.op === 'Gemm') && foldIntoBefore(graph, before, affine)) {
    before.outputs = node.outputs;
    graph.nodes = graph.nodes.filter((other) => other !== node);
    return;
  }
  const to = node.outputs[0] as string;
  const behind = consumers.get(to) ?? [];
  const linear = behind.every((other) => other.op === 'Gemm' && weightsOf(graph, other) !== undefined);
  if (linear && behind.length > 0 && !isOutput(to)) {
    for (const other of behind) foldIntoBehind(graph, other, affine);
    bypass(graph, node);
  } else lower(graph, node, affine);
}
