// Drawings of a mouth, from a deep frown to a broad smile: the smallest data that has to do with faces, made here so
// that a first training needs no data set.

/** Side of the square images, in pixels. */
export const MOUTH_SIZE = 32;

/** Images and what they show. */
export interface Mouths {
  /** [count, 1, 32, 32], row-major, from 0 (dark) to 1 (light). */
  images: Float32Array;
  /** How far the corners are pulled up: −1 (frown) to 1 (smile). */
  valence: Float32Array;
}

/** mulberry32: numbers on [0, 1) that depend on the seed alone. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Draws `count` mouths of random curvature, place, width, thickness, skin tone and noise. */
export function drawMouths(count: number, seed: number): Mouths {
  const random = randomNumbers(seed);
  const between = (low: number, high: number): number => low + (high - low) * random();
  const images = new Float32Array(count * MOUTH_SIZE ** 2);
  const valence = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const pull = between(-1, 1);
    valence[i] = pull;
    const centre = { x: between(12, 20), y: between(12, 20) };
    const halfWidth = between(7, 11);
    const thickness = between(0.8, 2);
    const skin = between(0.5, 0.9);
    const lips = skin - between(0.25, 0.45);
    for (let y = 0; y < MOUTH_SIZE; y++) {
      for (let x = 0; x < MOUTH_SIZE; x++) {
        const along = (x - centre.x) / halfWidth;
        // A parabola: its corners lie `pull` half-widths times 0.6 above (smile) or below its middle.
        const lipLine = centre.y + pull * 0.6 * halfWidth * (0.5 - along ** 2);
        const cover = Math.abs(along) > 1 ? 0 : Math.max(0, 1 - Math.abs(y - lipLine) / thickness);
        images[(i * MOUTH_SIZE + y) * MOUTH_SIZE + x] = skin + (lips - skin) * cover + between(-0.06, 0.06);
      }
    }
  }
  return { images, valence };
}
