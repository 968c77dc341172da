// What the constructors of all layers with parameters have in common.
import { empty } from '../creation.js';
import type { DType } from '../dtypes.js';
import type { Generator } from '../generator.js';
import { tidy } from '../scope.js';
import type { Device } from '../values.js';
import { Parameter } from './parameter.js';

export interface LayerOptions {
  device?: Device;
  dtype?: DType;
  /** Where initial values are drawn from. Default: the process's default generator, which `manualSeed` seeds. */
  generator?: Generator;
}

/** One number for height and width, or both. */
export type Pair = number | readonly [height: number, width: number];

export function pair(value: Pair): [number, number] {
  return typeof value === 'number' ? [value, value] : [value[0], value[1]];
}

/** A parameter whose values are yet to be set. */
export function emptyParameter(shape: readonly number[], { device, dtype }: LayerOptions): Parameter {
  return tidy(() => new Parameter(empty(shape, { ...(device && { device }), ...(dtype && { dtype }) })));
}

/** @throws RangeError unless all are integers of at least `min` */
export function checkSizes(layer: string, sizes: Record<string, number>, min = 1): void {
  for (const [name, size] of Object.entries(sizes)) {
    if (!Number.isSafeInteger(size) || size < min) {
      throw new RangeError(`${layer}: expected ${name} to be an integer of at least ${min}, found ${size}`);
    }
  }
}
