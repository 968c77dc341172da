// Drawing without a browser: Observable Plot on linkedom's document, as SVG. Colours can be told apart by people with any
// kind of colour vision.

import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { escapeHtml } from './page.js';

/** Okabe and Ito (2008), without their yellow, which is too light on white. */
export const CATEGORIES = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00'];

/** DejaVu Sans ships with Mien for pictures; a browser takes what the reader's machine shows everything in. */
const FONT = 'system-ui, "Helvetica Neue", "DejaVu Sans", Arial, sans-serif';

/** Of a figure, in pixels. */
export const WIDTH = 880;

/** Hundredths of a pixel do for anybody; thousands of points would take half as much again. */
const COORDINATES = / (?:d|c?[xy]|[xy][12]|transform)="[^"]*"/g;

/** A figure as SVG; as HTML around it where it has a legend. */
export function drawn(options: Plot.PlotOptions): string {
  const { document } = parseHTML('<html><body></body></html>');
  const figure = Plot.plot({
    ...options,
    document,
    style: { fontFamily: FONT, fontSize: '13px', overflow: 'visible', background: 'white' },
  });
  return figure.outerHTML.replace(COORDINATES, (attribute: string) =>
    attribute.replace(/(\.\d\d)\d+/g, '$1'),
  );
}

/** Words at one place of a figure. */
export const words = (text: string, options: Plot.TextOptions): Plot.Text =>
  Plot.text([text], { text: (one: string) => one, fill: '#222', ...options });

/** A number as in print: −0.5. */
export const printed = (value: number): string => String(value).replace('-', '−');

/** 0, 500, 2k, 1.5M: for axes. */
export const tick = (count: number): string =>
  new Intl.NumberFormat('en', { notation: 'compact' }).format(count).replace('K', 'k');

/** Of a figure that is made of several: an SVG and where its upper left corner lies. */
export interface Placed {
  svg: string;
  x: number;
  y: number;
}

/** Several figures as one. */
export function together(
  parts: readonly Placed[],
  size: { width: number; height: number },
  label: string,
): string {
  const placed = parts.map(({ svg, x, y }) => svg.replace('<svg ', `<svg x="${x}" y="${y}" `));
  const { width, height } = size;
  return `<svg role="img" aria-label="${escapeHtml(label)}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${placed.join('')}</svg>`;
}
