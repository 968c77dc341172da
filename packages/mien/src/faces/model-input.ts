// Pictures as networks take them, and the networks themselves as this room sees them.

import type { RgbImage } from '../images/index.js';

/** Floats with their shape. */
export interface Floats {
  dims: readonly number[];
  data: Float32Array;
}

/** A network that somebody else loaded: ONNX Runtime in Node or in the browser. */
export interface FaceModel {
  /** Every output by its name. */
  run(inputs: Readonly<Record<string, Floats>>): Promise<ReadonlyMap<string, Floats>>;
}

/** How a network wants its pixels: (byte − mean) · scale. */
export interface Normalisation {
  mean: readonly [red: number, green: number, blue: number];
  scale: number;
}

/** @returns [pictures, 3, height, width], all pictures being of one size */
export function toPlanes(pictures: readonly RgbImage[], normalisation: Normalisation): Floats {
  const { width = 0, height = 0 } = pictures[0] ?? {};
  const plane = width * height;
  const data = new Float32Array(pictures.length * 3 * plane);
  const tables = tablesOf(normalisation);
  pictures.forEach((picture, n) => {
    tables.forEach((table, channel) => {
      const target = data.subarray((3 * n + channel) * plane, (3 * n + channel + 1) * plane);
      for (let i = 0, from = channel; i < plane; i++, from += 3)
        target[i] = table[picture.data[from] as number] as number;
    });
  });
  return { dims: [pictures.length, 3, height, width], data };
}

/** What each byte becomes, per channel. */
export const tablesOf = ({ mean, scale }: Normalisation): Float32Array[] =>
  mean.map((middle) => Float32Array.from({ length: 256 }, (_, byte) => (byte - middle) * scale));

/** One of a network's outputs. @throws Error when the network is another one */
export function outputOf(outputs: ReadonlyMap<string, Floats>, name: string): Float32Array {
  const found = outputs.get(name);
  if (found === undefined)
    throw new Error(`a network without the output ${name}; it has ${[...outputs.keys()].join(', ')}`);
  return found.data;
}
