/** What a resolver may use while it builds a value. */
export interface PickleCall {
  /** Stops with an error that names the file and the place. */
  fail(what: string): never;
  /**
   * To be called before a resolver copies data, so that a few bytes of pickle, repeated, cannot fill the memory.
   *
   * @param values elements of a list, set or dictionary
   * @param bytes bytes of a buffer or string
   */
  charge(values: number, bytes: number): void;
}

/** How one admitted name behaves. */
export interface PickleResolver {
  /** The name stands for this value, such as `torch.float32`. */
  readonly value?: unknown;
  /** Calling the name (REDUCE, NEWOBJ) with `args` gives the returned value. */
  readonly call?: (args: readonly unknown[], call: PickleCall) => unknown;
  /** Takes the state (BUILD) of a value that `call` returned. */
  readonly build?: (instance: object, state: unknown, call: PickleCall) => void;
}

/** Names (`module.name`) that a pickle may use. */
export type PickleGlobals = ReadonlyMap<string, PickleResolver>;

/** An admitted name itself, where a pickle holds it as a value (say, a type) instead of calling it. */
export class PickledGlobal {
  readonly name: string;
  readonly #resolver: PickleResolver;

  constructor(name: string, resolver: PickleResolver) {
    this.name = name;
    this.#resolver = resolver;
  }

  get resolver(): PickleResolver {
    return this.#resolver;
  }
}

/** Bounds on what one pickle may build. The defaults admit a state dict of 100,000 tensors. */
export interface PickleLimits {
  /** Entries on the stack, marks included. */
  readonly maxStack: number;
  /** Entries in the memo. */
  readonly maxMemo: number;
  /** Values pushed, counted again each time they are. */
  readonly maxValues: number;
  /** Containers and strings made; a call counts as four of them. */
  readonly maxObjects: number;
  /** Bytes of one string. */
  readonly maxStringBytes: number;
  /** Bytes of one integer. */
  readonly maxLongBytes: number;
}

export const PICKLE_LIMITS: PickleLimits = {
  maxStack: 1_000_000,
  maxMemo: 4_000_000,
  maxValues: 32_000_000,
  maxObjects: 2_000_000,
  maxStringBytes: 64 << 20,
  maxLongBytes: 1024,
};

/** Whether a value was a tuple in Python. */
export function isTuple(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && Object.isFrozen(value);
}

/** A value's type in Python's words, for messages; never its content, which may be huge. */
export function describe(value: unknown): string {
  if (value === null) return 'None';
  if (value instanceof Map) return 'a dictionary';
  if (value instanceof Set) return 'a set';
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof PickledGlobal) return value.name;
  if (Array.isArray(value)) return isTuple(value) ? 'a tuple' : 'a list';
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a float';
  if (typeof value === 'bigint') return 'an integer';
  if (typeof value === 'string') return 'a string';
  if (typeof value === 'boolean') return 'a boolean';
  return 'an object';
}
