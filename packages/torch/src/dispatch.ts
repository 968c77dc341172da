// Calling operators: JavaScript values onto the tape, one native call, results off the tape.
import { TorchError } from './errors.js';
import { Generator } from './generator.js';
import type { Handle } from './native.js';
import { native } from './native.js';
import { TAG, tapeOf } from './tape.js';
import { Tensor } from './tensor.js';
import { Complex } from './values.js';

const FAILED = -1;
const TAPE_TOO_SHORT = -2;
/** No value that is not a string or a list takes more room than this. */
const SMALL_VALUE = 4;

let tape: Float64Array = new Float64Array(0);
let argumentIds: Map<string, number> | undefined;

function ensure(length: number): void {
  if (length > tape.length) tape = tapeOf(length);
}

/** Writes `value` at `at` and returns where the next one goes. */
function write(value: unknown, at: number): number {
  ensure(at + SMALL_VALUE);
  switch (typeof value) {
    case 'number':
      tape[at] = TAG.number;
      tape[at + 1] = value;
      return at + 2;
    case 'object':
      return value === null ? writeTag(TAG.null, at) : writeObject(value, at);
    case 'undefined':
      return writeTag(TAG.default, at);
    case 'boolean':
      tape[at] = TAG.bool;
      tape[at + 1] = value ? 1 : 0;
      return at + 2;
    case 'string':
      ensure(at + 2 + value.length);
      tape[at] = TAG.string;
      tape[at + 1] = value.length;
      for (let i = 0; i < value.length; i++) tape[at + 2 + i] = value.charCodeAt(i);
      return at + 2 + value.length;
    case 'bigint':
      if (BigInt.asIntN(64, value) !== value)
        throw new TorchError(`the bigint ${value} does not fit into 64 bits`);
      tape[at] = TAG.bigint;
      tape[at + 1] = Number(value >> 32n);
      tape[at + 2] = Number(BigInt.asUintN(32, value));
      return at + 3;
    default:
      throw new TorchError(`a ${typeof value} cannot be an argument of an operator`);
  }
}

function writeTag(tag: number, at: number): number {
  tape[at] = tag;
  return at + 1;
}

function writeObject(value: object, at: number): number {
  if (value instanceof Tensor) {
    tape[at] = TAG.tensor;
    tape[at + 1] = value._handle;
    return at + 2;
  }
  if (Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))) {
    const list = value as ArrayLike<unknown>;
    ensure(at + 2 + list.length);
    tape[at] = TAG.list;
    tape[at + 1] = list.length;
    let next = at + 2;
    for (let i = 0; i < list.length; i++) next = write(list[i], next);
    return next;
  }
  if (value instanceof Generator) {
    tape[at] = TAG.generator;
    tape[at + 1] = value._handle;
    return at + 2;
  }
  if (value instanceof Complex) {
    tape[at] = TAG.complex;
    tape[at + 1] = value.re;
    tape[at + 2] = value.im;
    return at + 3;
  }
  throw new TorchError(
    `an object of class ${value.constructor?.name ?? 'null'} cannot be an argument of an operator`,
  );
}

/** The arguments of the call whose results are being read: some operators hand one of them back. */
interface Call {
  args: unknown[];
  positional: number;
  options: Record<string, unknown> | undefined;
}

/** The very object that was passed, so that `x.add_(y) === x`. */
function givenAt({ args, positional, options }: Call, index: number): unknown {
  if (index < positional) return args[index];
  return Object.values(options as object).filter((value) => value !== undefined)[index - positional];
}

/** Position on the tape from which `read` goes on. */
let cursor = 0;

function read(call: Call): unknown {
  const tag = tape[cursor++];
  switch (tag) {
    case TAG.tensor:
      return new Tensor(tape[cursor++] as Handle);
    case TAG.same:
      return givenAt(call, tape[cursor++] as number);
    case TAG.null:
    case TAG.default:
      return null;
    case TAG.number:
      return tape[cursor++];
    case TAG.bool:
      return tape[cursor++] === 1;
    case TAG.bigint: {
      const high = BigInt(tape[cursor++] as number);
      return (high << 32n) | BigInt(tape[cursor++] as number);
    }
    case TAG.complex: {
      const re = tape[cursor++] as number;
      return new Complex(re, tape[cursor++] as number);
    }
    case TAG.generator:
      return new Generator(tape[cursor++] as Handle);
    case TAG.string:
      return readString();
    case TAG.list: {
      const length = tape[cursor++] as number;
      const list: unknown[] = [];
      for (let i = 0; i < length; i++) list.push(read(call));
      return list;
    }
    default:
      throw new Error(`unknown tag ${tag} among an operator's results`);
  }
}

function readString(): string {
  const length = tape[cursor++] as number;
  let text = '';
  for (let i = 0; i < length; i++) text += String.fromCharCode(tape[cursor++] as number);
  return text;
}

function isOptions(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function argumentId(name: string, operator: string): number {
  argumentIds ??= new Map(native.argumentNames().map((known, id) => [known, id]));
  const id = argumentIds.get(name);
  if (id === undefined)
    throw new TorchError(`${operator}: no operator has an argument '${name}'`, schemasOf(operator));
  return id;
}

/** Schemas of an operator's overloads, a line each. */
function schemasOf(operator: string): string {
  return (native.operators()[operator] ?? []).join('\n');
}

/**
 * An operator that can be called: positional arguments, then, if wanted, one plain object with arguments by name.
 * It returns what its schema says: a tensor, a number, an array of several results, or nothing.
 */
export type Operator = (...args: unknown[]) => unknown;

/** Sees every call of this thread after it is done. */
type Observer = (
  operator: string,
  args: readonly unknown[],
  options: Readonly<Record<string, unknown>>,
  results: unknown,
) => void;

let observer: Observer | undefined;

/** Calls `observe` for every operator that `body` calls. @throws Error inside another `observing` */
export function observing<T>(observe: Observer, body: () => T): T {
  if (observer !== undefined) throw new Error('operator calls are being recorded already');
  observer = observe;
  try {
    return body();
  } finally {
    observer = undefined;
  }
}

const operators = new Map<string, Operator>();

/** Options of `op`. */
export interface OpOptions {
  /** Get at operators that damage memory when called with wrong arguments; see `native/unchecked.h`. */
  unchecked?: boolean;
}

/**
 * Looks up an operator of libtorch: `op('aten::conv2d')` chooses among overloads by the arguments,
 * `op('aten::add.Tensor')` is that one overload.
 * @throws TorchError for an unknown name, and for an unchecked operator that was not asked for as such.
 */
export function op(name: string, { unchecked = false }: OpOptions = {}): Operator {
  const known = unchecked ? undefined : operators.get(name);
  if (known !== undefined) return known;
  const operator = makeOperator(name, unchecked);
  if (!unchecked) operators.set(name, operator);
  return operator;
}

function makeOperator(name: string, unchecked: boolean): Operator {
  let packet: number;
  try {
    packet = native.lookup(name, unchecked);
  } catch (error) {
    throw new TorchError((error as Error).message);
  }
  return (...args) => invoke(name, packet, args);
}

function invoke(name: string, packet: number, args: unknown[]): unknown {
  tape = tapeOf();
  let positional = args.length;
  const last = args[positional - 1];
  const options = isOptions(last) ? last : undefined;
  if (options !== undefined) positional--;

  let at = 0;
  for (let i = 0; i < positional; i++) at = write(args[i], at);
  let keywords = 0;
  if (options !== undefined) {
    for (const key in options) {
      if (options[key] === undefined) continue;
      const id = argumentId(key, name);
      ensure(at + 1);
      tape[at] = id;
      at = write(options[key], at + 1);
      keywords++;
    }
  }

  let returned = native.call(packet, positional, keywords);
  if (returned === FAILED) throw new TorchError(...native.lastError());
  if (returned === TAPE_TOO_SHORT) {
    tape = tapeOf(native.resultsLength());
    returned = native.fetchResults();
  }
  cursor = 0;
  const results = readResults({ args, positional, options }, returned);
  if (observer !== undefined) observer(name, args.slice(0, positional), options ?? {}, results);
  return results;
}

function readResults(call: Call, count: number): unknown {
  if (count === 0) return undefined;
  if (count === 1) return read(call);
  const results: unknown[] = [];
  for (let i = 0; i < count; i++) results.push(read(call));
  return results;
}
