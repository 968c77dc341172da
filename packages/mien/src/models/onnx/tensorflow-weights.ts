// Weights of a TensorFlow.js model: one after the other in a file, in the order of a manifest, many of them quantised.

import * as z from 'zod';
import { OnnxExportError } from './write.js';

export const WEIGHT = z.object({
  name: z.string(),
  shape: z.array(z.int().nonnegative()),
  dtype: z.enum(['float32', 'int32']),
  quantization: z
    .discriminatedUnion('dtype', [
      z.object({ dtype: z.literal('float16') }),
      z.object({ dtype: z.enum(['uint8', 'uint16']), scale: z.number(), min: z.number() }),
    ])
    .optional(),
});
type Weight = z.infer<typeof WEIGHT>;

export interface TensorFlowWeight {
  shape: readonly number[];
  data: Float32Array;
}

/** IEEE 754 half precision, from its bits. */
export function halfValue(bits: number): number {
  const [sign, exponent, fraction] = [bits >>> 15 ? -1 : 1, (bits >>> 10) & 31, bits & 1023];
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const BYTES = { float32: 4, int32: 4, float16: 2, uint16: 2, uint8: 1 } as const;

function read({ dtype, quantization }: Weight, bytes: DataView, count: number): Float32Array {
  const stored = quantization?.dtype ?? dtype;
  const element = (i: number): number => {
    const at = i * BYTES[stored];
    if (stored === 'float32') return bytes.getFloat32(at, true);
    if (stored === 'int32') return bytes.getInt32(at, true);
    if (stored === 'float16') return halfValue(bytes.getUint16(at, true));
    return stored === 'uint16' ? bytes.getUint16(at, true) : bytes.getUint8(at);
  };
  const scaled = quantization !== undefined && 'scale' in quantization ? quantization : { scale: 1, min: 0 };
  return Float32Array.from({ length: count }, (_, i) => element(i) * scaled.scale + scaled.min);
}

/** @throws OnnxExportError when the file does not hold as many bytes as the manifest says */
export function tensorFlowWeights(
  manifest: readonly Weight[],
  file: Uint8Array,
): ReadonlyMap<string, TensorFlowWeight> {
  const weights = new Map<string, TensorFlowWeight>();
  let at = 0;
  for (const weight of manifest) {
    const count = weight.shape.reduce((product, dim) => product * dim, 1);
    const length = count * BYTES[weight.quantization?.dtype ?? weight.dtype];
    if (at + length > file.length) throw new OnnxExportError(`weights that end before ${weight.name}`);
    const bytes = new DataView(file.buffer, file.byteOffset + at, length);
    weights.set(weight.name, { shape: weight.shape, data: read(weight, bytes, count) });
    at += length;
  }
  if (at !== file.length) throw new OnnxExportError(`${file.length - at} bytes after the last weight`);
  return weights;
}

/** Another order of the dimensions: `order[i]` is the old place of the new dimension i. */
export function transposed({ shape, data }: TensorFlowWeight, order: readonly number[]): TensorFlowWeight {
  const dims = order.map((from) => shape[from] as number);
  const steps = order.map((from) => shape.slice(from + 1).reduce((product, dim) => product * dim, 1));
  const result = new Float32Array(data.length);
  const index = dims.map(() => 0);
  for (let i = 0; i < result.length; i++) {
    result[i] = data[index.reduce((sum, value, k) => sum + value * (steps[k] as number), 0)] as number;
    for (let k = dims.length - 1; k >= 0; k--) {
      index[k] = (index[k] as number) + 1;
      if ((index[k] as number) < (dims[k] as number)) break;
      index[k] = 0;
    }
  }
  return { shape: dims, data: result };
}
