// Colour changes, each a 3 × 4 matrix on (red, green, blue, 1), so that any chain of them is one matrix and one pass.

/** [3, 4] row-major. */
export type ColourMatrix = readonly number[];

/** Luma of ITU-R BT.601, as Pillow's and torchvision's grey. */
const LUMA = [0.299, 0.587, 0.114] as const;
export const lumaOf = (red: number, green: number, blue: number): number =>
  LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue;
const IDENTITY: ColourMatrix = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];

/** From RGB to YIQ (NTSC 1953), in which hue is an angle, and back. */
const TO_YIQ: ColourMatrix = [
  0.299, 0.587, 0.114, 0, 0.5959, -0.2746, -0.3213, 0, 0.2115, -0.5227, 0.3112, 0,
];
const FROM_YIQ: ColourMatrix = [1, 0.956, 0.619, 0, 1, -0.272, -0.647, 0, 1, -1.106, 1.703, 0];

/** `second` after `first`. */
function after(second: ColourMatrix, first: ColourMatrix): ColourMatrix {
  const at = (m: ColourMatrix, row: number, column: number) => m[row * 4 + column] as number;
  return IDENTITY.map((_, i) => {
    const row = i >> 2;
    const column = i & 3;
    const sum = [0, 1, 2].reduce((total, k) => total + at(second, row, k) * at(first, k, column), 0);
    return column === 3 ? sum + at(second, row, 3) : sum;
  });
}

/** Towards or away from grey: torchvision's `adjust_saturation`. */
function saturation(factor: number): ColourMatrix {
  return IDENTITY.map((one, i) =>
    (i & 3) === 3 ? 0 : factor * one + (1 - factor) * (LUMA[i & 3] as number),
  );
}

function hue(turns: number): ColourMatrix {
  const [cosine, sine] = [Math.cos(2 * Math.PI * turns), Math.sin(2 * Math.PI * turns)];
  const rotation: ColourMatrix = [1, 0, 0, 0, 0, cosine, -sine, 0, 0, sine, cosine, 0];
  return after(FROM_YIQ, after(rotation, TO_YIQ));
}

const channelGains = ([red, green, blue]: readonly [number, number, number]): ColourMatrix => [
  ...[red, 0, 0, 0],
  ...[0, green, 0, 0],
  ...[0, 0, blue, 0],
];

export interface ColourChange {
  /** Factor on all channels; 1 changes nothing. */
  brightness: number;
  /** Factor on the distance from a middle grey; 1 changes nothing. */
  contrast: number;
  /** Factor on the distance from the pixel's grey; 1 changes nothing, 0 makes grey. */
  saturation: number;
  /** Rotation of hue in turns; 0 changes nothing. */
  hue: number;
  /** Factors on red, green and blue. */
  tint?: readonly [number, number, number];
}

/**
 * The mean grey of faces, about which contrast turns: the luma of FER+'s mean colour. A fixed one keeps the change the same for
 * every frame of a window, whatever is on it.
 */
const MIDDLE_GREY = 110.6;

/** Brightness, contrast, saturation, hue, then tint, on values of 0 … 255. */
export function colourMatrix(change: ColourChange): ColourMatrix {
  const gain = change.brightness * change.contrast;
  const shift = (1 - change.contrast) * MIDDLE_GREY;
  const light: ColourMatrix = [gain, 0, 0, shift, 0, gain, 0, shift, 0, 0, gain, shift];
  const coloured = after(saturation(change.saturation), light);
  const turned = change.hue === 0 ? coloured : after(hue(change.hue), coloured);
  return change.tint === undefined ? turned : after(channelGains(change.tint), turned);
}
