// Figures as PNG, with their words on every machine: the font ships with Mien, and the system's are not looked at, so the
// same figure gives the same picture everywhere.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FAMILY = 'DejaVu Sans';
const FONTS = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((name) =>
  fileURLToPath(new URL(`../../assets/fonts/${name}`, import.meta.url)),
);

/** Pixels of the picture for one of the SVG: sharp on screens of double density, and in a talk. */
const ZOOM = 1.5;

/** @param svg as it stands in a page: without a namespace @throws Error when the font is missing: a picture would then silently lack its words */
export async function svgToPng(svg: string): Promise<Uint8Array> {
  for (const file of FONTS) readFileSync(file);
  const { Resvg } = await import('@resvg/resvg-js');
  const standalone = svg.replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ');
  const drawing = new Resvg(standalone, {
    background: 'white',
    fitTo: { mode: 'zoom', value: ZOOM },
    font: { loadSystemFonts: false, fontFiles: FONTS, defaultFontFamily: FAMILY, sansSerifFamily: FAMILY },
  });
  return drawing.render().asPng();
}
