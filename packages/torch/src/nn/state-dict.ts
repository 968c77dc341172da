// Values into a module's parameters and buffers: all of them, or none.
import { noGrad } from '../autograd.js';
import { fromBytes } from '../creation.js';
import { DTYPE_BYTES, type DType } from '../dtypes.js';
import { tidy } from '../scope.js';
import { Tensor } from '../tensor.js';

/** A tensor as plain bytes, as checkpoint readers return it: row-major, little-endian. */
export interface RawValue {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** What a state dict may hold for a key. */
export type StateValue = Tensor | RawValue;

export type StateSource = ReadonlyMap<string, StateValue>;

/** A place that a state dict fills. */
export interface StateTarget {
  readonly key: string;
  readonly tensor: Tensor;
  /** Zero is the value where the state dict has none. */
  readonly zeroIfMissing: boolean;
}

export interface LoadOptions {
  /** Missing and unexpected keys are errors. Default: true. Wrong shapes always are. */
  strict?: boolean;
}

export interface LoadReport {
  missingKeys: string[];
  unexpectedKeys: string[];
}

export interface ShapeMismatch {
  key: string;
  expected: readonly number[];
  found: readonly number[];
}

/** A state dict does not fit a module; the message lists every key that doesn't. */
export class StateDictError extends Error {
  readonly missingKeys: readonly string[];
  readonly unexpectedKeys: readonly string[];
  readonly mismatches: readonly ShapeMismatch[];

  constructor(owner: string, { missingKeys, unexpectedKeys }: LoadReport, mismatches: ShapeMismatch[]) {
    const lines = [`the state dict does not fit ${owner}; nothing was changed`];
    if (missingKeys.length > 0) lines.push(`  missing: ${missingKeys.join(', ')}`);
    if (unexpectedKeys.length > 0) lines.push(`  unexpected: ${unexpectedKeys.join(', ')}`);
    for (const { key, expected, found } of mismatches) {
      lines.push(`  shape of ${key}: expected [${expected.join(', ')}], found [${found.join(', ')}]`);
    }
    super(lines.join('\n'));
    this.name = 'StateDictError';
    this.missingKeys = missingKeys;
    this.unexpectedKeys = unexpectedKeys;
    this.mismatches = mismatches;
  }
}

export function isStateDictError(error: unknown): error is StateDictError {
  return error instanceof StateDictError;
}

/** Fills the targets from `source`; see `Module.loadStateDict`. */
export function loadInto(
  owner: string,
  targets: readonly StateTarget[],
  source: StateSource,
  { strict = true }: LoadOptions,
): LoadReport {
  for (const { key } of targets) checkValue(key, source.get(key));
  const known = new Set(targets.map(({ key }) => key));
  const report: LoadReport = {
    missingKeys: targets
      .filter(({ key, zeroIfMissing }) => !zeroIfMissing && !source.has(key))
      .map(({ key }) => key),
    unexpectedKeys: [...source.keys()].filter((key) => !known.has(key)),
  };
  const mismatches = targets.flatMap(({ key, tensor }) => {
    const value = source.get(key);
    const [expected, found] = [tensor.shape, value?.shape];
    return found === undefined || sameShape(expected, found) ? [] : [{ key, expected, found: [...found] }];
  });
  const incomplete = report.missingKeys.length > 0 || report.unexpectedKeys.length > 0;
  if (mismatches.length > 0 || (strict && incomplete)) {
    throw new StateDictError(owner, strict ? report : { missingKeys: [], unexpectedKeys: [] }, mismatches);
  }
  noGrad(() => {
    for (const { key, tensor, zeroIfMissing } of targets) {
      const value = source.get(key);
      if (value !== undefined) copyInto(tensor, value);
      else if (zeroIfMissing) tensor.zero_();
    }
  });
  return report;
}

/** Whether all sizes are equal. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

/**
 * Refuses a value that could not be copied, before anything is.
 * @throws TypeError naming the key
 */
export function checkValue(key: string, value: StateValue | undefined): void {
  if (value === undefined) return;
  if (value instanceof Tensor) {
    if (value.isDisposed) throw new TypeError(`the tensor given for ${key} was disposed`);
    return;
  }
  if (typeof value !== 'object' || !(value?.dtype in DTYPE_BYTES)) {
    throw new TypeError(`${key}: expected a tensor, or a record of dtype, shape and data`);
  }
  const bytes = value.shape.reduce((product, size) => product * size, DTYPE_BYTES[value.dtype]);
  if (value.data.byteLength !== bytes) {
    throw new TypeError(
      `${key}: ${value.dtype} of shape [${value.shape.join(', ')}] needs ${bytes} bytes, found ${value.data.byteLength}`,
    );
  }
}

/** Copies a value of the same shape, whatever its dtype and device. */
export function copyInto(tensor: Tensor, value: StateValue): void {
  tidy(() => tensor.copy_(value instanceof Tensor ? value : fromBytes(value.data, value.dtype, value.shape)));
}
