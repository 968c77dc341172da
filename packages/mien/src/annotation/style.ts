// What the parts of a panel draw with.

import type { Layout } from './layout.js';
import { createLettering, type Lettering } from './lettering.js';

export interface Style {
  /** Pixels. */
  em: number;
  roomy: boolean;
  text: Lettering;
  bold: Lettering;
  small: Lettering;
  /** Numbers that stand alone. */
  large: Lettering;
  /** Of thin lines, whole pixels. */
  hairline: number;
}

/** Letters smaller than this, pixels, cannot be read. */
const SMALLEST = 10;

export function createStyle({ em, roomy }: Layout): Style {
  return {
    em,
    roomy,
    text: createLettering(em, false),
    bold: createLettering(em, true),
    small: createLettering(Math.max(SMALLEST, 0.8 * em), false),
    large: createLettering(1.35 * em, true),
    hairline: Math.max(1, Math.round(em / 14)),
  };
}

/** Half the height of a capital, ems: text whose baseline is this far below a middle stands in it. */
export const HALF_CAPITAL = 0.365;
