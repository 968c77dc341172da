// From a network to a graph, by running it: its forward pass is the only description of what it computes.

import { inferenceMode, openScope, randn, type Tensor, trace } from '@mien/torch';
import { TASKS } from '../../labels/index.js';
import type { Network, NetworkOutput } from '../network.js';
import { Arguments } from './arguments.js';
import { GraphBuilder, type SizeSymbol } from './builder.js';
import { dropIdentities, type Graph, prune } from './graph.js';
import { INPUT } from './metadata.js';
import { CONVERSIONS } from './operators.js';
import { type Call, type Pair, pairTraces, type Value, Varying } from './pair.js';
import { OnnxExportError } from './write.js';

/** Sizes of the two traces: products of a batch and a time differ from every batch and every time. */
const BATCH = new Varying(2, 3);
const TIME = new Varying(3, 5);

/** What views of the same memory were bound to, until one of them is changed in place. */
class Views {
  readonly #groups = new Map<number, Set<number>>();
  readonly #stale = new Set<number>();

  join(view: Value, base: Value): void {
    const group = this.#groups.get(base.id) ?? new Set([base.id]);
    group.add(view.id);
    for (const id of group) this.#groups.set(id, group);
  }

  change(before: Value): void {
    for (const id of this.#groups.get(before.id) ?? []) this.#stale.add(id);
  }

  isStale(value: Value): boolean {
    return this.#stale.has(value.id);
  }
}

function convertCall(builder: GraphBuilder, call: Call, views: Views): void {
  const [, name = '', inPlace] = call.operator.match(/^aten::(\w*?[a-z0-9])(_?)$/) ?? [];
  const conversion = Object.hasOwn(CONVERSIONS, name) ? CONVERSIONS[name] : undefined;
  if (conversion === undefined || (inPlace !== '_' && call.replaced.length > 0))
    throw new OnnxExportError(`${call.operator} has no known counterpart in ONNX`);
  const given = [...call.args, ...Object.values(call.options)].flat() as unknown[];
  if (given.some((one) => one instanceof Object && 'id' in one && views.isStale(one as Value)))
    throw new OnnxExportError(`${call.operator} reads a view of what was changed in place`);
  const result = conversion.emit(builder, new Arguments(call, conversion.parameters), call);
  const [value] = call.results;
  if (value === undefined) return;
  if (result !== undefined) builder.bind(value, result);
  if (conversion.view) views.join(value, call.args[0] as Value);
  for (const before of call.replaced) views.change(before);
}

/** Names and tensors of what a network gives. */
export function outputsOf(output: NetworkOutput, features: boolean): [string, Tensor][] {
  return TASKS.flatMap((task): [string, Tensor][] => {
    const [logits, feature] = [output.logits[task], output.features[task]];
    return [
      ...(logits === undefined ? [] : [[task, logits] as [string, Tensor]]),
      ...(feature === undefined || !features ? [] : [[`${task}_features`, feature] as [string, Tensor]]),
    ];
  });
}

function buildGraph(builder: GraphBuilder, pair: Pair, outputs: readonly [string, Tensor][]): Graph {
  const views = new Views();
  for (const call of pair.calls) convertCall(builder, call, views);
  const { graph } = builder;
  for (const [name, tensor] of outputs) {
    const value = pair.lastValue(tensor);
    if (value === undefined || views.isStale(value))
      throw new OnnxExportError(`the output ${name} is not computed by operators`);
    graph.nodes.push({
      name: `output.${name}`,
      op: 'Identity',
      inputs: [builder.nameOf(value)],
      outputs: [name],
      attributes: {},
    });
    const sizes = value.shape.map((dim) =>
      dim instanceof Varying
        ? builder
            .symbolsOf(dim)
            .map((symbol) => symbol.name)
            .join('_')
        : dim,
    );
    graph.outputs.push({ name, type: 'float32', shape: sizes });
  }
  return graph;
}

export interface ConvertOptions {
  /** Also gives what the sequence heads read, as `EXPR_features` and so on. */
  features?: boolean;
}

/**
 * Runs the network on two batches of different sizes and says in ONNX what it did. Nothing in the graph depends on the size of
 * the batch, nor on the number of frames.
 * @param network in evaluation mode
 * @throws OnnxExportError for an operator that has no counterpart, or when what is computed depends on the batch
 */
export function convertNetwork(network: Network, { features = false }: ConvertOptions = {}): Graph {
  const { inputSize, sequence } = network.spec;
  if (network.training) throw new OnnxExportError('a network in training mode; call eval() first');
  const symbols: SizeSymbol[] = [{ name: 'batch', size: BATCH, dimension: 0 }];
  if (sequence !== undefined) symbols.push({ name: 'time', size: TIME, dimension: 1 });
  const device = network.parameters()[0]?.device ?? 'cpu';
  using _scope = openScope();
  const run = (which: 'first' | 'second') => {
    const images = randn([...symbols.map(({ size }) => size[which]), 3, inputSize, inputSize], { device });
    return { images, trace: inferenceMode(() => trace(() => network.forward(images))) };
  };
  const [first, second] = [run('first'), run('second')];
  const pair = pairTraces(first.trace, second.trace, [first.images, second.images]);
  const weights = new Map(
    [...network.namedParameters(), ...network.namedBuffers()].map(
      ([name, tensor]) => [tensor, name] as const,
    ),
  );
  const builder = new GraphBuilder({ input: { name: INPUT, tensor: first.images }, symbols, weights });
  builder.graph.inputs.push({
    name: INPUT,
    type: 'float32',
    shape: [...symbols.map(({ name }) => name), 3, inputSize, inputSize],
  });
  const graph = buildGraph(builder, pair, outputsOf(first.trace.result, features));
  prune(graph);
  dropIdentities(graph);
  return graph;
}
