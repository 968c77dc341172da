// Two traces of one function with inputs of different sizes, laid over each other: what is the same in both is part of the
// function, what differs depends on the sizes.

import {
  type DType,
  isTracedValue,
  type Tensor,
  type Trace,
  type Traced,
  type TracedCall,
} from '@mien/torch';
import { OnnxExportError } from './write.js';

/** A number that was one thing in the first trace and another in the second. */
export class Varying {
  constructor(
    readonly first: number,
    readonly second: number,
  ) {}
}

export type Dim = number | Varying;

export interface Value {
  id: number;
  shape: readonly Dim[];
  dtype: DType;
  /** Of inputs and weights: the tensor; of inputs that of the first trace. */
  source: Tensor | undefined;
}

export type Argument = Value | Varying | number | bigint | boolean | string | null | undefined | Argument[];

export interface Call {
  operator: string;
  args: readonly Argument[];
  options: Readonly<Record<string, Argument>>;
  results: readonly Value[];
  replaced: readonly Value[];
}

export const isValue = (value: unknown): value is Value =>
  typeof value === 'object' && value !== null && 'shape' in value && 'id' in value;

/** A pair of traces. */
export interface Pair {
  calls: readonly Call[];
  /** The last value of a tensor of the first trace. */
  lastValue(tensor: Tensor): Value | undefined;
}

/**
 * @param inputs the tensor in each trace that stands for the same thing; all others must be the same tensors
 * @throws OnnxExportError when the two did not call the same operators with the same weights
 */
export function pairTraces(
  first: Trace<unknown>,
  second: Trace<unknown>,
  inputs: readonly [Tensor, Tensor],
): Pair {
  const values = new Map<number, Value>();

  function pair(one: Traced, other: Traced, where: string): Argument {
    const differ = () =>
      new OnnxExportError(`${where} depends on the batch in a way that no graph of fixed operators has`);
    if (isTracedValue(one)) {
      const known = values.get(one.id);
      if (!isTracedValue(other) || other.id !== one.id || other.shape.length !== one.shape.length)
        throw differ();
      if (one.source !== other.source && !(one.source === inputs[0] && other.source === inputs[1]))
        throw differ();
      if (known !== undefined) return known;
      const shape = one.shape.map((dim, i) => pair(dim, other.shape[i] as number, where) as Dim);
      const value = { id: one.id, shape, dtype: one.dtype, source: one.source };
      values.set(one.id, value);
      return value;
    }
    if (Array.isArray(one)) {
      if (!Array.isArray(other) || other.length !== one.length) throw differ();
      return one.map((item, i) => pair(item, other[i] as Traced, where));
    }
    if (typeof one === 'number' && typeof other === 'number' && one !== other) return new Varying(one, other);
    if (one !== other) throw differ();
    return one as Argument;
  }

  function pairCalls(one: TracedCall, other: TracedCall | undefined): Call {
    const where = one.operator;
    if (other?.operator !== where || Object.keys(one.options).join() !== Object.keys(other.options).join())
      throw new OnnxExportError(`${where} is called for some sizes of the batch and not for others`);
    const args = pair([...one.args], [...other.args], where) as Argument[];
    const options = Object.fromEntries(
      Object.entries(one.options).map(([name, value]) => [
        name,
        pair(value, other.options[name] as Traced, where),
      ]),
    );
    const results = pair([one.results].flat(), [other.results].flat(), where) as Argument[];
    const replaced = pair([...one.replaced], [...other.replaced], where) as Value[];
    return { operator: where, args, options, results: results.filter(isValue), replaced };
  }

  const calls = first.calls.map((call, i) => pairCalls(call, second.calls[i]));
  if (second.calls.length > calls.length)
    throw new OnnxExportError('more operators are called for larger batches');
  return {
    calls,
    lastValue(tensor) {
      const value = first.lastValue(tensor);
      return value === undefined ? undefined : values.get(value.id);
    },
  };
}
