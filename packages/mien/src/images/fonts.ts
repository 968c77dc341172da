// The font that ships with Mien, so that pictures have their words on every machine, and everywhere the same.

import { fileURLToPath } from 'node:url';

export const FONT_FAMILY = 'DejaVu Sans';

/** Regular, then bold. */
export const FONT_FILES = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((name) =>
  fileURLToPath(new URL(`../../assets/fonts/${name}`, import.meta.url)),
);
