// The state of optimisers as plain data, out and in.

import { noGrad } from '../autograd.js';
import { fromBytes, zerosLike } from '../creation.js';
import { checkValue, copyInto, type StateValue, sameShape } from '../nn/index.js';
import { keep, tidy } from '../scope.js';
import { Tensor } from '../tensor.js';
import { type ParamState, placeOf } from './batch.js';

/**
 * An optimiser's state, in PyTorch's structure: parameters are numbered through all groups in order; what is remembered
 * of each has PyTorch's names (`step`, `exp_avg`, `exp_avg_sq`, `max_exp_avg_sq`, `momentum_buffer`). Parameters that
 * never had a gradient are not in `state`. Options of groups have their names of this package.
 */
export interface OptimizerState {
  state: Map<number, { step: number | StateValue } & Record<string, number | StateValue>>;
  paramGroups: ({ params: number[] } & Record<string, unknown>)[];
}

/** An optimiser's state does not fit it; the message lists everything that doesn't. */
export class OptimizerStateError extends Error {
  readonly problems: readonly string[];

  constructor(optimizer: string, problems: readonly string[]) {
    super([`the state does not fit this ${optimizer}; nothing was changed`, ...problems].join('\n  '));
    this.name = 'OptimizerStateError';
    this.problems = problems;
  }
}

export function isOptimizerStateError(error: unknown): error is OptimizerStateError {
  return error instanceof OptimizerStateError;
}

type Group = { readonly params: readonly Tensor[] };

export function packState(groups: readonly Group[], states: ReadonlyMap<Tensor, ParamState>): OptimizerState {
  const packed: OptimizerState = { state: new Map(), paramGroups: [] };
  let next = 0;
  for (const { params, ...options } of groups) {
    const numbers = params.map(() => next++);
    packed.paramGroups.push({ ...structuredClone(options), params: numbers });
    params.forEach((param, i) => {
      const state = states.get(param);
      if (state === undefined) return;
      const tensors = noGrad(() => Array.from(state.tensors, ([name, tensor]) => [name, tensor.detach()]));
      packed.state.set(numbers[i] as number, { step: state.step, ...Object.fromEntries(tensors) });
    });
  }
  return packed;
}

/** What an optimiser expects of a state. */
interface Expectations {
  optionNames: string[];
  /** Names of a parameter's tensors under the given options. */
  stateNames(options: Record<string, unknown>): string[];
  checkOptions(options: Record<string, unknown>): void;
}

interface Unpacked {
  /** Options for each group. */
  groups: Record<string, unknown>[];
  /** Fresh tensors, kept. */
  states: Map<Tensor, ParamState>;
}

/** Checks everything before it makes anything. */
export function unpackState(
  optimizer: string,
  { state, paramGroups }: OptimizerState,
  groups: readonly Group[],
  { optionNames, stateNames, checkOptions }: Expectations,
): Unpacked {
  const problems: string[] = [];
  if (paramGroups.length !== groups.length) {
    problems.push(`parameter groups: expected ${groups.length}, found ${paramGroups.length}`);
  }
  const options: Record<string, unknown>[] = [];
  const owners = new Map<number, { param: Tensor; names: string[] }>();
  groups.forEach(({ params }, i) => {
    const saved = paramGroups[i];
    if (saved === undefined) return;
    const { params: numbers, ...savedOptions } = saved;
    if (numbers.length !== params.length) {
      problems.push(`parameters of group ${i}: expected ${params.length}, found ${numbers.length}`);
    }
    const wrong = differences(optionNames, Object.keys(savedOptions));
    if (wrong !== '') problems.push(`options of group ${i}: ${wrong}`);
    options.push(structuredClone(savedOptions));
    params.forEach((param, j) => {
      const number = numbers[j];
      if (number !== undefined) owners.set(number, { param, names: stateNames(savedOptions) });
    });
  });
  for (const [number, values] of state) {
    const owner = owners.get(number);
    if (owner === undefined) problems.push(`state of parameter ${number}: there is no such parameter`);
    else problems.push(...misfits(`parameter ${number}`, values, owner.param, owner.names));
  }
  if (problems.length > 0) throw new OptimizerStateError(optimizer, problems);
  for (const group of options) checkOptions(group);

  const states = new Map<Tensor, ParamState>();
  noGrad(() => {
    for (const [number, values] of state) {
      const { param, names } = owners.get(number) as { param: Tensor; names: string[] };
      const tensors = new Map(names.map((name) => [name, stateTensor(param, values[name] as StateValue)]));
      states.set(param, { place: placeOf(param), size: param.numel(), step: scalar(values.step), tensors });
    }
  });
  return { groups: options, states };
}

function differences(expected: readonly string[], found: readonly string[]): string {
  const missing = expected.filter((name) => !found.includes(name));
  const unexpected = found.filter((name) => !expected.includes(name));
  return [
    ...(missing.length > 0 ? [`missing ${missing.join(', ')}`] : []),
    ...(unexpected.length > 0 ? [`unexpected ${unexpected.join(', ')}`] : []),
  ].join('; ');
}

function misfits(what: string, values: Record<string, unknown>, param: Tensor, names: string[]): string[] {
  const problems: string[] = [];
  const wrong = differences(['step', ...names], Object.keys(values));
  if (wrong !== '') problems.push(`state of ${what}: ${wrong}`);
  for (const name of names) {
    const value = values[name] as StateValue | undefined;
    if (value === undefined) continue;
    const { shape } = param;
    if (typeof value !== 'object' || !sameShape(value.shape, shape)) {
      const found = typeof value === 'object' ? `[${value.shape.join(', ')}]` : String(value);
      problems.push(`${name} of ${what}: expected the shape [${shape.join(', ')}], found ${found}`);
    } else {
      checkValue(`${name} of ${what}`, value);
    }
  }
  return problems;
}

/** A number; PyTorch since 1.12 stores the step as a tensor. */
function scalar(value: number | StateValue): number {
  if (typeof value === 'number') return value;
  return tidy(() =>
    (value instanceof Tensor ? value : fromBytes(value.data, value.dtype, value.shape)).item(),
  );
}

/** Laid out like the parameter, which multi-tensor operators are fast for. */
function stateTensor(param: Tensor, value: StateValue): Tensor {
  const tensor = keep(tidy(() => zerosLike(param)));
  copyInto(tensor, value);
  return tensor;
}
