// Weights of a pool that has one for each place, brought to a map of another size.

import type { RawTensor } from '@mien/torch';

/** Where the centre of each of `to` cells lies among `from` cells: the two next to it, and the second one's share. */
function neighbours(from: number, to: number) {
  return Array.from({ length: to }, (_, i) => {
    const at = Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
    const first = Math.min(Math.floor(at), Math.max(from - 2, 0));
    return { first, second: Math.min(first + 1, from - 1), share: at - first };
  });
}

/**
 * Bilinear between the places' centres, and weaker as there are more places, so that an even map gives the same sum.
 * @param weight [C, 1, k, k], float32 @param edge of the new map @returns [C, 1, edge, edge]
 */
export function resizedPool({ dtype, shape, data }: RawTensor, edge: number): RawTensor {
  const [channels = 0, , old = 0] = shape;
  const from = new Float32Array(data.buffer, data.byteOffset, channels * old * old);
  const to = new Float32Array(channels * edge * edge);
  const places = neighbours(old, edge);
  for (let channel = 0; channel < channels; channel++) {
    const at = (y: number, x: number) => from[(channel * old + y) * old + x] as number;
    const start = channel * edge * edge;
    let [sumBefore, sumAfter] = [0, 0];
    for (let i = 0; i < old * old; i++) sumBefore += from[channel * old * old + i] as number;
    places.forEach((row, y) => {
      places.forEach((column, x) => {
        const above =
          at(row.first, column.first) * (1 - column.share) + at(row.first, column.second) * column.share;
        const below =
          at(row.second, column.first) * (1 - column.share) + at(row.second, column.second) * column.share;
        const value = ((above * (1 - row.share) + below * row.share) * (old * old)) / (edge * edge);
        to[start + y * edge + x] = value;
        sumAfter += value;
      });
    });
    const lacking = (sumBefore - sumAfter) / (edge * edge);
    for (let i = 0; i < edge * edge; i++) to[start + i] = (to[start + i] as number) + lacking;
  }
  return { dtype, shape: [channels, 1, edge, edge], data: new Uint8Array(to.buffer) };
}
