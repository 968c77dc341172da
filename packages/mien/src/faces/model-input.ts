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
export function toPlanes(
  pictures: readonly RgbImage[],
  { mean: [red, green, blue], scale }: Normalisation,
): Floats {
  const { width = 0, height = 0 } = pictures[0] ?? {};
  const plane = width * height;
  const data = new Float32Array(pictures.length * 3 * plane);
  pictures.forEach(({ data: bytes }, n) => {
    let target = 3 * n * plane;
    for (let from = 0; from < 3 * plane; from += 3, target++) {
      data[target] = ((bytes[from] as number) - red) * scale;
      data[target + plane] = ((bytes[from + 1] as number) - green) * scale;
      data[target + 2 * plane] = ((bytes[from + 2] as number) - blue) * scale;
    }
  });
  return { dims: [pictures.length, 3, height, width], data };
}

/** One of a network's outputs. @throws Error when the network is another one */
export function outputOf(outputs: ReadonlyMap<string, Floats>, name: string): Float32Array {
  const found = outputs.get(name);
  if (found === undefined)
    throw new Error(`a network without the output ${name}; it has ${[...outputs.keys()].join(', ')}`);
  return found.data;
}
