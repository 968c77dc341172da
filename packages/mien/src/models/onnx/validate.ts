// The exported model beside the network that it was made of: both get the same pictures, and must say the same.

import { fromTypedArray, inferenceMode, tidy } from '@mien/torch';
import { type Normalization, normalizationTable } from '../../loading/index.js';
import { Random } from '../../random/index.js';
import type { Network } from '../network.js';
import { outputsOf } from './convert.js';
import { INPUT } from './metadata.js';
import { type Floats, openSession } from './runtime.js';

/** How far each output is off, relative to max(1, |value|). */
export interface OutputError {
  largest: number;
  mean: number;
}

export interface Validation {
  /** By the output's name. NaN where the model gave something that is no number, or an output of another shape. */
  errors: Record<string, OutputError>;
  /** Largest errors that pass, by the output's name. */
  allowed: Record<string, number>;
  /** Shapes of the inputs that were tried. */
  shapes: readonly (readonly number[])[];
  passed: boolean;
}

export interface ValidationOptions {
  /** Of the network's input. */
  normalization: Normalization;
  /**
   * Largest error that passes. Where a network magnifies what is rounded away, so that libtorch's own float32 is far from the
   * exact result, a few times as far passes too, up to 0.01.
   */
  tolerance: number;
  /** Batch sizes to try. Default: 1, 2 and 5. */
  batches?: readonly number[];
  /** Numbers of frames to try, for sequences. Default: 1 and 4. */
  lengths?: readonly number[];
  seed?: number;
}

/** Times libtorch's own distance from the exact result: both sides round, in different orders. */
const ROUNDING_FACTOR = 8;
/** What passes at most because of rounding. */
const MOST_ROUNDING = 1e-2;

/** Colours that are drawn in each direction; between them they blend. */
const PATCHES = 6;
/** Of the grain on top, in parts of 255. */
const GRAIN = 24;

/**
 * Pictures of blurred patches of colour with some grain: unlike pure noise they have the large and smooth areas that networks
 * are trained on.
 * @returns [count, 3, S, S], normalised
 */
export function drawPatches(
  count: number,
  size: number,
  normalization: Normalization,
  seed: number,
): Float32Array {
  const table = normalizationTable(normalization);
  const random = Random.keyed(seed, count);
  const images = new Float32Array(count * 3 * size * size);
  const colours = new Float32Array((PATCHES + 1) ** 2);
  const step = PATCHES / size;
  let at = 0;
  for (let plane = 0; plane < count * 3; plane++) {
    colours.forEach((_, i) => {
      colours[i] = random.between(0, 255);
    });
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) {
        const value = blend(colours, x * step, y * step) + random.between(-GRAIN, GRAIN);
        const byte = Math.min(255, Math.max(0, Math.round(value)));
        images[at++] = table[(plane % 3) * 256 + byte] as number;
      }
  }
  return images;
}

/** Between the four colours around a place. */
function blend(colours: Float32Array, x: number, y: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [right, down] = [x - left, y - top];
  const row = (at: number) => (colours[at] as number) * (1 - right) + (colours[at + 1] as number) * right;
  const first = top * (PATCHES + 1) + left;
  return row(first) * (1 - down) + row(first + PATCHES + 1) * down;
}

function compare(expected: Floats, found: Floats | undefined): OutputError {
  if (found?.dims.join() !== expected.dims.join()) return { largest: Number.NaN, mean: Number.NaN };
  let [largest, sum] = [0, 0];
  expected.data.forEach((value, i) => {
    const error = Math.abs((found?.data[i] as number) - value) / Math.max(1, Math.abs(value));
    largest = Math.max(largest, error); // a NaN stays
    sum += error;
  });
  return { largest, mean: sum / Math.max(1, expected.data.length) };
}

type Outputs = Map<string, Floats>;

/** What the network says, by the outputs' names. */
function runNetwork(network: Network, { dims, data }: Floats): Outputs {
  const { device = 'cpu', dtype = 'float32' } = network.parameters()[0] ?? {};
  return tidy(() =>
    inferenceMode(() => {
      const output = network.forward(fromTypedArray(data, dims, { device, dtype }));
      return new Map(
        outputsOf(output, true).map(([name, tensor]) => [
          name,
          { dims: tensor.shape, data: tensor.float().toTypedArray() as Float32Array },
        ]),
      );
    }),
  );
}

/** The same in double precision; the network is left as it was. */
function runExactly(network: Network, inputs: readonly Floats[]): Outputs[] {
  network.to({ dtype: 'float64' });
  try {
    return inputs.map((images) => runNetwork(network, images));
  } finally {
    network.to({ dtype: 'float32' });
  }
}

/** Errors over several runs; outputs that were not found are left out if they are features, which one need not ask for. */
function compareAll(expected: readonly Outputs[], found: readonly Outputs[]): Record<string, OutputError> {
  const errors: Record<string, OutputError> = {};
  expected.forEach((outputs, run) => {
    for (const [name, value] of outputs) {
      const other = found[run]?.get(name);
      if (other === undefined && name.endsWith('_features')) continue;
      const { largest, mean } = compare(value, other);
      const known = errors[name] ?? { largest: 0, mean: 0 };
      errors[name] = { largest: Math.max(known.largest, largest), mean: Math.max(known.mean, mean) };
    }
  });
  return errors;
}

/**
 * Runs an exported model in ONNX Runtime and its network in libtorch on the same pictures, in several batch sizes and lengths.
 * @param model a file, or its bytes @param network in evaluation mode
 */
export async function validateOnnx(
  model: string | Uint8Array,
  network: Network,
  options: ValidationOptions,
): Promise<Validation> {
  const { normalization, tolerance, batches = [1, 2, 5], lengths = [1, 4], seed = 1 } = options;
  const { inputSize, sequence } = network.spec;
  const frames = sequence === undefined ? [[]] : lengths.map((length) => [length]);
  const shapes = frames.flatMap((length) =>
    batches.map((batch) => [batch, ...length, 3, inputSize, inputSize]),
  );
  const inputs = shapes.map((dims): Floats => {
    const count = dims.slice(0, -3).reduce((product, n) => product * n, 1);
    return { dims, data: drawPatches(count, inputSize, normalization, seed) };
  });
  const expected = inputs.map((images) => runNetwork(network, images));
  const found: Outputs[] = [];
  const session = await openSession(model);
  try {
    for (const images of inputs) found.push(await session.run({ [INPUT]: images }));
  } finally {
    await session.close();
  }
  const errors = compareAll(expected, found);
  const allowed = Object.fromEntries(Object.keys(errors).map((name) => [name, tolerance]));
  const passes = () =>
    Object.entries(errors).every(([name, { largest }]) => largest <= Number(allowed[name]));
  if (!passes() && network.parameters().every(({ dtype }) => dtype === 'float32')) {
    const rounding = compareAll(runExactly(network, inputs), expected);
    for (const name of Object.keys(allowed))
      allowed[name] = Math.max(
        tolerance,
        Math.min(MOST_ROUNDING, ROUNDING_FACTOR * (rounding[name]?.largest || 0)),
      );
  }
  return { errors, allowed, shapes, passed: passes() };
}
