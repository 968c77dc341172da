// Values into a module's parameters and buffers: all of them, or none.
import { noGrad } from '../autograd.js';
import type { DType } from '../dtypes.js';
import type { Tensor } from '../tensor.js';
import { checkValue, copyInto, sameShape } from './copying.js';

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

/**
 * Fills the targets from `source`, as `Module.loadStateDict` does.
 * @param owner whose state it is, for the error
 * @throws StateDictError with every missing, unexpected and mis-shaped key; nothing was changed
 */
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
