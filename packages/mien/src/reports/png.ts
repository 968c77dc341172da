// Figures as PNG, with their words on every machine: the font ships with Mien, and the system's are not looked at, so the
// same figure gives the same picture everywhere.

import { readFileSync } from 'node:fs';
import { FONT_FAMILY, FONT_FILES } from '../images/index.js';

/** Pixels of the picture for one of the SVG: sharp on screens of double density, and in a talk. */
const ZOOM = 1.5;

/** @param svg as it stands in a page: without a namespace @throws Error when the font is missing: a picture would then silently lack its words */
export async function svgToPng(svg: string): Promise<Uint8Array> {
  for (const file of FONT_FILES) readFileSync(file);
  const { Resvg } = await import('@resvg/resvg-js');
  const standalone = svg.replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ');
  const drawing = new Resvg(standalone, {
    background: 'white',
    fitTo: { mode: 'zoom', value: ZOOM },
    font: {
      loadSystemFonts: false,
      fontFiles: FONT_FILES,
      defaultFontFamily: FONT_FAMILY,
      sansSerifFamily: FONT_FAMILY,
    },
  });
  return drawing.render().asPng();
}
