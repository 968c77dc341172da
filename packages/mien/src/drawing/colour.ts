// Colours as red, green and blue from 0 to 255, mixed in plain sRGB as a painter mixes opaque colours.

export type Colour = readonly [red: number, green: number, blue: number];

export function colour(hex: string): Colour {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

export const hex = (one: Colour): string =>
  `#${one
    .map((part) =>
      Math.round(Math.min(255, Math.max(0, part)))
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;

/** @param share of `b`, 0 … 1 */
export const mix = (a: Colour, b: Colour, share: number): Colour => [
  a[0] + (b[0] - a[0]) * share,
  a[1] + (b[1] - a[1]) * share,
  a[2] + (b[2] - a[2]) * share,
];

/** In shadow: blue is lost before red, so that skin stays warm. @param light 0 (black) … 1 (unchanged) */
export const shade = ([red, green, blue]: Colour, light: number): Colour => [
  red * light ** 0.85,
  green * light,
  blue * light ** 1.05,
];

/** A colour from a scale of evenly spaced ones. @param at 0 … 1 */
export function along(scale: readonly Colour[], at: number): Colour {
  const place = Math.min(1, Math.max(0, at)) * (scale.length - 1);
  const low = Math.min(scale.length - 2, Math.floor(place));
  return mix(scale[low] as Colour, scale[low + 1] as Colour, place - low);
}

/** Perceived lightness, 0 … 1 (Rec. 601 weights). */
export const luma = ([red, green, blue]: Colour): number =>
  (0.299 * red + 0.587 * green + 0.114 * blue) / 255;
