// An ONNX graph in memory, and what its passes need to find their way in it.

/** Types of elements that are used here, with ONNX's numbers for them. */
export const ELEMENT_TYPES = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, float16: 10 } as const;
export type ElementType = keyof typeof ELEMENT_TYPES;

/** A weight or another constant. float16 are raw bits in a Uint16Array. */
export interface Initialiser {
  name: string;
  type: ElementType;
  dims: readonly number[];
  data: Float32Array | Uint16Array | BigInt64Array | Int32Array | Int8Array | Uint8Array;
}

/** ONNX tells integers from floats, which JavaScript does not. */
export type Attribute = { int: number } | { ints: readonly number[] } | { float: number } | { text: string };

export interface Node {
  name: string;
  op: string;
  /** Names of values; '' where an optional one is left out. */
  inputs: string[];
  outputs: string[];
  attributes: Readonly<Record<string, Attribute>>;
}

/** What a graph takes or gives. */
export interface Port {
  name: string;
  type: ElementType;
  /** Sizes, and names of those that vary; left out where nobody needs to know. */
  shape?: readonly (number | string)[];
}

export interface Graph {
  /** Each comes after those whose outputs it takes. */
  nodes: Node[];
  initialisers: Map<string, Initialiser>;
  inputs: Port[];
  outputs: Port[];
}

/** The node that makes each value. */
export function producersIn({ nodes }: Graph): Map<string, Node> {
  return new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
}

/** The nodes that take each value; a node that takes it twice is there twice. */
export function consumersIn({ nodes }: Graph): Map<string, Node[]> {
  const consumers = new Map<string, Node[]>();
  for (const node of nodes)
    for (const input of node.inputs) consumers.set(input, [...(consumers.get(input) ?? []), node]);
  return consumers;
}

/** Adds a constant under a name that nothing else has. @returns the name */
export function addInitialiser(graph: Graph, wanted: Initialiser): string {
  let { name } = wanted;
  for (let n = 2; graph.initialisers.has(name); n++) name = `${wanted.name}_${n}`;
  graph.initialisers.set(name, { ...wanted, name });
  return name;
}

/** Takes away what no output depends on. */
export function prune(graph: Graph): void {
  const producers = producersIn(graph);
  const live = new Set<Node>();
  const used = new Set<string>();
  const follow = graph.outputs.map(({ name }) => name);
  for (let name = follow.pop(); name !== undefined; name = follow.pop()) {
    used.add(name);
    const node = producers.get(name);
    if (node === undefined || live.has(node)) continue;
    live.add(node);
    follow.push(...node.inputs);
  }
  graph.nodes = graph.nodes.filter((node) => live.has(node));
  for (const name of [...graph.initialisers.keys()]) if (!used.has(name)) graph.initialisers.delete(name);
}

/** Takes Identity nodes away where the value can have the name itself. */
export function dropIdentities(graph: Graph): void {
  const producers = producersIn(graph);
  const fixed = new Set(graph.outputs.map(({ name }) => name));
  const renamed = new Map<string, string>();
  graph.nodes = graph.nodes.filter((node) => {
    const [from, to] = [node.inputs[0] as string, node.outputs[0] as string];
    if (node.op !== 'Identity' || fixed.has(from) || renamed.has(from) || !producers.has(from)) return true;
    renamed.set(from, to);
    return false;
  });
  const rename = (name: string) => renamed.get(name) ?? name;
  for (const node of graph.nodes) {
    node.inputs = node.inputs.map(rename);
    node.outputs = node.outputs.map(rename);
  }
}
