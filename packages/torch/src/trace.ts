// Recording what a function computes: the operators that it calls, in order, and which result goes where. Whoever turns
// models into other programs (ONNX) reads this instead of a second description of the model.
import { observing } from './dispatch.js';
import type { DType } from './dtypes.js';
import { Tensor } from './tensor.js';

/** A tensor at one moment: an operator that works in place makes a new value of the same tensor. */
export interface TracedValue {
  /** Counts the values of a trace in the order in which they came up. */
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** Only of values that no recorded call made, such as weights and inputs: the tensor. */
  readonly source?: Tensor;
}

/** What operators take and give, with values in the place of tensors. */
export type Traced = TracedValue | number | bigint | boolean | string | null | undefined | object | Traced[];

export interface TracedCall {
  /** Such as `aten::conv2d`. */
  readonly operator: string;
  /** Arguments by position. */
  readonly args: readonly Traced[];
  /** Arguments by name. */
  readonly options: Readonly<Record<string, Traced>>;
  /** What came back: a value, several, or nothing. */
  readonly results: Traced;
  /** Values that are no longer what their tensors hold: the call worked in place. */
  readonly replaced: readonly TracedValue[];
}

export interface Trace<T> {
  readonly calls: readonly TracedCall[];
  /** What the body returned. */
  readonly result: T;
  /** The last value of a tensor; undefined for one that did not come up. */
  lastValue(tensor: Tensor): TracedValue | undefined;
}

export function isTracedValue(value: unknown): value is TracedValue {
  return value instanceof Value;
}

class Value implements TracedValue {
  readonly shape: readonly number[];
  readonly dtype: DType;
  declare readonly source?: Tensor;

  constructor(
    readonly id: number,
    tensor: Tensor,
  ) {
    this.shape = tensor.shape;
    this.dtype = tensor.dtype;
  }
}

/**
 * Runs `body` and records the operators that it calls on this thread. Numbers that it reads (shapes, `item()`) are
 * ordinary numbers in the record: trace with inputs of several sizes to see what depends on them. That an operator
 * gives a view of its argument, so that changing one in place changes the other, is not in the record.
 * @throws Error inside another `trace`
 */
export function trace<T>(body: () => T): Trace<T> {
  const calls: TracedCall[] = [];
  const values = new Map<Tensor, Value>();
  let count = 0;

  function currentValue(tensor: Tensor): Value {
    const known = values.get(tensor);
    if (known !== undefined) return known;
    const value = Object.assign(new Value(count++, tensor), { source: tensor });
    values.set(tensor, value);
    return value;
  }

  /** @param toValue what becomes of tensors */
  function traced(value: unknown, toValue: (tensor: Tensor) => Value): Traced {
    if (value instanceof Tensor) return toValue(value);
    if (Array.isArray(value)) return value.map((one) => traced(one, toValue));
    return value as Traced;
  }

  const result = observing((operator, args, options, results) => {
    const given = args.map((arg) => traced(arg, currentValue));
    const named = Object.fromEntries(
      Object.entries(options).map(([name, value]) => [name, traced(value, currentValue)]),
    );
    const replaced: TracedValue[] = [];
    const made = traced(results, (tensor) => {
      const before = values.get(tensor);
      if (before !== undefined) replaced.push(before);
      const value = new Value(count++, tensor);
      values.set(tensor, value);
      return value;
    });
    calls.push({ operator, args: given, options: named, results: made, replaced });
  }, body);
  return { calls, result, lastValue: (tensor) => values.get(tensor) };
}
