// A graph in eight bits: weights as int8 with a scale for each output channel, activations as uint8 with ranges that were
// measured. In the form of QuantizeLinear and DequantizeLinear pairs, which runtimes fuse into integer kernels.

import {
  addInitialiser,
  consumersIn,
  type Graph,
  type Initialiser,
  type Node,
  producersIn,
  prune,
} from './graph.js';
import type { Range } from './ranges.js';

/**
 * Seven bits and a sign would be 127. Processors with AVX2 but without VNNI add two products uint8 × int8 in 16 bits, which
 * overflow beyond 64: with these weights the results are the same everywhere.
 */
const LARGEST_WEIGHT = 63;

/** Operators with weights that are computed in integers. */
const WEIGHTED = new Set(['Conv', 'Gemm']);
/** Operators that change no number, or add two: integers go in and come out. */
const PLAIN = new Set(['MaxPool', 'Add']);

export interface QuantisePlan {
  /** Nodes that compute in integers. */
  nodes: ReadonlySet<Node>;
  /** Activations that become uint8. */
  values: readonly string[];
}

export interface PlanOptions {
  /** The first layer, which sees the pixels, stays in float. Default: false. */
  floatFirst?: boolean;
}

/**
 * What to quantise: convolutions and what lies between them, and linear layers but for those that give outputs. GRUs and what
 * follows them stay in float.
 */
export function planQuantisation(graph: Graph, { floatFirst = false }: PlanOptions = {}): QuantisePlan {
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const consumers = consumersIn(graph);
  const first = graph.nodes.find(({ op }) => op === 'Conv');
  const nodes = new Set<Node>();
  const values = new Set<string>();
  for (const node of graph.nodes) {
    const output = node.outputs[0] as string;
    const weighted =
      WEIGHTED.has(node.op) &&
      graph.initialisers.has(node.inputs[1] as string) &&
      !outputs.has(output) &&
      !(floatFirst && node === first);
    // Sums and pools only where integers come in: between float operators they would only lose.
    const plain = PLAIN.has(node.op) && node.inputs.every((input) => values.has(input));
    if (!weighted && !plain) continue;
    nodes.add(node);
    values.add(node.inputs[0] as string);
    if (node.op !== 'Gemm') values.add(endOf(output, consumers)); // the heads go on in float
  }
  return { nodes, values: [...values].filter((name) => !outputs.has(name)) };
}

/** What comes out of a node and the ReLU behind it: integers clip by themselves. */
function endOf(output: string, consumers: ReadonlyMap<string, Node[]>): string {
  const [only, ...others] = consumers.get(output) ?? [];
  return only?.op === 'Relu' && others.length === 0 ? (only.outputs[0] as string) : output;
}

interface Scale {
  scale: number;
  zero: number;
}

function scaleOf({ low, high }: Range): Scale {
  const scale = Math.fround((high - low) / 255) || 1;
  return { scale, zero: Math.min(255, Math.max(0, Math.round(-low / scale))) };
}

function node(op: string, name: string, inputs: string[], axis?: number): Node {
  const attributes: Node['attributes'] = axis === undefined ? {} : { axis: { int: axis } };
  return { name, op, inputs, outputs: [name], attributes };
}

/** Rewrites a graph as planned. @param ranges of the plan's values */
export function quantise(graph: Graph, plan: QuantisePlan, ranges: ReadonlyMap<string, Range>): Graph {
  const result: Graph = { ...graph, nodes: [], initialisers: new Map(graph.initialisers) };
  const scales = new Map(plan.values.map((name) => [name, scaleOf(ranges.get(name) as Range)] as const));
  const constant = (name: string, dims: number[], data: Initialiser['data'], type: Initialiser['type']) =>
    addInitialiser(result, { name, type, dims, data });

  /** Behind a value that becomes uint8: there and back again. */
  function pairFor(name: string): Node[] {
    const { scale, zero } = scales.get(name) as Scale;
    const parameters = [
      constant(`${name}.scale`, [], Float32Array.of(scale), 'float32'),
      constant(`${name}.zero`, [], Uint8Array.of(zero), 'uint8'),
    ];
    return [
      node('QuantizeLinear', `${name}.uint8`, [name, ...parameters]),
      node('DequantizeLinear', `${name}.float`, [`${name}.uint8`, ...parameters]),
    ];
  }

  /** Weights and biases as integers; their names in float. */
  function weightsFor(layer: Node): string[] {
    const [input, weight, bias] = layer.inputs as [string, string, string | undefined];
    const { scale: inputScale } = scales.get(input) as Scale;
    const { dims, data } = graph.initialisers.get(weight) as Initialiser;
    const channels = dims[0] as number;
    const { scaled, weights } = quantiseRows(data as Float32Array, channels);
    const parameters = [
      constant(`${weight}.scale`, [channels], scaled, 'float32'),
      constant(`${weight}.zero`, [channels], new Int8Array(channels), 'int8'),
    ];
    const stored = constant(`${weight}.int8`, [...dims], weights, 'int8');
    result.nodes.push(node('DequantizeLinear', `${weight}.float`, [stored, ...parameters], 0));
    if (bias === undefined) return [`${weight}.float`];
    const biasScale = scaled.map((scale) => scale * inputScale);
    const numbers = (graph.initialisers.get(bias) as Initialiser).data as Float32Array;
    const biases = Int32Array.from(numbers, (one, c) =>
      Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.round(one / (biasScale[c] as number)))),
    );
    result.nodes.push(
      node(
        'DequantizeLinear',
        `${bias}.float`,
        [
          constant(`${bias}.int32`, [channels], biases, 'int32'),
          constant(`${bias}.scale`, [channels], biasScale, 'float32'),
        ],
        0,
      ),
    );
    return [`${weight}.float`, `${bias}.float`];
  }

  const float = (name: string) => (scales.has(name) ? `${name}.float` : name);
  const producers = producersIn(graph);
  for (const name of plan.values) if (!producers.has(name)) result.nodes.push(...pairFor(name));
  for (const one of graph.nodes) {
    const weighted = plan.nodes.has(one) && WEIGHTED.has(one.op);
    const inputs = weighted ? [float(one.inputs[0] as string), ...weightsFor(one)] : one.inputs.map(float);
    result.nodes.push({ ...one, inputs });
    for (const output of one.outputs) if (scales.has(output)) result.nodes.push(...pairFor(output));
  }
  prune(result);
  return result;
}

/** Each row by the largest number in it. */
function quantiseRows(data: Float32Array, rows: number): { scaled: Float32Array; weights: Int8Array } {
  const length = data.length / rows;
  const scaled = new Float32Array(rows);
  const weights = new Int8Array(data.length);
  for (let row = 0; row < rows; row++) {
    const numbers = data.subarray(row * length, (row + 1) * length);
    const largest = numbers.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
    const scale = Math.fround(largest / LARGEST_WEIGHT) || 1;
    scaled[row] = scale;
    for (let i = 0; i < length; i++) weights[row * length + i] = Math.round((numbers[i] as number) / scale);
  }
  return { scaled, weights };
}
