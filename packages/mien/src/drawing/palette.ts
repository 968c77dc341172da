// The colours that follow from a skin: its shadows, lights, creases and blush.

import { type Colour, colour, hex, luma, mix, shade } from './colour.js';
import type { FaceIdentity } from './identity.js';

export interface Palette {
  skin: string;
  /** Of large soft shadows. */
  shadow: string;
  /** Of folds and lines. */
  crease: string;
  light: string;
  blush: string;
  lid: string;
  lash: string;
  lipUpper: string;
  lipLower: string;
  lipLight: string;
  lipLine: string;
  hair: string;
  hairDark: string;
  hairLight: string;
}

const WHITE: Colour = colour('#fff4e6');

export function paletteOf({ skin, mouth, hair }: FaceIdentity): Palette {
  const base = colour(skin.colour);
  const lips = colour(mouth.colour);
  const strands = colour(hair.colour);
  const dark = 1 - luma(base);
  return {
    skin: hex(base),
    shadow: hex(shade(base, 0.66 - 0.12 * dark)),
    crease: hex(shade(base, 0.46 - 0.2 * dark)),
    light: hex(mix(base, WHITE, 0.55 - 0.15 * dark)),
    blush: hex(mix(base, colour('#e0464a'), 0.5)),
    lid: hex(mix(shade(base, 0.86), colour('#a8605a'), 0.15)),
    lash: hex(mix(colour('#1c1210'), shade(base, 0.3), 0.25)),
    lipUpper: hex(shade(lips, 0.86)),
    lipLower: hex(lips),
    lipLight: hex(mix(lips, WHITE, 0.45)),
    lipLine: hex(mix(shade(lips, 0.42), colour('#3a1210'), 0.5)),
    hair: hex(strands),
    hairDark: hex(shade(strands, 0.6)),
    hairLight: hex(mix(strands, WHITE, 0.22)),
  };
}
