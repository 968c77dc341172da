import { CheckpointError, messageOf, quote } from './error.js';
import { narrow, PickleCursor, type PicklePlace } from './pickle-cursor.js';
import { PickleStack } from './pickle-stack.js';
import {
  describe,
  isTuple,
  PICKLE_LIMITS,
  type PickleCall,
  PickledGlobal,
  type PickleGlobals,
  type PickleLimits,
  type PickleResolver,
} from './pickle-types.js';

/** A call makes a tensor or a dictionary, several times as heavy as a list: it counts as this many objects. */
const CALL_COST = 4;

/** However short a pickle is, this many bytes may be copied from it. */
const DERIVED_FLOOR = 1 << 20;

/** An honest pickle copies its bytes once or twice (bytes kept as text, then an array made of them). */
const DERIVED_FACTOR = 4;

/** Decimal digits that a byte holds, rounded up, for the bound on integers written as text. */
const DIGITS_PER_BYTE = 2.5;

export interface UnpickleOptions extends PicklePlace {
  /** The names that are admitted; none by default. */
  readonly globals?: PickleGlobals;
  /** What an object kept outside the pickle is; refused by default. */
  readonly persistentLoad?: (id: unknown, call: PickleCall) => unknown;
  readonly limits?: Partial<PickleLimits>;
  /** What to add to the error for a name that is not admitted. */
  readonly refusalHint?: (name: string) => string;
}

/** The parts of the stack machine that its opcodes use: input, stack, and calls of admitted names. */
export class PickleMachine implements PickleCall {
  readonly input: PickleCursor;
  readonly stack: PickleStack;
  readonly #options: UnpickleOptions;
  /** How the values that calls returned take their state. */
  readonly #builders = new Map<object, NonNullable<PickleResolver['build']>>();
  #derivedBytes = 0;

  constructor(bytes: Uint8Array, start: number, options: UnpickleOptions) {
    this.#options = options;
    this.input = new PickleCursor(bytes, start, options);
    this.stack = new PickleStack(this.input, { ...PICKLE_LIMITS, ...options.limits });
  }

  fail(what: string): never {
    this.stack.fail(what);
  }

  charge(values: number, bytes: number): void {
    this.stack.countValues(values);
    this.#derivedBytes += bytes;
    if (this.#derivedBytes > DERIVED_FLOOR + DERIVED_FACTOR * this.input.length) {
      this.stack.limit(`its copies take ${this.#derivedBytes} bytes, far more than the pickle itself`);
    }
  }

  /** A memo key of protocol 0. */
  memoKey(): number {
    const line = this.input.line('a memo key');
    if (!/^\d{1,15}$/.test(line)) this.fail('a memo key that is not a number');
    return Number(line);
  }

  utf8(length: number): string {
    return this.input.utf8(this.#bounded(length, this.stack.limits.maxStringBytes, 'a string'), 'a string');
  }

  text8(length: number): string | Uint8Array {
    return this.input.text8(this.#bounded(length, this.stack.limits.maxStringBytes, 'a string'), 'a string');
  }

  bytes(length: number): Uint8Array {
    return this.input.bytes(length, 'bytes');
  }

  long(length: number): number | bigint {
    return this.input.long(this.#bounded(length, this.stack.limits.maxLongBytes, 'an integer'), 'an integer');
  }

  #bounded(length: number, most: number, what: string): number {
    if (length < 0) this.fail(`${what} of ${length} bytes`);
    if (length > most) this.stack.limit(`${what} of ${length} bytes`);
    return length;
  }

  /** An integer of protocol 0; `00` and `01` are its booleans. */
  textInteger(): number | bigint | boolean {
    const line = this.input.line('an integer');
    if (line === '00' || line === '01') return line === '01';
    const digits = line.replace(/L$/, '');
    this.#bounded(Math.ceil(digits.length / DIGITS_PER_BYTE), this.stack.limits.maxLongBytes, 'an integer');
    if (!/^-?\d+$/.test(digits)) this.fail('an integer that is not a number');
    return narrow(BigInt(digits));
  }

  /** A float of protocol 0. */
  textFloat(): number {
    const line = this.input.line('a float');
    if (/^[+-]?nan$/i.test(line)) return Number.NaN;
    if (/^[+-]?inf$/i.test(line)) return line.startsWith('-') ? -Infinity : Infinity;
    if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(line)) this.fail('a float that is not a number');
    return Number(line);
  }

  /** Pushes what `module.name` stands for, if it is admitted. */
  pushGlobal(module: unknown, name: unknown): void {
    if (typeof module !== 'string' || typeof name !== 'string')
      this.fail('a name that is not made of two strings');
    const full = `${module}.${name}`;
    const resolver = this.#options.globals?.get(full);
    if (resolver === undefined) {
      const hint = this.#options.refusalHint?.(full) ?? 'only plain data is read';
      this.stack.fail(`refused the name ${quote(full)}, nothing was executed: ${hint}`, 'refused');
    }
    this.stack.push('value' in resolver ? resolver.value : new PickledGlobal(full, resolver));
  }

  call(callee: unknown, args: unknown): void {
    if (!(callee instanceof PickledGlobal) || callee.resolver.call === undefined) {
      this.stack.fail(`refused to call ${describe(callee)}, which is data`, 'refused');
    }
    if (!isTuple(args)) this.fail(`a call with ${describe(args)}, where a tuple of arguments is expected`);
    this.stack.countObjects(CALL_COST);
    const { call, build } = callee.resolver;
    const value = this.#guard(() => call(args, this));
    if (build !== undefined && typeof value === 'object' && value !== null) this.#builders.set(value, build);
    this.stack.push(value);
  }

  /** Gives the value on top its state. */
  build(state: unknown): void {
    const instance = this.stack.top();
    const build =
      typeof instance === 'object' && instance !== null ? this.#builders.get(instance) : undefined;
    if (build === undefined) {
      this.stack.fail(`refused BUILD on ${describe(instance)}, which takes no state`, 'refused');
    }
    this.#guard(() => build(instance as object, state, this));
  }

  /** Pushes the object that lies outside the pickle under `id`. */
  persistent(id: unknown): void {
    const load = this.#options.persistentLoad;
    if (load === undefined) this.fail('the pickle refers to data outside itself, where none is expected');
    this.stack.countObjects(CALL_COST);
    this.stack.push(this.#guard(() => load(id, this)));
  }

  /** Resolvers are the caller's code: what they throw becomes an error with a file and a place. */
  #guard<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      if (error instanceof CheckpointError) throw error;
      return this.fail(messageOf(error));
    }
  }
}
