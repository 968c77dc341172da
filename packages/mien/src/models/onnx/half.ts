// A graph in half precision: weights and arithmetic in float16, float32 at its borders.

import type { Graph, Initialiser, Node } from './graph.js';
import { OnnxExportError } from './write.js';

const LARGEST = 65_504;

const bits = new Float32Array(1);
const view = new Uint32Array(bits.buffer);

/** The nearest float16 of a float32, as bits; the even one of two (IEEE 754). */
export function halfBits(value: number): number {
  bits[0] = value;
  const word = view[0] as number;
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // 65520 and more
  if (magnitude < 0x38800000) return sign | roundEven(Math.abs(bits[0]) * 2 ** 24); // subnormal: multiples of 2^−24
  const exponentAndFraction = magnitude - 0x38000000;
  const rounded = (exponentAndFraction + 0xfff + ((exponentAndFraction >>> 13) & 1)) >>> 13;
  return sign | rounded;
}

function roundEven(value: number): number {
  const down = Math.floor(value);
  const rest = value - down;
  return rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? down + 1 : down;
}

function halve(one: Initialiser): Initialiser {
  if (one.type !== 'float32') return one;
  const data = one.data as Float32Array;
  const halves = new Uint16Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number;
    if (!(Math.abs(value) <= LARGEST))
      throw new OnnxExportError(
        `the weight ${one.name} holds ${value}, and float16 ends at ${LARGEST}; export in fp32`,
      );
    halves[i] = halfBits(value);
  }
  return { ...one, type: 'float16', data: halves };
}

function castNode(name: string, input: string, output: string, to: number): Node {
  return { name, op: 'Cast', inputs: [input], outputs: [output], attributes: { to: { int: to } } };
}

const FLOAT = 1;
const FLOAT16 = 10;

/** @throws OnnxExportError for a weight beyond what float16 holds */
export function toHalf(graph: Graph): Graph {
  const initialisers = new Map([...graph.initialisers].map(([name, one]) => [name, halve(one)] as const));
  const inner = new Map(
    [...graph.inputs, ...graph.outputs].map(({ name }) => [name, `${name}.float16`] as const),
  );
  const rename = (name: string) => inner.get(name) ?? name;
  const nodes = graph.nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
  }));
  const casts = (names: readonly string[], inward: boolean) =>
    names.map((name) =>
      inward
        ? castNode(`${name}.to_float16`, name, rename(name), FLOAT16)
        : castNode(`${name}.to_float32`, rename(name), name, FLOAT),
    );
  return {
    ...graph,
    initialisers,
    nodes: [
      ...casts(
        graph.inputs.map(({ name }) => name),
        true,
      ),
      ...nodes,
      ...casts(
        graph.outputs.map(({ name }) => name),
        false,
      ),
    ],
  };
}
