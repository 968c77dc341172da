// A graph that is being put together, operator by operator.

import type { Tensor } from '@mien/torch';
import {
  type Attribute,
  addInitialiser,
  type ElementType,
  type Graph,
  type Initialiser,
  type Node,
} from './graph.js';
import { type Dim, type Value, Varying } from './pair.js';
import { OnnxExportError } from './write.js';

/** A size that the user of the graph chooses, such as the batch: what it was in the two traces. */
export interface SizeSymbol {
  name: string;
  size: Varying;
  /** Which dimension of the input it is. */
  dimension: number;
}

const sameSize = (one: Varying, other: Varying) => one.first === other.first && one.second === other.second;

export interface BuilderOptions {
  input: { name: string; tensor: Tensor };
  symbols: readonly SizeSymbol[];
  /** Names of the tensors that are part of the model. */
  weights: ReadonlyMap<Tensor, string>;
}

export class GraphBuilder {
  readonly graph: Graph = { nodes: [], initialisers: new Map(), inputs: [], outputs: [] };
  readonly #options: BuilderOptions;
  /** What the traced values are called in the graph. */
  readonly #names = new Map<number, string>();
  readonly #zeros = new Set<number>();
  readonly #nodeNames = new Set<string>();

  constructor(options: BuilderOptions) {
    this.#options = options;
  }

  bind(value: Value, name: string): void {
    this.#names.set(value.id, name);
  }

  /** Notes that a value is all zeros. */
  markZero(value: Value): void {
    this.#zeros.add(value.id);
  }

  isZero(value: Value): boolean {
    return this.#zeros.has(value.id);
  }

  /** The name of a value. @throws OnnxExportError for one that comes from nowhere */
  nameOf(value: Value): string {
    const known = this.#names.get(value.id);
    if (known !== undefined) return known;
    const { input } = this.#options;
    const name = value.source === input.tensor ? input.name : this.weightOf(value).name;
    this.bind(value, name);
    return name;
  }

  /** A value that is a weight of the model, in float32. @throws OnnxExportError for one that is computed */
  weightOf(value: Value): Initialiser {
    const name = value.source && this.#options.weights.get(value.source);
    if (value.source === undefined || name === undefined)
      throw new OnnxExportError(
        'a tensor that is neither an input nor one of the weights nor computed from them',
      );
    const known = this.graph.initialisers.get(name);
    if (known !== undefined) return known;
    const numbers = value.source.toTypedArray() as ArrayLike<number>;
    const data = numbers instanceof Float32Array ? numbers : new Float32Array(numbers);
    const weight: Initialiser = { name, type: 'float32', dims: value.source.shape, data };
    this.graph.initialisers.set(name, weight);
    return weight;
  }

  /** Adds a constant. @returns its name */
  constant(name: string, dims: readonly number[], data: Initialiser['data'], type: ElementType): string {
    return addInitialiser(this.graph, { name, type, dims, data });
  }

  floats(name: string, dims: readonly number[], data: ArrayLike<number>): string {
    return this.constant(name, dims, new Float32Array(data), 'float32');
  }

  /** Integers in a list, such as a shape; equal ones are one constant. */
  integers(values: readonly number[]): string {
    const name = `integers_${values.join('_')}`;
    if (this.graph.initialisers.has(name)) return name;
    return this.constant(name, [values.length], BigInt64Array.from(values, BigInt), 'int64');
  }

  /** Adds a node of one output. @param label its name, if that is free @returns the name of its output */
  emit(op: string, inputs: string[], attributes: Node['attributes'] = {}, label?: string): string {
    let name = label ?? `${op}_1`;
    for (let n = 2; this.#nodeNames.has(name); n++) name = `${label ?? op}_${n}`;
    this.#nodeNames.add(name);
    this.graph.nodes.push({ name, op, inputs, outputs: [name], attributes });
    return name;
  }

  /** The symbols whose product a size is. @throws OnnxExportError when there are none */
  symbolsOf(size: Varying): SizeSymbol[] {
    const { symbols } = this.#options;
    const single = symbols.find((symbol) => sameSize(symbol.size, size));
    if (single !== undefined) return [single];
    const product = symbols.reduce(
      ({ first, second }, { size: s }) => new Varying(first * s.first, second * s.second),
      new Varying(1, 1),
    );
    if (sameSize(product, size)) return [...symbols];
    const names = symbols.map(({ name }) => name).join(' and ');
    throw new OnnxExportError(
      `a size that was ${size.first} and ${size.second} does not follow from ${names}`,
    );
  }

  /**
   * Gives a value another shape. Where one size varies, it is whatever is left; where several do, they are looked up in the
   * shape of the input.
   */
  reshape(from: string, shape: readonly Dim[]): string {
    const last = shape.findLastIndex((dim) => dim instanceof Varying);
    const rest = (dim: Dim, i: number) => (i === last ? -1 : dim);
    const sizes = shape.map(rest);
    if (!sizes.some((dim) => dim instanceof Varying))
      return this.emit('Reshape', [from, this.integers(sizes as number[])]);
    const parts = sizes.map((dim) => (dim instanceof Varying ? this.#lookUp(dim) : this.integers([dim])));
    return this.emit('Reshape', [from, this.emit('Concat', parts, { axis: { int: 0 } })]);
  }

  /** The size of the input that a number follows, as a list of one. */
  #lookUp(size: Varying): string {
    const [symbol, ...others] = this.symbolsOf(size) as [SizeSymbol, ...SizeSymbol[]];
    if (others.length > 0)
      throw new OnnxExportError('several sizes that vary, one of them the product of others');
    const { input } = this.#options;
    const known = this.graph.nodes.find(({ name }) => name === symbol.name);
    if (known !== undefined) return symbol.name;
    const shape = this.emit('Shape', [input.name]);
    return this.emit('Gather', [shape, this.integers([symbol.dimension])], { axis: { int: 0 } }, symbol.name);
  }
}

/** Attributes of integers. */
export const ints = (values: readonly number[]): Attribute => ({ ints: values });
